package compact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// killDelay is how long the pipes of a command that was killed are waited for.
const killDelay = time.Second

// through is the user's own filter, and what it has made so far.
type through struct {
	args    []string
	checker *record.Checker
	mayDrop bool
	stderr  io.Writer

	in, out int64 // lines
}

// filter returns what --through says, or nil.
func (c *Command) filter(env *cli.Env) (*through, error) {
	if c.Through == "" {
		return nil, nil
	}
	t := &through{args: []string{"sh", "-c", c.Through}, checker: c.Checker(env.Now), mayDrop: c.ThroughMayDrop, stderr: env.Stderr}
	if !c.Shell {
		if t.args = words(c.Through); len(t.args) == 0 {
			return nil, cli.Usagef("--through wants a command whose quotes are closed")
		}
	}
	return t, nil
}

// words splits a command as a shell would that knows quotes and backslashes
// only: nothing is expanded. It returns nothing if a quote is not closed.
func words(command string) (args []string) {
	var word []byte
	var quote byte
	within := false
	for i := 0; i < len(command); i++ {
		ch := command[i]
		switch {
		case ch == '\\' && i+1 < len(command) && (quote == 0 || quote == '"' && (command[i+1] == '"' || command[i+1] == '\\')):
			i++
			word, within = append(word, command[i]), true
		case quote != 0 && ch == quote:
			quote = 0
		case quote == 0 && (ch == '\'' || ch == '"'):
			quote, within = ch, true
		case quote == 0 && strings.IndexByte(" \t\n", ch) >= 0:
			if within {
				args = append(args, string(word))
			}
			word, within = nil, false
		default:
			word, within = append(word, ch), true
		}
	}
	if quote != 0 {
		return nil
	}
	if within {
		args = append(args, string(word))
	}
	return args
}

// run has the command read what write writes, and writes to w what it makes of
// that, once every line of it was found to be a healthy record. It ends with
// ctx, and then no process of the command's goes on.
func (t *through) run(ctx context.Context, write func(io.Writer) error, w io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	in, feed := io.Pipe()
	cmd := exec.CommandContext(ctx, t.args[0], t.args[1:]...)
	cmd.Stdin, cmd.Stderr, cmd.WaitDelay = in, t.stderr, killDelay
	together(cmd)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("--through: %w", err)
	}
	counted := &lineCounter{w: feed}
	fed := make(chan error, 1)
	go func() {
		err := write(counted)
		_ = feed.CloseWithError(err)
		fed <- err
	}()
	made, err := stream.FromReader("the output of "+t.args[0], stdout)
	got := &healthy{w: w, checker: t.checker}
	if err == nil {
		_, err = stream.Forward(ctx, made, stream.Options{Checker: t.checker}, got)
	}
	if err != nil {
		stop() // before it is waited for
	}
	werr := cmd.Wait()
	_ = in.CloseWithError(errUnread)
	ferr := <-fed
	var exit *exec.ExitError
	switch {
	case context.Cause(ctx) != nil && err == nil:
		err = context.Cause(ctx)
	case err != nil:
	case errors.As(werr, &exit):
		err = fmt.Errorf("it ended with %s", exit)
	case ferr != nil && !errors.Is(ferr, errUnread):
		err = ferr
	case ferr != nil:
		err = errUnread
	case werr != nil:
		err = werr
	case got.lines != counted.lines() && (!t.mayDrop || got.lines > counted.lines()):
		err = fmt.Errorf("it made %d lines of %d (--through-may-drop lets it drop lines)", got.lines, counted.lines())
	}
	if err != nil {
		return fmt.Errorf("--through %s: %w", t.args[0], err)
	}
	t.in, t.out = t.in+counted.lines(), t.out+got.lines
	return nil
}

var errUnread = errors.New("it ended before it had read everything")

// lineCounter counts lines on their way.
type lineCounter struct {
	w    io.Writer
	n    int64
	open bool
}

func (l *lineCounter) Write(p []byte) (int, error) {
	l.n += int64(bytes.Count(p, []byte{'\n'}))
	if len(p) > 0 {
		l.open = p[len(p)-1] != '\n'
	}
	return l.w.Write(p)
}

func (l *lineCounter) lines() int64 {
	if l.open {
		return l.n + 1
	}
	return l.n
}

// healthy passes a text on as long as every line of it is a healthy record. It
// is a visitor.
type healthy struct {
	w       io.Writer
	checker *record.Checker
	lines   int64
}

// soundness is its part: the first line that is none.
type soundness struct {
	checker *record.Checker
	line    int
	bad     string
}

func (h *healthy) NewPart() stream.Part { return &soundness{checker: h.checker} }
func (s *soundness) Reset()             { s.bad = "" }

func (s *soundness) Line(l *stream.Line) {
	if s.bad != "" {
		return
	}
	r := &l.Result
	if !l.Terminated {
		s.bad = "it has no newline"
	}
	for _, fault := range r.Faults.Types() {
		if s.checker.Severity(fault) == record.Error {
			s.bad = fault.String()
			break
		}
	}
	if s.bad == "" && !r.IsRecord() {
		s.bad = "it is blank"
	}
	s.line = l.Index + 1
}

func (h *healthy) Fold(b *stream.Block, part stream.Part) error {
	if s := part.(*soundness); s.bad != "" {
		return fmt.Errorf("line %d of its output is not a healthy record: %s", h.lines+int64(s.line), s.bad)
	}
	h.lines += b.Lines
	_, err := h.w.Write(b.Data) // a healthy record has no run of NUL bytes
	return err
}

// throughTries is how often a log is filtered anew that was appended to in the
// moment of the exchange.
const throughTries = 5

// passThrough has what stays of the log of a session, and what is appended
// meanwhile, pass through the command on its way to out. The archive has the
// whole log: every line may be another one now.
func (c *Command) passThrough(env *cli.Env, s *durable.Session, log *stream.Log, o *selection.Options, plan *selection.Plan, out io.Writer) (g *gone, err error) {
	t, err := c.filter(env)
	if err == nil && c.Archive != "" && plan.Tail > 0 {
		g, err = c.archive(s, func(w io.Writer) (gone, error) {
			return gather(env.Ctx, log.Name(), io.NewSectionReader(log, 0, plan.Tail), o, w)
		})
	}
	if err == nil {
		err = t.ranges(env.Ctx, log, o, plan, out)
	}
	if err == nil && t.out == 0 && plan.Kept.Records > 0 && !c.Force {
		err = fmt.Errorf("--through %s: nothing would be left of %d lines (--force goes on)", t.args[0], t.in)
	}
	s.Through(func(late io.Reader, w io.Writer) error {
		return t.run(env.Ctx, func(in io.Writer) error { _, err := io.Copy(in, late); return err }, w)
	})
	return g, err
}

// ranges has what stays by a plan pass through the command.
func (t *through) ranges(ctx context.Context, log *stream.Log, o *selection.Options, plan *selection.Plan, out io.Writer) error {
	if plan.BytesKept == plan.Size-plan.Tail {
		return nil
	}
	return t.run(ctx, func(in io.Writer) error {
		return plan.Ranges(ctx, log, o, func(r selection.Range) error {
			_, err := io.Copy(in, io.NewSectionReader(log, r.From, r.To-r.From))
			return err
		})
	}, out)
}

// tryThrough is a dry run of the command.
func (c *Command) tryThrough(env *cli.Env, log *stream.Log, plan *selection.Plan) error {
	t, err := c.filter(env)
	if t == nil || err != nil {
		return err
	}
	return t.ranges(env.Ctx, log, c.options(env, false), plan, io.Discard)
}
