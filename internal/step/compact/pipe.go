package compact

import (
	"fmt"
	"io"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// pipe applies the limits to standard input. What stays goes to standard output,
// or to --output once the input has ended well.
func (c *Command) pipe(env *cli.Env, f *fileReport) error {
	src, err := stream.FromReader("standard input", env.Stdin)
	if err != nil {
		return err
	}
	defer src.Close()
	f.Unlimited = !c.Limited()
	var sum selection.Summary
	print := func(w io.Writer) error {
		sum, err = selection.Print(env.Ctx, src, c.options(env), w)
		return explain("standard input", err)
	}
	out := &output{w: env.Stdout}
	switch {
	case c.DryRun:
		err = print(io.Discard)
	case c.OutputTo == "" || c.OutputTo == "-":
		err = print(out)
		f.broken = out.failed
	default:
		// An input that failed, and one that was cut off, leave the file as it was. Others may be writing to it.
		var done durable.Report
		done, err = durable.Replace(env.Ctx, c.OutputTo, 0o666, c.durable(), print)
		f.Changed, f.Guarantee = err == nil, done.Guarantee
		f.Output = c.OutputTo
	}
	f.printed(&sum)
	if out.failed {
		return fmt.Errorf("write output: %w", err)
	}
	return err
}

// output remembers that writing failed, which is no fault of the log.
type output struct {
	w      io.Writer
	failed bool
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.failed = o.failed || err != nil
	return n, err
}
