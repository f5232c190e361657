package selection

import (
	"bytes"
	"context"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// finder looks from the end of a log for the offset where the selection starts.
type finder struct {
	*pass
	newer  sums // of what is selected already
	start  int64
	to     int64 // where the log ends, but for a line in flight
	clean  bool  // all lines from start on are selected as they stand
	before bool  // look for what stands before the oldest selected record too
	// weighs says that damaged lines count with the record after them. open is
	// such a record, of which that is not yet known, and openEnd where it ends;
	// so are the lines that no record follows. If alone, the record that stands
	// there is gone by itself.
	weighs  bool
	open    sums
	openEnd int64
	alone   bool
	gaps    int64 // bytes of damaged lines that count
	trails  bool  // see fits
}

// findStart returns an offset such that a record is selected exactly if it
// survives the age limit, matches and stands from there on. If clean,
// everything from there on can be printed as it is, and newer.matches says how
// many records it is. It fails with stream.ErrNeedForward if the log can't be
// read from the end.
//
// If before, or if damaged lines are to pass, those in front of the oldest
// selected record stand from start on too.
func findStart(ctx context.Context, log *stream.Log, o *Options, before bool) (f *finder, err error) {
	f = &finder{pass: newPass(log, o, &Summary{}), start: log.Size(), to: log.Size(), clean: true,
		before: before || o.Damage == Pass, weighs: o.weighs(), openEnd: log.Size(), trails: before}
	if !f.before && f.full() {
		return f, nil
	}
	end, err := stream.Backward(ctx, log, o.walk(0, 0), f)
	if err != nil {
		return nil, err
	}
	f.unfinished(end)
	f.to = bound(log, end)
	if end.Offset == 0 && !f.close() {
		f.start = f.openEnd
	}
	f.start = min(f.start, f.to)
	if end.Offset == 0 && f.start == 0 {
		return f, f.end(end)
	}
	return f, nil
}

// full reports whether no older record can be selected any more.
func (f *finder) full() bool {
	return f.o.Rule.Reached(f.newer.Sum.Add(policy.Sum{Records: 1, Bytes: 1})) != policy.None || f.o.Limit != nil && f.newer.matches >= *f.o.Limit
}

// Fold takes a block in.
func (f *finder) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := f.take(b, p); err != nil {
		return err
	}
	end := int32(len(b.Data))
	for i := len(p.spans) - 1; i >= 0; i-- {
		s := p.spans[i]
		if s.to != end {
			f.clean = false // something that is in no span
		}
		end = s.from
		if done := f.span(b, s); done {
			return stream.ErrEnough
		}
	}
	if end != 0 {
		f.clean = false
	}
	f.start = b.Start
	return nil
}

// span takes lines in, the newest first, and reports whether the start is
// found.
func (f *finder) span(b *stream.Block, s span) bool {
	if s.class > other {
		f.clean = false
		return f.weighs && f.gap(s)
	}
	if !f.close() {
		f.start = f.openEnd
		return true
	}
	oldest := span{}
	if f.weighs {
		if oldest = s; s.records > 1 {
			oldest, s = s.split(b.Data, s.from+int32(bytes.IndexByte(b.Data[s.from:s.to], '\n'))+1)
		} else {
			s.records = 0
		}
	}
	for s.records > 0 {
		rest := s
		if !f.has(s.of()) {
			// Some of the lines, the newest ones, are still in the window.
			rest = s.last(b.Data)
			if !f.has(rest.of()) {
				f.start = b.Offset(int(s.to))
				return true
			}
		}
		f.newer = f.newer.add(rest.of())
		f.start = b.Offset(int(rest.lineStart()))
		f.clean = f.clean && s.class == match && rest.size == int64(rest.to-rest.from) && !rest.open
		if !f.before && f.full() {
			return true
		}
		s = s.without(rest)
	}
	if f.weighs {
		f.clean = f.clean && oldest.class == match && oldest.size == int64(oldest.to-oldest.from) && !oldest.open
		f.open, f.openEnd, f.alone = oldest.of(), b.Offset(int(oldest.to)), false
	}
	return false
}

// gap takes in lines that are no selectable records, of which the damaged ones
// count with the record after them, and reports whether the start is found.
func (f *finder) gap(s span) bool {
	switch {
	case s.class == aged:
		if !f.close() {
			f.start = f.openEnd
			return true
		}
		f.alone = true
	case s.class == broken && !f.alone:
		n := s.size
		if s.open && !f.trails {
			n++ // for the newline that it gets when it is printed
		}
		f.open.Bytes += n
		f.gaps += n
		if !f.fits() {
			f.start = f.openEnd
			return true
		}
	}
	return false
}

// close takes in the record that was open, and reports whether it is in the
// window.
func (f *finder) close() bool {
	if !f.fits() {
		return false
	}
	f.newer, f.open = f.newer.add(f.open), sums{}
	return true
}

// fits reports whether the open record is in the window. A plan keeps lines that
// no record follows in any case.
func (f *finder) fits() bool { return f.has(f.open) || f.trails && f.open.Records == 0 }

// has reports whether so much more still is in the window.
func (f *finder) has(more sums) bool {
	t := f.newer.add(more)
	return f.o.Rule.Reached(t.Sum) == policy.None && (f.o.Limit == nil || t.matches <= *f.o.Limit)
}
