package selection

import (
	"context"
	"errors"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Range is a part of a log: the bytes from From up to To.
type Range struct{ From, To int64 }

// maxRanges bounds what a plan holds. One that would need more is made again
// as it is carried out.
const maxRanges = 1 << 17

// Plan says which parts of a log stay by a retention policy. It is about the
// first Size bytes of the log and goes on being right when more is appended.
type Plan struct {
	Size int64
	// Tail is where a last line in flight starts; Size if there is none. It
	// stays in any case.
	Tail int64
	// Kept counts the records that stay, and Kinds the same by kind; it is nil
	// if everything stays and kinds did not have to be counted. If Counted,
	// Removed counts by limit and kind those that go.
	Kept    policy.Sum
	Kinds   map[string]policy.Sum
	Counted bool
	Removed [policy.NumLimits]map[string]policy.Sum
	// LinesKept and LinesRemoved are damaged and blank lines, of those that
	// were looked at.
	LinesKept, LinesRemoved int64
	// BytesKept is how long the log will be.
	BytesKept int64

	ranges []Range
	many   bool // there are more ranges than are held
	cuts   []int64
	from   int64 // where the walk began that made the plan
	cut    int64 // nothing before stays

	whole *stream.Log // where this is the part of a plan
	base  int64       // and where in that the part starts
}

// Removes reports whether anything goes.
func (p *Plan) Removes() bool { return p.BytesKept != p.Size }

// MakePlan finds out what stays of a log that is Seekable. Of the options the
// rule, the checker, Force and Damage count, where Pass keeps damaged lines in
// front of the record that they stand before.
//
// With count the whole log is read, and the plan counts what goes. Otherwise
// limits by count and size alone are answered from the end of the log: what is
// older than the selection is not looked at.
func MakePlan(ctx context.Context, log *stream.Log, o *Options, count bool) (*Plan, error) {
	o, err := o.WithCuts(ctx, log)
	if err != nil {
		return nil, err
	}
	planner := NewPlanner(log, o)
	if o.Rule.Policy().Alone() || o.Damage == Fail || count {
		return planner.make(ctx, 0)
	}
	f, err := findStart(ctx, log, planner.o, true)
	if errors.Is(err, stream.ErrNeedForward) {
		return planner.make(ctx, 0)
	}
	if err != nil {
		return nil, err
	}
	if size := o.Rule.Policy().MaxBytes; f.start == 0 && o.Damage == Pass && (size == nil || log.Size() <= *size) {
		return f.everything(), nil
	}
	planner.from = f.start
	return planner.make(ctx, f.to)
}

// everything returns a plan of which all stays, as a walk from the end has
// shown.
func (f *finder) everything() *Plan {
	p := &Plan{Size: f.log.Size(), Tail: f.to, BytesKept: f.log.Size(), Counted: true, Kept: f.newer.Sum,
		LinesKept: f.sum.Damaged + f.sum.Blank}
	p.Kept.Bytes -= f.gaps
	if p.Tail > 0 {
		p.ranges = []Range{{0, p.Tail}}
	}
	return p
}

// make walks the log up to an offset, 0 for the end, and makes the plan.
func (p *Planner) make(ctx context.Context, to int64) (*Plan, error) {
	plan := &Plan{}
	p.emit = plan.hold
	end := stream.End{}
	if p.from < p.log.Size() && (to == 0 || p.from < to) {
		var err error
		if end, err = p.walk(ctx, to); err != nil {
			return nil, err
		}
	}
	if to == 0 {
		to = bound(p.log, end)
	}
	if p.from == 0 {
		if err := p.end(end); err != nil {
			return nil, err
		}
	}
	return plan, p.complete(ctx, plan, to)
}

// Part returns the part of a plan that is about one file of a set, which takes
// up those bytes of log. Its offsets, and those of its ranges, are the file's.
func (p *Plan) Part(ctx context.Context, log *stream.Log, o *Options, from, to int64) (*Plan, error) {
	part := *p
	part.whole, part.base = log, from
	part.Size, part.Tail = to-from, min(to, p.Tail)-from
	part.BytesKept = part.Size - part.Tail
	return &part, part.Ranges(ctx, nil, o, func(r Range) error {
		part.BytesKept += r.To - r.From
		return nil
	})
}

// hold holds a range, if there are not too many.
func (p *Plan) hold(r Range) error {
	if p.many = p.many || len(p.ranges) >= maxRanges; !p.many {
		p.ranges = append(p.ranges, r)
	}
	return nil
}

// complete makes the plan of what the walk of the log up to an offset has told.
func (p *Planner) complete(ctx context.Context, plan *Plan, to int64) error {
	plan.Size, plan.Tail, plan.from, plan.Counted = p.log.Size(), to, p.from, p.from == 0
	if !p.log.Seekable() {
		plan.Size = to // of the text: the size is that of the compressed file
	}
	plan.cuts = p.o.cuts
	counts := &p.gone
	plan.LinesKept, plan.LinesRemoved = p.lines, p.linesGone
	left := p.total.Sum.Add(policy.Sum{Bytes: p.trail + max(0, plan.Size-to)})
	for i := range p.stretches {
		s := &p.stretches[i]
		limit := p.o.Rule.Reached(left)
		last := p.o.Rule.Reached(left.Sub(s.sum).Add(policy.Sum{Records: 1, Bytes: 1}))
		kept := s.lines
		switch {
		case limit != last:
			d := &divider{judge: p.judge, skip: p.o.Damage == Skip, left: left, pos: s.pos}
			if err := p.divide(ctx, d, i, to); err != nil {
				return err
			}
			for l := range counts {
				counts[l].Merge(&d.counts[l])
			}
			plan.cut, kept = d.cut, min(d.kept, s.lines)
		case limit != policy.None:
			plan.cut, kept = s.end, 0
			fallthrough
		default:
			counts[limit].Merge(&s.kinds)
		}
		plan.LinesKept += kept
		plan.LinesRemoved += s.lines - kept
		left = left.Sub(s.sum)
	}
	plan.Kept, plan.Kinds = counts[policy.None].Sum(), counts[policy.None].Sums()
	for l := policy.ByAge; l < policy.NumLimits; l++ {
		plan.Removed[l] = counts[l].Sums()
	}
	plan.BytesKept = plan.Size - plan.Tail
	return plan.Ranges(ctx, p.log, p.o, func(r Range) error {
		plan.BytesKept += r.To - r.From
		return nil
	})
}

// divide reads a stretch again.
func (p *Planner) divide(ctx context.Context, d *divider, i int, to int64) error {
	s := &p.stretches[i]
	if i+1 < len(p.stretches) {
		to = p.stretches[i+1].from
	}
	o := p.o.walk(s.from, to)
	o.Workers, o.Progress = 1, nil
	if _, err := stream.Forward(ctx, p.log, o, d); err != nil {
		return err
	}
	if d.seen != s.sum {
		return &stream.ChangedError{Path: p.log.Name(), What: "was changed", Offset: s.from}
	}
	return nil
}

// Ranges calls f with the parts of the log before Tail that stay, in order.
// Adjacent lines come in one range. log and o are those of the plan; the log
// may have grown.
func (p *Plan) Ranges(ctx context.Context, log *stream.Log, o *Options, f func(Range) error) error {
	clipped := func(r Range) error {
		if r.From = max(r.From, p.cut); p.whole != nil {
			r = Range{max(r.From-p.base, 0), min(r.To-p.base, p.Tail)}
		}
		if r.From >= r.To {
			return nil
		}
		return f(r)
	}
	if p.many {
		to := p.Tail
		if p.whole != nil {
			log, to = p.whole, p.base+p.Tail
		}
		again := NewPlanner(log, o)
		again.o.OnProgress = nil
		again.judge.cuts, again.from, again.emit, again.add = p.cuts, p.from, clipped, false
		_, err := again.walk(ctx, to)
		return err
	}
	for _, r := range p.ranges {
		if err := clipped(r); err != nil {
			return err
		}
	}
	return nil
}
