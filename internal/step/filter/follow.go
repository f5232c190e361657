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
	log, err := stream.Open(env.Ctx, in.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.Missing == "ok" && c.Profile == "auto":
		return cli.Usagef("--profile auto requires a log that is there: what nothing is known of has no profile")
	case errors.Is(err, fs.ErrNotExist):
		if err := c.Absent(in.Path); err != nil {
			return err
		}
		c.note(env, "%s does not exist yet", in.Path)
	case err != nil:
		return err
	case !log.Seekable():
		return errors.Join(cli.Usagef("--follow requires a file that is not compressed, which %s is not", in.Path), log.Close())
	default:
		log.Close()
	}
	defer func() { c.report(env, in.Path, &f.Summary) }()
	return follow.Run(env.Ctx, follow.Options{
		Path: in.Path, Missing: c.Missing == "ok",
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
}
