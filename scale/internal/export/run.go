package export

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/papyra-tools/papyra/internal/cli"
)

// maxRead is how many entries of a stream Papyra's reader takes, the oldest
// first.
const maxRead = 50000

// preflight looks at all logs before anything is sent, and says what stands in
// the way. Standard input comes once only, and is judged while it is sent.
func (c *Command) preflight(env *cli.Env, inputs []cli.Input) error {
	p := newPlacer(c, env.Now())
	var errs []error
	for _, in := range inputs {
		if in.Stdin {
			continue
		}
		found := obstacles{path: in.Path, by: map[refusal]*obstacle{}}
		p.begin(in)
		if err := c.walk(env, in, &lines{each: func(l *line) error { return found.note(p, l) }, flush: env.Ctx.Err}, false); err != nil {
			return err
		}
		errs = append(errs, found.errors()...)
	}
	return errors.Join(errs...)
}

// begin tells which log comes next.
func (p *placer) begin(in cli.Input) {
	p.log = filepath.Base(in.Path)
	if in.Stdin {
		p.log = "stdin"
	}
}

// obstacles are what keeps a log from being exported.
type obstacles struct {
	path  string
	by    map[refusal]*obstacle
	order []*obstacle
}

type obstacle struct {
	refusal
	lines, first int64
}

// maxObstacles is how many different ones are told of a log.
const maxObstacles = 20

// note counts a line if it cannot be exported.
func (o *obstacles) note(p *placer, l *line) error {
	_, err := p.place(l)
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	if o.by[*r] == nil {
		if len(o.order) == maxObstacles {
			return nil
		}
		o.by[*r] = &obstacle{refusal: *r, first: l.offset}
		o.order = append(o.order, o.by[*r])
	}
	o.by[*r].lines++
	return nil
}

func (o *obstacles) errors() (errs []error) {
	for _, x := range o.order {
		more := ""
		if x.lines > 1 {
			more = fmt.Sprintf(", and so for %d lines in all", x.lines)
		}
		errs = append(errs, cli.Failf(x.code(), "%s: %s, at byte %d%s: nothing was exported (%s)", o.path, x.what, x.first, more, x.hint))
	}
	return errs
}

// code is the exit code that a refusal ends the process with.
func (r *refusal) code() int {
	if r.damage {
		return cli.ExitAnomalies
	}
	return cli.ExitFailed
}

// send brings the logs into streams. server is the sink if it is one, else nil.
func (c *Command) send(env *cli.Env, inputs []cli.Input, out sink, server *redisSink) error {
	err := c.preflight(env, inputs)
	if err != nil {
		return err
	}
	p := newPlacer(c, env.Now())
	for _, in := range inputs {
		p.begin(in)
		each := func(l *line) error {
			e, err := p.place(l)
			var r *refusal
			if errors.As(err, &r) {
				return cli.Failf(r.code(), "at byte %d: %w", l.offset, err)
			}
			if e == nil || err != nil {
				return err
			}
			return out.add(e)
		}
		if err = c.walk(env, in, &lines{each: each, flush: out.flush}, true); err != nil {
			break // what was acknowledged is told all the same
		}
	}
	return errors.Join(err, c.reportStreams(env, p, server))
}
