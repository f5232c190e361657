package repair

import (
	"context"
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// job is the repair of one log: what it is to do, who is told of every change,
// and what it came to.
type job struct {
	ctx  context.Context
	log  *stream.Log
	sink mend.Sink
	mend.Options
	observe []func(mend.Change) error

	mend.Summary
}

func (c *Command) job(env *cli.Env, log *stream.Log, s mend.Sink) *job {
	return &job{ctx: env.Ctx, log: log, sink: s, Options: mend.Options{Checker: c.Checker(env.Now), FixNumbers: c.FixNumbers, Rejoin: c.Rejoin,
		DropUnknown: c.DropUnknown, Settle: time.Duration(c.Settle)}}
}

func (j *job) run() (err error) {
	j.OnChange = func(c mend.Change) error {
		for _, o := range j.observe {
			if err := o(c); err != nil {
				return fmt.Errorf("record what was dropped: %w", err)
			}
		}
		return nil
	}
	j.Summary, err = mend.Into(j.ctx, j.log, j.sink, j.Options)
	return err
}

// heldOr reports a last line that an earlier look found in flight as held
// still, even if its writer takes a rest now; held is asked about any other.
func heldOr(seen *stream.Tail, held func() (bool, error)) func(stream.Tail) (bool, error) {
	return func(last stream.Tail) (bool, error) {
		if seen != nil && seen.Offset == last.Offset {
			return true, nil
		}
		return held()
	}
}
