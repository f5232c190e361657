package selection

import (
	"context"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// finder looks from the end of a log for the offset where the selection starts.
type finder struct {
	*pass
	window
	start  int64
	to     int64 // where the log ends, but for a line in flight
	top    int64 // the same while it is walked, without lines that are too long to be passed on
	clean  bool  // all lines from start on are selected as they stand
	before bool  // look for what stands before the oldest selected record too
	// weighed says that the damage counts in a limit by size: more is not
	// looked at than that.
	weighed bool
}

// findStart returns an offset such that a record is selected exactly if it
// survives the age limit, matches and stands from there on. If clean,
// everything from there on can be printed as it is, and matches says how many
// records it is. It fails with stream.ErrNeedForward if the log can't be read
// from the end.
//
// If before, or if damaged lines are to pass, those in front of the oldest
// selected record stand from start on too.
func findStart(ctx context.Context, log *stream.Log, o *Options, before bool) (f *finder, err error) {
	f = &finder{pass: newPass(log, o, &Summary{}), start: log.Size(), to: log.Size(), clean: true, before: before || o.Damage == Pass, weighed: before && o.Damage == Pass}
	f.window = window{rule: o.Rule, limit: o.Limit}
	if !f.before && f.full() {
		return f, nil
	}
	end, err := stream.Backward(ctx, log, o.walk(0, 0), f)
	if err != nil {
		return nil, err
	}
	f.unfinished(end)
	f.to = bound(log, end)
	f.start = min(f.start, f.to)
	if end.Offset == 0 && f.start == 0 {
		return f, f.end(end)
	}
	return f, nil
}

// full reports whether no older record can be selected any more.
func (f *finder) full() bool {
	t := f.window.total
	return f.rule.Reached(t.Add(policy.Sum{Records: 1, Bytes: 1})) != policy.None || f.limit != nil && t.matches >= *f.limit
}

// Fold takes a block in.
func (f *finder) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if err := f.take(b, p); err != nil {
		return err
	}
	if f.top == 0 {
		f.top = b.Start + b.Length
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
	if size := f.rule.Policy().MaxBytes; size != nil && f.weighed && !f.rule.Policy().Alone() && !b.Piece && f.window.total.Records > 0 && f.top-b.Start > *size {
		return stream.ErrEnough // with the damage among them they do not fit
	}
	return nil
}

// span takes lines in, the newest first, and reports whether the start is
// found.
func (f *finder) span(b *stream.Block, s span) bool {
	if s.class > other {
		f.clean = false
		if s.class == unfit {
			f.top -= s.size // it is not passed on, and so does not count
		}
		return false
	}
	for s.records > 0 {
		rest := s
		if one := s.of(); !f.has(one) {
			// Some of the lines, the newest ones, are still in the window.
			rest = s.last(b.Data)
			if !f.has(rest.of()) {
				f.start = b.Offset(int(s.to))
				return true
			}
		}
		f.window.total = f.window.total.add(rest.of())
		f.start = b.Offset(int(rest.lineStart()))
		f.clean = f.clean && s.class == match && rest.size == int64(rest.to-rest.from) && !rest.open
		if !f.before && f.full() {
			return true
		}
		s = s.without(rest)
	}
	return false
}

// has reports whether so much more still is in the window.
func (f *finder) has(more sums) bool {
	t := f.window.total.add(more)
	return f.rule.Reached(t.Sum) == policy.None && (f.limit == nil || t.matches <= *f.limit)
}
