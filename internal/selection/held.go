package selection

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sort"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// held is what may be selected of a log that can be read from its start only:
// the lines in the order of the log, but for those that are certain to go, and
// those that are never passed on. What went once never comes back, so that a
// spool which has grown is cut, or made anew of what would stay of it by then.
type held struct {
	*pass
	ctx  context.Context
	held *spool.Spool
	trim int64 // beyond this length
	// tail is where damaged lines begin that no record follows yet. They stay
	// or go with that, and count with it.
	tail int64
	cuts []int64 // those of the options, in what is held
	// marks are places in what is held, one a block, and the survivors before
	// each. If clean, all that is held are records that match.
	marks []mark
	clean bool
}

type mark struct {
	at     int64
	before sums
}

// cutBytes is what a spool in memory has grown by, at least, before what went is
// cut off, which costs little.
const cutBytes = 256 << 10

func newHeld(ctx context.Context, log *stream.Log, o *Options, sum *Summary) *held {
	whole := *o
	whole.marks = true
	h := &held{pass: newPass(log, &whole, sum), ctx: ctx, held: newSpool(o), cuts: slices.Clone(o.cuts), clean: true}
	clear(h.cuts)
	if h.trim = h.held.Limit; !h.byKind() {
		h.trim = min(h.trim, cutBytes)
	}
	return h
}

// read takes in the log from its start up to an offset; see Options.walk.
func (h *held) read(to int64) error {
	end, err := stream.Forward(h.ctx, h.log, h.o.walk(0, to), h)
	if err == nil {
		err = h.end(end)
	}
	return err
}

// newSpool returns an empty spool. Where kinds are limited there are up to four
// at a time.
func newSpool(o *Options) *spool.Spool {
	limit := o.HoldBytes
	if limit <= 0 {
		limit = DefaultHoldBytes
	}
	if o.Rule.Groups() != nil {
		limit = max(limit/4, 1)
	}
	return &spool.Spool{Limit: limit, Dir: o.TempDir, What: "records"}
}

// printHeld prints what is selected of a log that is held first.
func printHeld(ctx context.Context, log *stream.Log, o *Options, out *sink) (err error) {
	h := newHeld(ctx, log, o, out.sum)
	defer func() { err = errors.Join(err, h.held.Close()) }()
	if err := h.read(0); err != nil {
		return err
	}
	if h.clean && !o.Invert && !h.byKind() {
		return h.copy(out)
	}
	again := h.again()
	again.marks = false
	whole, err := h.asLog()
	if err != nil {
		return err
	}
	sum, err := Print(ctx, whole, again, out.w)
	out.sum.Records, out.sum.Bytes, out.sum.Passed = sum.Records, sum.Bytes, sum.Passed
	return err
}

// again is how what is held is looked at. The clock and the damage were judged
// when it came in.
func (h *held) again() *Options {
	o := *h.o
	o.Force, o.OnProgress, o.Settle, o.Held, o.cuts = true, nil, 0, nil, nil
	if o.Damage == Fail {
		o.Damage = Skip
	}
	return &o
}

// counts reports whether a record may go for the number or the size of others,
// whether those match or not.
func (h *held) counts() bool { return h.o.Rule.Policy().Suffix() || h.byKind() }

// byKind reports whether a record may go for the number of those of its kind.
func (h *held) byKind() bool { return h.o.Rule.Groups() != nil }

// asLog is what is held.
func (h *held) asLog() (*stream.Log, error) {
	r, err := h.held.Reader()
	if err != nil {
		return nil, err
	}
	return stream.FromReaderAt(h.log.Name(), r, h.held.Size()), nil
}

