package filter

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// printAll prints what is selected of each log by itself. A log that fails does
// not keep the others from being printed.
func (c *Command) printAll(env *cli.Env, inputs []cli.Input, o selection.Options) error {
	var errs []error
	worst := cli.ExitOK
	for _, in := range inputs {
		err := c.print(env, in, o)
		if err == nil {
			continue
		}
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
	if len(errs) == 0 {
		return nil
	}
	return &cli.ExitError{Code: worst, Err: errors.Join(errs...)}
}

// errOutput marks a failure that every further log would meet as well.
var errOutput = errors.New("write output")

// print prints what is selected of one log.
func (c *Command) print(env *cli.Env, in cli.Input, o selection.Options) error {
	log, done, err := c.open(env, in)
	if err != nil || log == nil {
		return err
	}
	defer done()
	var bar *cli.Progress // none in the middle of the data
	if !env.StdoutIsTerminal() {
		bar = env.Progress(&c.Output, filepath.Base(in.Path), log.Size)
	}
	o.OnProgress = bar.Add
	out := &output{w: env.Stdout}
	sum, err := selection.Print(env.Ctx, log, &o, out)
	bar.Close()
	c.report(env, in.Path, &sum)
	var clock *policy.ClockError
	switch {
	case out.failed != nil:
		return fmt.Errorf("%w: %w", errOutput, out.failed)
	case errors.As(err, &clock):
		return fmt.Errorf("%s: %w (--force goes on)", in.Path, err)
	}
	return err
}

// open opens a log. It returns nil for one that does not exist.
func (c *Command) open(env *cli.Env, in cli.Input) (log *selection.Log, done func(), err error) {
	if in.Stdin {
		src, err := stream.FromReader("standard input", env.Stdin)
		if err != nil {
			return nil, nil, err
		}
		return selection.FromSource(src), func() { src.Close() }, nil
	}
	paths := []string{in.Path}
	if c.Rotated {
		set, err := stream.Rotated(in.Path, 0)
		if err != nil {
			return nil, nil, err
		}
		paths = set.Files
	}
	var sources []*stream.Source
	done = func() {
		for _, s := range sources {
			s.Close()
		}
	}
	for _, path := range paths {
		src, err := stream.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			if path == in.Path && len(sources) == 0 {
				c.note(env, "%s does not exist: like an empty log", path)
			}
			continue // or rotated a moment ago
		}
		if err != nil {
			done()
			return nil, nil, err
		}
		sources = append(sources, src)
	}
	switch len(sources) {
	case 0:
		return nil, done, nil
	case 1:
		return selection.FromSource(sources[0]), done, nil
	}
	return selection.Join(in.Path, sources), done, nil
}

// report says what was not printed for being damaged.
func (c *Command) report(env *cli.Env, path string, sum *selection.Summary) {
	switch n := sum.Damaged; {
	case n == 0 || c.OnCorrupt == "fail":
	case c.OnCorrupt == "pass":
		c.note(env, "%s: %s, of these and blank ones %d printed", path, lines(n, "damaged"), sum.Passed)
	default:
		c.note(env, "%s: skipped %s", path, lines(n, "damaged"))
	}
	if sum.Unfinished > 0 {
		c.note(env, "%s: left out an unfinished last line of %d bytes", path, sum.Unfinished)
	}
}

func lines(n int64, what string) string {
	if n == 1 {
		return "1 " + what + " line"
	}
	return fmt.Sprintf("%d %s lines", n, what)
}

// note says something to a person.
func (c *Command) note(env *cli.Env, format string, args ...any) {
	fmt.Fprintf(env.Notes(&c.Output), "%s: %s\n", env.Prog, safetext.String(fmt.Sprintf(format, args...)))
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
