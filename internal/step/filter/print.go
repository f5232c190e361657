package filter

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// printAll prints what is selected of each log by itself. A log that fails does
// not keep the others from being printed.
func (c *Command) printAll(env *cli.Env, inputs []cli.Input, o selection.Options) error {
	var errs []error
	// The records are the data of this step, so that the report goes to
	// standard error.
	report := report.NewStream(env.Stderr, report.Format(c.Format), "", report.NewHead(env.Prog, cli.Version()))
	for _, in := range inputs {
		f, err := c.print(env, in, o)
		if c.Count && err == nil {
			err = c.count(env, in, len(inputs) > 1, f.Records)
		}
		f.Fail(err)
		if err := report.File(f); err != nil {
			return err
		}
		if err != nil {
			errs = append(errs, err)
		}
		if env.Ctx.Err() != nil || errors.Is(err, errOutput) {
			break
		}
	}
	if err := report.End(nil); err != nil {
		return err
	}
	err := errors.Join(errs...)
	if c.Format != "text" { // the report has said it, and must stay JSON
		err = cli.Exit(cli.CodeOf(err))
	}
	return err
}

// count prints how many records are selected of a log.
func (c *Command) count(env *cli.Env, in cli.Input, named bool, n int64) (err error) {
	if named {
		_, err = fmt.Fprintf(env.Stdout, "%s: %d\n", safetext.String(in.Path), n)
	} else {
		_, err = fmt.Fprintln(env.Stdout, n)
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", errOutput, err)
	}
	return err
}

// errOutput marks a failure that every further log would meet as well.
var errOutput = errors.New("write output")

// print prints what is selected of one log.
func (c *Command) print(env *cli.Env, in cli.Input, o selection.Options) (*fileReport, error) {
	f := &fileReport{Log: report.Log{Path: in.Path}}
	if err := c.Decide(env, in, c.Quiet); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	time, kind := c.Flags()
	if err := c.Needs(cli.Given(time, cli.Flag{Name: "--since", Set: c.Since.IsSet()},
		cli.Flag{Name: "--until", Set: c.Until.IsSet()}), cli.Given(kind, cli.Flag{Name: "--kind", Set: len(c.Kind) > 0})); err != nil {
		return f, err
	}
	o.Checker = c.Checker(env.Now)
	if c.Follow {
		return f, c.follow(env, in, o, f)
	}
	log, err := c.open(env, in, f)
	if err != nil || log == nil {
		return f, err
	}
	defer log.Close()
	if c.Range != nil {
		if o.Part, err = c.part(env, log); err != nil || o.Part == noLines {
			return f, err
		}
	}
	var bar *cli.Progress // none in the middle of the data
	if !env.StdoutIsTerminal() {
		bar = env.Progress(&c.Output, in.Path, log.Size())
	}
	o.OnProgress = bar.Add
	out := &output{w: env.Stdout}
	if c.Count {
		out.w = io.Discard
	}
	f.Summary, err = selection.Print(env.Ctx, log, &o, out)
	bar.Close()
	c.report(env, in.Path, &f.Summary)
	var clock *policy.ClockError
	switch {
	case out.failed != nil:
		err = fmt.Errorf("%w: %w", errOutput, out.failed)
	case errors.As(err, &clock):
		err = fmt.Errorf("%s: %w (--force goes on)", in.Path, err)
	}
	return f, err
}

// noLines is the part of a log in which no line starts.
var noLines = stream.Range{From: -1}

// part returns the lines that --range means.
func (c *Command) part(env *cli.Env, log *stream.Log) (stream.Range, error) {
	size, to := log.Size(), c.Range.To
	if c.Range.From > 0 && c.Range.From >= size {
		return noLines, fmt.Errorf("%s: the range begins at byte %d, but the log has %d bytes", log.Name(), c.Range.From, size)
	}
	if c.Range.From == 0 && (to == 0 || size >= 0 && to >= size) {
		return stream.Range{}, nil
	}
	if to == 0 {
		to = size
	}
	lines, err := log.LinesIn(env.Ctx, stream.Range{From: c.Range.From, To: to})
	switch {
	case err != nil:
		return noLines, fmt.Errorf("%s: %w", log.Name(), err)
	case lines.From == lines.To:
		return noLines, nil
	case lines.To == size:
		lines.To = 0 // the end, where the walk decides about the last line
	}
	return lines, nil
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
