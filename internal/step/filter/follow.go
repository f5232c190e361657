package filter

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/follow"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// follow prints what is selected of a log and goes on with what is appended.
func (c *Command) follow(env *cli.Env, in cli.Input, o selection.Options, f *fileReport) error {
	err := follow.Run(env.Ctx, follow.Options{
		Path: in.Path, Missing: c.Missing == "ok" && c.Profile != "auto",
		Note: func(format string, args ...any) { c.note(env, format, args...) },
		Print: func(log *stream.Log, lines stream.Range) error {
			o.Part = lines
			out := &output{w: env.Stdout}
			sum, err := selection.Print(env.Ctx, log, &o, out)
			f.Summary.Add(sum)
			if out.failed != nil {
				return fmt.Errorf("%w: %w", errOutput, out.failed)
			}
			return err
		},
	})
	c.report(env, in.Path, &f.Summary)
	if errors.Is(err, fs.ErrNotExist) {
		err = cli.Failf(cli.ExitFailed, "%s does not exist (--missing ok waits for it, if its --profile is not auto)", in.Path)
	}
	return err
}
