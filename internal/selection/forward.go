package selection

import (
	"context"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// forward prints a log as it is read. All that is selected stands from start
// on.
type forward struct {
	*pass
	out   *sink
	start int64
	// pending holds damaged lines of which the next record decides. There are
	// some only if an age limit may drop that record.
	pending *store
	pended  int64
	patient bool
}

// printForward prints what is selected of a log from an offset on, up to
// another; see Options.walk.
func printForward(ctx context.Context, log *stream.Log, from, to, start int64, o *Options, out *sink) error {
	f := &forward{pass: newPass(log, o, out.sum), out: out, start: start}
	f.patient = o.Damage == Pass && o.Rule.Policy().Alone()
	f.pending = newStore(o)
	defer f.pending.close()
	end, err := stream.Forward(ctx, log, o.walk(from, to), f)
	if err == nil {
		err = f.settle(true)
	}
	if err == nil && from == 0 {
		err = f.end(end)
	}
	return err
}

// Fold takes a block in.
func (f *forward) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := f.take(b, p); err != nil {
		return err
	}
	for _, s := range p.spans {
		if cut := f.start - b.Offset(int(s.from)); 0 < cut && b.Offset(int(s.to)) > f.start {
			older, newer := s.split(b.Data, s.from+int32(cut))
			if err := f.span(b, older, false); err != nil {
				return err
			}
			s = newer
		}
		if err := f.span(b, s, b.Offset(int(s.from)) >= f.start); err != nil {
			return err
		}
	}
	if b.Live {
		return f.out.w.Flush() // who waits for it may be waiting now
	}
	return nil
}

// span prints lines or leaves them out; inside says that they stand from start
// on.
func (f *forward) span(b *stream.Block, s span, inside bool) error {
	text := b.Data[s.from:s.to]
	if s.class >= broken {
		if f.o.Damage != Pass || s.class == unfit {
			return nil
		}
		if f.patient && inside {
			f.pended += int64(s.records)
			return f.pending.push(nil, text, s.open, sums{})
		}
		return f.print(text, s, inside)
	}
	if f.pended > 0 {
		if err := f.settle(s.class != aged); err != nil {
			return err
		}
	}
	return f.print(text, s, inside && s.class == match)
}

func (f *forward) print(text []byte, s span, selected bool) error {
	if selected == f.o.Invert {
		return nil
	}
	return f.out.lines(text, s.open, int64(s.records), s.class)
}

// settle decides about the pending lines.
func (f *forward) settle(stay bool) error {
	if f.pended == 0 {
		return nil
	}
	if stay != f.o.Invert {
		err := f.pending.each(func(data []byte) error { return f.out.lines(data, false, 0, broken) })
		if err != nil {
			return err
		}
		f.sum.Passed += f.pended
	}
	f.pended = 0
	return f.pending.clear()
}
