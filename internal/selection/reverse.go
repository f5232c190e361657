package selection

import (
	"context"
	"errors"

	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/policy"
)

// reverse prints a log from its end, as it is read.
type reverse struct {
	finder
	out   *sink
	over  bool // everything older is out of the window
	stays bool // damaged lines here stay: the record after them does
}

// printReverse prints a log that can be read from its end, the last line first.
func printReverse(ctx context.Context, log *Log, o *Options, out *sink) error {
	v := &reverse{out: out, stays: true}
	v.pass = newPass(ctx, log, o, out.sum)
	v.window = window{rule: o.Rule, limit: o.Limit}
	r := oldwalk.NewBackward(log.At, log.Size, o.readerOptions(0))
	v.over = o.Damage != Pass && v.full()
	if v.over && !o.Invert {
		out.sum.From = log.Size
		return nil
	}
	v.start = log.Size // all blocks from there on are done
	err := eachBackward(ctx, r, o.Workers, newJudge(o).work, v.fold)
	switch {
	case errors.Is(err, oldwalk.ErrNeedForward):
		// What is left is read from its start, and held to be turned round.
		h := newHold(ctx, log, o, v.window.total, out)
		h.lastStays = v.stays && !v.over
		h.seen = v.seen
		if v.over {
			h.rule = policy.Policy{MaxRecords: new(int64(-1))}.At(o.Rule.Now()) // nothing is in the window
		}
		return h.read(log.between(ctx, 0, v.start, o))
	case err != nil:
		return err
	}
	out.sum.From = v.start
	if v.start == 0 {
		return v.end()
	}
	return nil
}

func (v *reverse) fold(b *oldwalk.Block, p *part) error {
	if b.Kind != oldwalk.Lines {
		return oldwalk.ErrNeedForward
	}
	if err := v.take(b, p); err != nil {
		return err
	}
	for i := len(p.spans) - 1; i >= 0; i-- {
		s := p.spans[i]
		if err := v.lines(b, s); err != nil {
			return err
		}
	}
	v.start = b.Offset
	if v.over && !v.o.Invert {
		return errEnough
	}
	return nil
}

// lines prints lines of one class, the last one first, or leaves them out.
func (v *reverse) lines(b *oldwalk.Block, s span) error {
	switch s.class {
	case unfit:
		return nil
	case broken:
		if v.o.Damage != Pass {
			return nil
		}
		return v.print(b, s, v.stays && !v.over)
	case aged:
		v.stays = false
		return v.print(b, s, false)
	}
	for s.records > 0 && !v.over {
		rest := s
		if !v.has(s.of()) {
			rest = s.last(b.Data)
			if v.over = !v.has(rest.of()); v.over {
				break
			}
		}
		v.window.total = v.window.total.add(rest.of())
		v.stays = true
		if err := v.print(b, rest, s.class == match); err != nil {
			return err
		}
		v.over = v.o.Damage != Pass && v.full()
		s = s.without(rest)
	}
	if s.records > 0 {
		return v.print(b, s, false)
	}
	return nil
}

func (v *reverse) print(b *oldwalk.Block, s span, selected bool) error {
	if selected == v.o.Invert {
		return nil
	}
	return v.out.reversed(b.Data[s.from:s.to], s.open, int64(s.records), s.class)
}
