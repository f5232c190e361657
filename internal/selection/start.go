package selection

import (
	"context"

	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/policy"
)

// finder looks from the end of a log for the offset where the selection starts.
type finder struct {
	*pass
	window
	start  int64
	clean  bool  // all lines from start on are selected as they stand
	before bool  // look for what stands before the oldest selected record too
	plan   bool  // an unterminated record stays in any case
	tail   int64 // where an unterminated last line starts, if before is set
}

// findStart returns an offset such that a record is selected exactly if it
// survives the age limit, matches and stands from there on. If clean, everything
// from there on can be printed as it is, and matches says how many records it is.
// It fails with oldwalk.ErrNeedForward if the log can't be read from the end.
//
// For a plan, and if damaged lines are to pass, those in front of the oldest
// selected record stand from start on too.
func findStart(ctx context.Context, log *Log, o *Options, plan bool) (f *finder, err error) {
	f = &finder{pass: newPass(ctx, log, o, &Summary{}), start: log.Size, clean: true,
		before: plan || o.Damage == Pass, plan: plan, tail: log.Size}
	f.window = window{rule: o.Rule, limit: o.Limit}
	if !f.before && f.full() {
		return f, nil
	}
	r := oldwalk.NewBackward(log.At, log.Size, o.readerOptions(0))
	if err := eachBackward(ctx, r, o.Workers, newJudge(o).work, f.fold); err != nil {
		return nil, err
	}
	if r.Offset() == 0 && f.start == 0 {
		return f, f.end()
	}
	return f, nil
}

// full reports whether no older record can be selected any more.
func (f *finder) full() bool {
	t := f.window.total
	return f.rule.Reached(t.Add(policy.Sum{Records: 1, Bytes: 1})) != policy.None || f.limit != nil && t.matches >= *f.limit
}

func (f *finder) fold(b *oldwalk.Block, p *part) error {
	if b.Kind != oldwalk.Lines {
		return oldwalk.ErrNeedForward
	}
	if err := f.take(b, p); err != nil {
		return err
	}
	if p.hasTail {
		f.clean = false
	}
	if end := b.Offset + b.Length; end == f.log.Size && !b.Terminated {
		f.tail = b.Offset + int64(lastLine(b.Data))
	}
	end := int32(len(b.Data))
	for i := len(p.spans) - 1; i >= 0; i-- {
		s := p.spans[i]
		if s.to != end {
			f.clean = false // something that is in no span
		}
		end = s.from
		if done := f.span(b, s); done {
			return errEnough
		}
	}
	if end != 0 {
		f.clean = false
	}
	f.start = b.Offset
	if b.Offset == 0 {
		return errEnough
	}
	return nil
}

// span takes lines in, the newest first, and reports whether the start is found.
func (f *finder) span(b *oldwalk.Block, s span) bool {
	if s.class > other {
		f.clean = false
		return false
	}
	for s.records > 0 {
		rest := s
		if one := s.of(); !f.has(one) {
			// Some of the lines, the newest ones, are still in the window.
			rest = s.last(b.Data)
			if !f.has(rest.of()) && !(rest.open && f.plan) {
				f.start = b.Offset + int64(s.to)
				return true
			}
		}
		f.window.total = f.window.total.add(rest.of())
		f.start = b.Offset + rest.lineStart()
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
