package selection

import (
	"context"

	"github.com/papyra-tools/papyra/internal/oldwalk"
)

// forward prints a log as it is read. All that is selected stands from start on.
type forward struct {
	*pass
	out   *sink
	start int64
	// pending holds damaged lines of which the next record decides. There are
	// some only if an age limit may drop that record.
	pending *store
	pended  int64
	patient bool
	live    bool // what is selected is printed as it comes
}

// printForward reads a log with r, which begins at from, and prints it.
func printForward(ctx context.Context, log *Log, r *oldwalk.Reader, start int64, o *Options, out *sink) error {
	f := &forward{pass: newPass(ctx, log, o, out.sum), out: out, start: start}
	f.live = log.At == nil
	f.patient = o.Damage == Pass && o.Rule.Policy().MaxAge != nil
	f.pending = newStore(o)
	defer f.pending.close()
	whole := r.Offset() == 0
	err := oldwalk.Each(ctx, r, o.each(), newJudge(o).work, f.fold)
	if err == nil {
		err = f.settle(true)
	}
	if err == nil && whole {
		err = f.end()
	}
	return err
}

func (f *forward) fold(b *oldwalk.Block, p *part) error {
	if err := f.take(b, p); err != nil {
		return err
	}
	for _, s := range p.spans {
		if cut := f.start - b.Offset; int64(s.from) < cut && cut < int64(s.to) {
			older, newer := s.split(b.Data, int32(cut))
			if err := f.span(b, older, false); err != nil {
				return err
			}
			s = newer
		}
		if err := f.span(b, s, b.Offset+int64(s.from) >= f.start); err != nil {
			return err
		}
	}
	if f.live {
		return f.out.w.Flush() // who waits for it may be waiting now
	}
	return nil
}

// span prints lines or leaves them out; inside says that they stand from start on.
func (f *forward) span(b *oldwalk.Block, s span, inside bool) error {
	text := b.Data[s.from:s.to]
	if s.class >= broken {
		if f.o.Damage != Pass || s.class == unfit {
			return nil
		}
		if f.patient && inside {
			f.pended += int64(s.records)
			return f.pending.push(nil, text, false, sums{})
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
