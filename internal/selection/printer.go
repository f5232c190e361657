package selection

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// printer is a visitor that prints a log as it is read, from either end. All
// that is selected stands from start on.
type printer struct {
	*pass
	out   *sink
	start int64
	// Of damaged lines the next record decides, which an age limit may drop. In
	// a walk forward they wait for it in pending; in one backward stays has what
	// it said.
	patient bool
	pending *spool.Spool
	pended  int64
	stays   bool
}

// printPart prints what is selected of a part of a log; see Options.walk.
func printPart(ctx context.Context, log *stream.Log, part stream.Range, start int64, o *Options, out *sink) (err error) {
	p := &printer{pass: newPass(log, o, out.sum), out: out, start: start, stays: true,
		patient: o.Damage == Pass && o.Rule.Policy().Alone(), pending: newSpool(o)}
	defer func() { err = errors.Join(err, p.pending.Close()) }()
	walk := stream.Forward
	if o.Reverse {
		walk = stream.Backward
	}
	end, err := walk(ctx, log, o.walk(part.From, part.To), p)
	if errors.Is(err, stream.ErrNeedForward) {
		return p.older(ctx, end)
	}
	if err == nil {
		err = p.settle(true)
	}
	if err == nil && part.From == 0 {
		err = p.end(end)
	}
	return err
}

// Fold takes a block in.
func (p *printer) Fold(b *stream.Block, sp stream.Part) error {
	part := sp.(*part)
	if err := p.take(b, part); err != nil {
		return err
	}
	for i := range part.spans {
		if p.o.Reverse {
			i = len(part.spans) - 1 - i
		}
		s := part.spans[i]
		older, newer := s, s
		if cut := p.start - b.Offset(int(s.from)); 0 < cut && b.Offset(int(s.to)) > p.start {
			older, newer = s.split(b.Data, s.from+int32(cut))
			if p.o.Reverse {
				older, newer = newer, older
			}
			if err := p.span(b, older); err != nil {
				return err
			}
		}
		if err := p.span(b, newer); err != nil {
			return err
		}
	}
	if b.Live {
		return p.out.w.Flush() // who waits for it may be waiting now
	}
	return nil
}

// span prints lines, which stand on one side of start, or leaves them out.
func (p *printer) span(b *stream.Block, s span) error {
	inside := b.Offset(int(s.from)) >= p.start
	switch {
	case s.class == unfit, s.class == broken && p.o.Damage != Pass:
		return nil
	case s.class == broken && p.o.Reverse:
		inside = inside && p.stays
	case s.class == broken && p.patient && inside:
		p.pended += int64(s.records)
		_, err := writeLines(p.pending, b.Data[s.from:s.to], s.open)
		return err
	case s.class != broken:
		p.stays = s.class != aged
		if err := p.settle(p.stays); err != nil {
			return err
		}
		inside = inside && s.class == match
	}
	if inside == p.o.Invert {
		return nil
	}
	return p.out.lines(b.Data[s.from:s.to], s.open, int64(s.records), s.class, p.o.Reverse)
}

// settle decides about the pending lines.
func (p *printer) settle(stay bool) error {
	if p.pended == 0 {
		return nil
	}
	n := p.pended
	p.pended = 0
	if stay == p.o.Invert {
		return p.pending.Close()
	}
	p.sum.Passed += n
	return p.pending.Take(func(r io.Reader) error {
		n, err := io.Copy(p.out.w, r)
		p.sum.Bytes += n
		return err
	})
}

// older goes on with a walk backward that came to a line which is too long for
// it: what is left is read from its start, and held without such lines.
func (p *printer) older(ctx context.Context, end stream.End) (err error) {
	p.unfinished(end)
	to := min(end.Offset, bound(p.log, end))
	if to == p.log.Size() {
		to = 0 // the last line itself is too long: its fate is open
	}
	h := newHeld(ctx, p.log, p.o, p.sum)
	defer func() { err = errors.Join(err, h.held.Close()) }()
	h.seen = p.seen
	if err := h.read(to); err != nil {
		return err
	}
	held, err := h.asLog()
	if err != nil {
		return err
	}
	o := h.again()
	o.marks, o.cuts = false, h.cuts
	p.pass = newPass(held, o, &Summary{})
	if p.start > 0 {
		p.start = math.MaxInt64 // the walk that found it was not stopped
	}
	_, err = stream.Backward(ctx, held, o.walk(0, 0), p)
	return err
}
