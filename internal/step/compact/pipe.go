package compact

import (
	"fmt"
	"io"
	"os"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// pipe applies the limits to standard input. What stays goes to standard
// output, or to --output once the input has ended well.
func (c *Command) pipe(env *cli.Env, f *fileReport) error {
	src, err := stream.FromReader("standard input", env.Stdin)
	if err != nil {
		return err
	}
	defer src.Close()
	f.Unlimited = !c.Limited()
	var sum selection.Summary
	print := func(w io.Writer) error {
		o := c.options(env, true)
		o.Force = true // what it refuses is told at the end
		sum, err = selection.Print(env.Ctx, src, o, w)
		return err
	}
	out := &output{w: env.Stdout}
	switch {
	case c.DryRun:
		err = print(io.Discard)
	case c.OutputTo == "" || c.OutputTo == "-":
		err = print(out)
		f.broken = out.failed
	default:
		// An input that failed, and one that was cut off, leave the file as it
		// was. Others may be writing to it.
		var done durable.Report
		done, err = durable.Replace(env.Ctx, c.OutputTo, 0o666, c.durable(), func(w io.Writer) error {
			if err := print(w); err != nil {
				return err
			}
			return c.refused(env, &sum, c.OutputTo)
		})
		f.Changed, f.Outcome = err == nil, done.Outcome
		f.Output = c.OutputTo
	}
	f.printed(&sum)
	sum.Read = max(sum.Read, src.Size()) // a file is not read if nothing of it can stay
	f.BytesBefore = sum.Read
	if f.Output == "" && err == nil {
		if refused := c.refused(env, &sum, ""); refused != nil {
			f.Guard = refused.Error()
		}
	}
	if out.failed {
		return fmt.Errorf("write output: %w", err)
	}
	return err
}

// refused is why what came in must not take the place of a log, without
// --force.
func (c *Command) refused(env *cli.Env, sum *selection.Summary, output string) error {
	if c.Force {
		return nil
	}
	if sum.Clock != nil {
		return explain("standard input", sum.Clock)
	}
	if sum.Records > 0 {
		return nil
	}
	if output == "" {
		if sum.Read == 0 || !c.Limited() {
			return nil
		}
		return c.empties(env, "standard input", sum.Read)
	}
	info, err := os.Stat(output)
	if err != nil || info.Size() == 0 {
		return nil // it holds nothing
	}
	return c.empties(env, output, info.Size())
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
