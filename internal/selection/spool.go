package selection

import (
	"context"
	"errors"
	"io"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// spooled holds what may stay of a stream that has limits by count of single
// kinds: which records of the one kind stay is not known before its end, and
// those of the others between them wait in their places. What went once never
// comes back, so that a spool which has grown to twice its length is made anew
// of what would stay of it by then.
type spooled struct {
	*pass
	ctx  context.Context
	held *spool.Spool
	trim int64 // beyond this length
	// tail is where damaged lines begin that no record follows yet. They stay
	// or go with that, and count with it.
	tail int64
}

// printSpooled prints what is selected of a stream.
func printSpooled(ctx context.Context, log *stream.Log, o *Options, out *sink) (err error) {
	whole := *o
	whole.marks = true
	s := &spooled{pass: newPass(log, &whole, out.sum), ctx: ctx}
	s.held = s.empty()
	s.trim = 2 * s.held.Limit
	defer func() { err = errors.Join(err, s.held.Close()) }()
	end, err := stream.Forward(ctx, log, o.walk(0, 0), s)
	if err == nil {
		err = s.end(end)
	}
	if err != nil {
		return err
	}
	again := s.again()
	again.marks = false
	again.Fields, again.Limit, again.Reverse, again.Invert = o.Fields, o.Limit, o.Reverse, o.Invert
	return s.print(again, s.held.Size(), out.w)
}

// empty returns a new spool.
func (s *spooled) empty() *spool.Spool {
	return &spool.Spool{Limit: max(newStore(s.o).limit/4, 1), Dir: s.o.TempDir, What: "records"}
}

// again is how what is held is looked at. The clock and the damage were judged
// when it came in.
func (s *spooled) again() *Options {
	o := *s.o
	o.Fields, o.Limit = Fields{}, nil
	o.Reverse, o.Invert, o.Force, o.OnProgress = false, false, true, nil
	o.Settle, o.Held = 0, nil
	if o.Damage == Fail {
		o.Damage = Skip
	}
	return &o
}

// print prints what is held up to an offset, as the options want it.
func (s *spooled) print(o *Options, to int64, w io.Writer) error {
	r, err := s.held.Reader()
	if err != nil {
		return err
	}
	sum, err := Print(s.ctx, stream.FromReaderAt(s.log.Name(), r, to), o, w)
	s.sum.Records, s.sum.Bytes, s.sum.Passed = sum.Records, sum.Bytes, sum.Passed
	return err
}

// Fold takes a block in.
func (s *spooled) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := s.take(b, p); err != nil {
		return err
	}
	for _, line := range p.spans {
		if line.class == unfit || line.class == broken && s.o.Damage != Pass || line.class == aged && !s.o.Invert && s.o.Damage != Pass {
			continue
		}
		if _, err := s.held.Write(b.Data[line.from:line.to]); err != nil {
			return err
		}
		if line.open {
			if _, err := s.held.Write([]byte{'\n'}); err != nil {
				return err
			}
		}
		if line.class < broken {
			s.tail = s.held.Size()
		}
	}
	if s.held.Size() <= s.trim || s.o.Invert {
		return nil
	}
	old, kept := s.held, s.empty()
	defer old.Close()
	r, err := old.Reader()
	if err == nil {
		err = s.print(s.again(), s.tail, kept)
	}
	tail := s.tail
	s.held, s.tail = kept, kept.Size()
	if err == nil {
		_, err = io.Copy(kept, io.NewSectionReader(r, tail, old.Size()-tail))
	}
	s.trim = max(2*kept.Size(), s.trim)
	return err
}
