package selection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// spool holds what may stay of a stream that has limits by count of single kinds:
// which records of the one kind stay is not known before its end, and those of
// the others between them wait in their places. What went once never comes back,
// so that a spool which has grown to twice its length is made anew of what would
// stay of it by then.
type spool struct {
	*pass
	ctx  context.Context
	held *held
	trim int64 // beyond this length
}

// printSpooled prints what is selected of a stream.
func printSpooled(ctx context.Context, log *stream.Log, o *Options, out *sink) (err error) {
	s := &spool{pass: newPass(log, o, out.sum), ctx: ctx}
	s.held = s.empty()
	s.trim = 2 * s.held.limit
	defer func() { err = errors.Join(err, s.held.close()) }()
	end, err := stream.Forward(ctx, log, o.walk(0, 0), s)
	if err == nil {
		err = s.end(end)
	}
	if err != nil {
		return err
	}
	again := s.again()
	again.Fields, again.Limit, again.Reverse, again.Invert = o.Fields, o.Limit, o.Reverse, o.Invert
	return s.print(again, out.w)
}

// empty returns a new spool.
func (s *spool) empty() *held { return &held{limit: newStore(s.o).limit / 4, dir: s.o.TempDir} }

// again is how what is held is looked at. The clock and the damage were judged
// when it came in.
func (s *spool) again() *Options {
	o := *s.o
	o.Fields, o.Limit = Fields{}, nil
	o.Reverse, o.Invert, o.Force, o.OnProgress = false, false, true, nil
	o.Settle, o.Held = 0, nil
	if o.Damage == Fail {
		o.Damage = Skip
	}
	return &o
}

// print prints what is held, as the options want it.
func (s *spool) print(o *Options, w io.Writer) error {
	sum, err := Print(s.ctx, stream.FromReaderAt(s.log.Name(), s.held, s.held.size), o, w)
	s.sum.Records, s.sum.Bytes, s.sum.Passed = sum.Records, sum.Bytes, sum.Passed
	return err
}

// Fold takes a block in.
func (s *spool) Fold(b *stream.Block, sp stream.Part) error {
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
	}
	if s.held.size <= s.trim || s.o.Invert {
		return nil
	}
	old := s.held
	defer old.close()
	kept := s.empty()
	if err := s.print(s.again(), kept); err != nil {
		return errors.Join(err, kept.close())
	}
	s.held, s.trim = kept, max(2*kept.size, s.trim)
	return nil
}

// held is bytes that are written once and read at any place, in memory up to a
// limit and in an unlinked temporary file beyond.
type held struct {
	limit int64
	dir   string
	mem   []byte
	file  *spill
	size  int64
}

func (h *held) Write(p []byte) (int, error) {
	if h.file == nil && h.size+int64(len(p)) > h.limit {
		f, err := os.CreateTemp(h.dir, "papyra-*")
		if err != nil {
			return 0, fmt.Errorf("hold records in a temporary file: %w", err)
		}
		_ = os.Remove(f.Name()) // not on all systems while it is open: then close removes it
		h.file = &spill{f: f}
		mem := h.mem
		h.mem, h.size = nil, 0
		if _, err := h.Write(mem); err != nil {
			return 0, err
		}
	}
	if h.file == nil {
		h.mem = append(h.mem, p...)
		h.size += int64(len(p))
		return len(p), nil
	}
	n, err := h.file.f.WriteAt(p, h.size)
	h.size += int64(n)
	if err != nil {
		err = fmt.Errorf("hold records in a temporary file: %w", err)
	}
	return n, err
}

func (h *held) ReadAt(p []byte, off int64) (int, error) {
	if h.file != nil {
		return h.file.f.ReadAt(p, off)
	}
	return bytes.NewReader(h.mem).ReadAt(p, off)
}

func (h *held) close() error {
	if h.file == nil {
		return nil
	}
	return h.file.close()
}
