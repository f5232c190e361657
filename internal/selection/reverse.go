package selection

import (
	"context"
	"errors"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// reverse prints a log from its end, as it is read.
type reverse struct {
	finder
	out   *sink
	over  bool // everything older is out of the window
	stays bool // damaged lines here stay: the record after them does
}

// printReverse prints a log that can be walked backward, the last line first.
func printReverse(ctx context.Context, log *stream.Log, o *Options, out *sink) error {
	v := &reverse{out: out, stays: true}
	v.pass = newPass(log, o, out.sum)
	v.window = window{rule: o.Rule, limit: o.Limit}
	v.over = o.Damage != Pass && v.full()
	if v.over && !o.Invert {
		out.sum.From = log.Size()
		return nil
	}
	end, err := stream.Backward(ctx, log, o.walk(0, 0), v)
	v.unfinished(end)
	switch {
	case errors.Is(err, stream.ErrNeedForward):
		// What is left is read from its start, and held to be turned round.
		h := newHold(log, o, v.window.total, out)
		h.lastStays = v.stays && !v.over
		h.seen = v.seen
		if v.over {
			h.rule = policy.Policy{MaxRecords: new(int64(-1))}.At(o.Rule.Now()) // nothing is in the window
		}
		to := min(end.Offset, bound(log, end))
		if to == log.Size() {
			to = 0 // the last line itself is too long: its fate is open
		}
		return h.read(ctx, 0, to)
	case err != nil:
		return err
	}
	out.sum.From = end.Offset
	if end.Offset == 0 {
		return v.end(end)
	}
	return nil
}

// Fold takes a block in.
func (v *reverse) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := v.take(b, p); err != nil {
		return err
	}
	for i := len(p.spans) - 1; i >= 0; i-- {
		s := p.spans[i]
		if err := v.lines(b, s); err != nil {
			return err
		}
	}
	if v.over && !v.o.Invert {
		return stream.ErrEnough
	}
	return nil
}

// lines prints lines of one class, the last one first, or leaves them out.
func (v *reverse) lines(b *stream.Block, s span) error {
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

func (v *reverse) print(b *stream.Block, s span, selected bool) error {
	if selected == v.o.Invert {
		return nil
	}
	return v.out.reversed(b.Data[s.from:s.to], s.open, int64(s.records), s.class)
}
