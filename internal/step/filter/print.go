package filter

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
)

// printAll prints what is selected of each log by itself. A log that fails does
// not keep the others from being printed.
func (c *Command) printAll(env *cli.Env, inputs []cli.Input, o selection.Options) error {
	var errs []error
	worst := cli.ExitOK
	doc := document{Schema: 1, Tool: env.Prog, Version: cli.Version(), Files: []*fileReport{}}
	for _, in := range inputs {
		f := &fileReport{Path: in.Path}
		err := c.print(env, in, o, f)
		doc.Files = append(doc.Files, f)
		if err == nil {
			continue
		}
		f.Failure = err.Error()
		code := cli.ExitFailed
		var corrupt *selection.CorruptError
		if errors.As(err, &corrupt) {
			code = cli.ExitAnomalies
		}
		if worst != cli.ExitFailed {
			worst = code
		}
		errs = append(errs, err)
		if env.Ctx.Err() != nil || errors.Is(err, errOutput) {
			break
		}
	}
	if err := c.showJSON(env, &doc); err != nil {
		return err
	}
	if len(errs) == 0 {
		return nil
	}
	return &cli.ExitError{Code: worst, Err: errors.Join(errs...)}
}

// errOutput marks a failure that every further log would meet as well.
var errOutput = errors.New("write output")

// print prints what is selected of one log.
func (c *Command) print(env *cli.Env, in cli.Input, o selection.Options, f *fileReport) error {
	log, done, err := c.open(env, in)
	if err != nil {
		return err
	}
	if log == nil {
		f.Missing = true
		return nil
	}
	defer done()
	var bar *cli.Progress // none in the middle of the data
	if !env.StdoutIsTerminal() {
		bar = env.Progress(&c.Output, filepath.Base(in.Path), log.Size)
	}
	o.OnProgress = bar.Add
	out := &output{w: env.Stdout}
	f.Summary, err = selection.Print(env.Ctx, log, &o, out)
	bar.Close()
	c.report(env, in.Path, &f.Summary)
	var clock *policy.ClockError
	switch {
	case out.failed != nil:
		return fmt.Errorf("%w: %w", errOutput, out.failed)
	case errors.As(err, &clock):
		return fmt.Errorf("%s: %w (--force goes on)", in.Path, err)
	}
	return err
}

// output remembers that writing failed, which is no fault of the log.
type output struct {
	w      io.Writer
	failed error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil {
		o.failed = err
	}
	return n, err
}