// Fold takes a block in.
func (h *held) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := h.take(b, p); err != nil {
		return err
	}
	if b.Start == 0 && bytes.HasPrefix(b.Data, []byte("\ufeff")) {
		h.clean = false // the mark is held, and not printed
	}
	if n := len(h.marks); n == 0 || h.marks[n-1].at < h.held.Size() {
		h.marks = append(h.marks, mark{h.held.Size(), h.total})
	}
	all := h.o.Invert || h.o.Damage == Pass // a record that goes decides about the damage before it
	for _, s := range p.spans {
		h.total = h.total.add(s.of())
		if s.class == unfit || s.class == broken && h.o.Damage != Pass || !all && (s.class == aged || s.class == other && !h.counts()) {
			continue
		}
		for i, cut := range h.o.cuts {
			if before := cut - b.Offset(int(s.from)); before > 0 {
				h.cuts[i] = h.held.Size() + min(before, int64(s.to-s.from))
			}
		}
		h.clean = h.clean && s.class == match
		if _, err := writeLines(h.held, b.Data[s.from:s.to], s.open); err != nil {
			return err
		}
		if s.class < broken {
			h.tail = h.held.Size()
		}
	}
	switch {
	case h.held.Size() <= h.trim || h.o.Invert || h.o.cuts != nil: // what is printed inverted never goes
		return nil
	case h.byKind():
		return h.sift()
	}
	return h.cut()
}

// cut drops what is outside, if that is worth it.
func (h *held) cut() error {
	at, limit := h.outside().at, h.held.Limit
	if h.held.Size() > limit && at < h.held.Size()/2 { // in a file, of which the rest would be copied
		h.trim = 2 * h.held.Size()
		return nil
	}
	h.marks = slices.DeleteFunc(h.marks, func(m mark) bool { return m.at < at })
	for i := range h.marks {
		h.marks[i].at -= at
	}
	h.tail = max(h.tail-at, 0)
	err := h.held.Drop(at)
	size := h.held.Size()
	h.trim = size + max(min(size, (limit-size)/2), min(cutBytes, limit))
	return err
}

// outside is the last mark behind which not even the next record is selected
// any more, or the first one.
func (h *held) outside() mark {
	i := sort.Search(len(h.marks), func(i int) bool { return h.selects(h.marks[i].before) })
	return h.marks[max(i-1, 0)]
}

// selects reports whether a record is selected that so many survivors stand
// before, if the log ended now.
func (h *held) selects(before sums) bool {
	return h.o.Rule.Reached(h.total.Sum.Sub(before.Sum)) == policy.None && (h.o.Limit == nil || h.total.matches-before.matches <= *h.o.Limit)
}

// copy prints the newest records, all of which match.
func (h *held) copy(out *sink) error {
	r, err := h.held.Reader()
	if err != nil || len(h.marks) == 0 {
		return err
	}
	from := h.outside()
	text := bufio.NewReaderSize(io.NewSectionReader(r, from.at, h.held.Size()-from.at), 128<<10)
	for line := int64(0); !h.selects(from.before); {
		part, err := text.ReadSlice('\n')
		line, from.at = line+int64(len(part)), from.at+int64(len(part))
		if err == nil {
			from.before = from.before.add(sums{policy.Sum{Records: 1, Bytes: line}, 1})
			line = 0
		} else if !errors.Is(err, bufio.ErrBufferFull) {
			break // nothing is selected
		}
	}
	err = printRange(h.ctx, r, from.at, h.held.Size(), out, h.o.Reverse)
	out.sum.Records = h.total.matches - from.before.matches
	return err
}

// sift makes the spool anew of what its records are by now.
func (h *held) sift() error {
	o := h.again()
	o.Reverse, o.Fields, o.Limit = false, Fields{}, nil // what does not match counts too
	// A record that goes for the number of its kind makes room for others.
	p := o.Rule.Policy()
	p.MaxBytes = nil
	o.Rule = p.At(o.Rule.Now())
	old, kept := h.held, newSpool(h.o)
	h.held = kept
	defer old.Close()
	r, err := old.Reader()
	if err == nil {
		_, err = Print(h.ctx, stream.FromReaderAt(h.log.Name(), r, h.tail), o, kept)
	}
	tail := h.tail
	h.tail = kept.Size()
	if err == nil {
		_, err = io.Copy(kept, io.NewSectionReader(r, tail, old.Size()-tail))
	}
	h.trim = max(2*kept.Size(), h.trim)
	return err
}
