package selection

import (
	"context"
	"errors"

	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/policy"
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
	// Tail is where an unterminated last line starts; Size if there is none. What
	// is behind stays in any case: a writer may be in the middle of it.
	Tail int64
	// Kept counts the records that stay, one that makes up the tail included,
	// and Kinds the same by kind; it is nil if everything stays and kinds did not
	// have to be counted. If Counted, Removed counts by limit and kind those that go.
	Kept    policy.Sum
	Kinds   map[string]policy.Sum
	Counted bool
	Removed [policy.NumLimits]map[string]policy.Sum
	// LinesKept and LinesRemoved are damaged and blank lines, of those that were
	// looked at.
	LinesKept, LinesRemoved int64
	// BytesKept is how long the log will be.
	BytesKept int64

	ranges []Range
	many   bool  // there are more ranges than are held
	from   int64 // nothing before stays
	total  *policy.Sum
}

// Removes reports whether anything goes.
func (p *Plan) Removes() bool { return p.BytesKept != p.Size }

// MakePlan finds out what stays of a log with At. Of the options the rule, the
// checker, Force and Damage count, where Pass keeps damaged lines in front of
// the record that they stand before.
//
// With count the whole log is read, and the plan counts what goes. Otherwise
// limits by count and size alone are answered from the end of the log: what is
// older than the selection is not looked at.
func MakePlan(ctx context.Context, log *Log, o *Options, count bool) (*Plan, error) {
	o = o.retention()
	if o.Rule.Policy().MaxAge == nil && o.Damage != Fail && !count {
		plan, err := planFromEnd(ctx, log, o)
		if !errors.Is(err, oldwalk.ErrNeedForward) {
			return plan, err
		}
	}
	plan := &Plan{Size: log.Size, Counted: true}
	first, err := plan.gather(ctx, log, o)
	if err != nil {
		return nil, err
	}
	if err := first.end(); err != nil {
		return nil, err
	}
	if total := first.pass.total.Sum; o.Rule.Reached(total) != policy.None {
		again := *o
		if again.OnProgress = nil; again.Damage == Fail {
			again.Damage = Pass // there is no damage
		}
		plan = &Plan{Size: log.Size, Counted: true, total: &total}
		if _, err := plan.gather(ctx, log, &again); err != nil {
			return nil, err
		}
	}
	return plan, log.verify()
}

func planFromEnd(ctx context.Context, log *Log, o *Options) (*Plan, error) {
	f, err := findStart(ctx, log, o, true)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Size: log.Size, from: min(f.start, f.tail)}
	if plan.from == 0 && o.Damage == Pass {
		plan.all(f)
		return plan, log.verify()
	}
	if _, err := plan.gather(ctx, log, o); err != nil {
		return nil, err
	}
	plan.Counted = plan.from == 0
	return plan, log.verify()
}

// all makes a plan of which everything stays, as a pass from the end has shown.
func (p *Plan) all(f *finder) {
	p.Tail, p.BytesKept, p.Counted = f.tail, p.Size, true
	p.Kept = f.window.total.Sum
	p.LinesKept = f.sum.Damaged + f.sum.Blank
	if p.Tail > 0 {
		p.ranges = []Range{{0, p.Tail}}
	}
}

// gather fills in the plan, knowing from and total.
func (p *Plan) gather(ctx context.Context, log *Log, o *Options) (*planner, error) {
	emit := func(r Range) error {
		p.BytesKept += r.To - r.From
		if p.many = p.many || len(p.ranges) >= maxRanges; !p.many {
			p.ranges = append(p.ranges, r)
		}
		return nil
	}
	pl, err := p.run(ctx, log, o, emit)
	if err != nil {
		return nil, err
	}
	p.Tail = pl.lineStart
	p.BytesKept += p.Size - p.Tail
	p.Kept, p.Kinds = pl.counts[policy.None].sum(), pl.counts[policy.None].kinds()
	for l := policy.ByAge; l < policy.NumLimits; l++ {
		p.Removed[l] = pl.counts[l].kinds()
	}
	p.LinesKept, p.LinesRemoved = pl.linesKept, pl.linesRemoved
	return pl, nil
}

// Ranges calls f with the parts of the log before Tail that stay, in order.
// Adjacent lines come in one range. log and o are those of the plan.
func (p *Plan) Ranges(ctx context.Context, log *Log, o *Options, f func(Range) error) error {
	if p.many {
		bounded := *log
		bounded.Size = p.Size
		again := *o
		again.OnProgress = nil
		_, err := p.run(ctx, &bounded, &again, f)
		return err
	}
	for _, r := range p.ranges {
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) run(ctx context.Context, log *Log, o *Options, emit func(Range) error) (*planner, error) {
	pl := &planner{pass: newPass(ctx, log, o, &Summary{}), judge: newJudge(o), emit: emit, pos: p.from, lineStart: p.from}
	pl.judge.match, pl.judge.tally = newMatcher(&Fields{}), true
	if p.total != nil {
		pl.limited, pl.left = true, *p.total
	}
	if err := oldwalk.Each(ctx, log.from(ctx, p.from, o), o.each(), pl.judge.work, pl.fold); err != nil {
		return nil, err
	}
	return pl, pl.finish()
}
