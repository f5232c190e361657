package selection

import (
	"context"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Planner finds out what stays of a log. It is a visitor of a walk forward, so
// that a step which walks a log anyway has the plan for nothing. Of the options
// the rule, Force and Damage count.
//
// The age limit is a question to each record alone. For the others it adds up
// the records stretch by stretch: once the whole is known, most stretches stay
// or go as a whole, and the one or two in which a limit is reached are read
// again.
//
// All that is not part of a record is a gap, which goes the way of the record
// after it.
type Planner struct {
	*pass
	from int64 // nothing before stays
	emit func(Range) error
	add  bool // stretches are added up

	stretches []stretch
	grain     int                             // how many blocks make a stretch
	gone      [policy.NumLimits]kinds.Counter // by themselves
	linesGone int64                           // damaged and blank lines before expired records

	pos   int64 // what is before is decided
	lines int64 // damaged and blank lines since
	trail int64 // bytes that stay behind the last record
	run   Range // what stays and was not emitted yet
}

// stretch is a piece of a log from an offset to the next stretch, and the
// records in it that the age limit leaves.
type stretch struct {
	from, end int64      // end is behind the last one of them
	pos       int64      // behind the last record before
	sum       policy.Sum // and of what stands before each of them, if that stays with it
	kinds     kinds.Counter
	lines     int64 // damaged and blank lines before them
	blocks    int
}

// maxStretches bounds how many are told apart: neighbours are put together.
const maxStretches = 256

// NewPlanner returns a planner for a log from its start on.
func NewPlanner(log *stream.Log, o *Options) *Planner {
	retention := *o
	retention.Fields, retention.Limit = Fields{}, nil
	p := &Planner{pass: newPass(log, &retention, &Summary{})}
	p.judge.tally, p.add, p.emit = true, true, func(Range) error { return nil }
	return p
}

// Fold takes a block in.
func (p *Planner) Fold(b *stream.Block, sp stream.Part) error {
	part := sp.(*part)
	if err := p.take(b, part); err != nil {
		return err
	}
	s := stretch{from: p.judge.base + b.Start, pos: p.pos}
	for _, line := range part.spans {
		if line.class >= broken {
			p.lines += int64(line.records)
			continue
		}
		from := p.judge.base + b.Offset(int(line.lineStart()))
		stays := line.class == match
		lines, err := p.gap(from, stays)
		if err != nil {
			return err
		}
		gap := p.counted(from)
		p.pos = p.judge.base + b.Offset(int(line.to))
		if !stays {
			p.linesGone += lines
			continue
		}
		s.lines += lines
		s.end = p.pos
		s.sum = s.sum.Add(line.of().Sum).Add(policy.Sum{Bytes: gap})
		if err := p.keep(Range{from, p.pos}); err != nil {
			return err
		}
	}
	for l := policy.ByAge; l < policy.NumLimits; l++ {
		p.gone[l].Merge(&part.counts[l])
	}
	p.total.Sum = p.total.Sum.Add(s.sum)
	if s.sum.Records > 0 && p.add {
		s.kinds.Merge(&part.counts[policy.None])
		s.blocks = 1
		p.stretch(&s)
	}
	return nil
}

// stretch adds the newest one to those before. All of them but the last have as
// many blocks, so that none is much to read again.
func (p *Planner) stretch(s *stretch) {
	last := len(p.stretches) - 1
	if last >= 0 && p.stretches[last].blocks < p.grain {
		p.stretches[last].extend(s)
		return
	}
	if last < maxStretches {
		p.stretches = append(p.stretches, *s)
		return
	}
	p.grain = max(2*p.grain, 2)
	out := p.stretches[:0]
	for i := 0; i < last; i += 2 {
		pair := p.stretches[i]
		pair.extend(&p.stretches[i+1])
		out = append(out, pair)
	}
	if last%2 == 0 {
		out = append(out, p.stretches[last])
	}
	p.stretches = out
	p.stretch(s)
}

// extend puts a stretch and the next one together.
func (s *stretch) extend(next *stretch) {
	s.end, s.sum, s.lines, s.blocks = next.end, s.sum.Add(next.sum), s.lines+next.lines, s.blocks+next.blocks
	s.kinds.Merge(&next.kinds)
}

// Next ends a file of the log, which has so many bytes, where each is walked by
// itself.
func (p *Planner) Next(bytes int64) { p.judge.base += bytes }

// Complete makes the plan of a log of which the walks are over, up to an offset
// in the whole. It counts; the ranges are not held.
func (p *Planner) Complete(ctx context.Context, to int64) (*Plan, error) {
	plan := &Plan{}
	if err := p.finish(to); err != nil {
		return nil, err
	}
	return plan, p.complete(ctx, plan, to)
}

// CheckClock fails with a *policy.ClockError if the clock or the unit of the
// timestamps looks wrong.
func (p *Planner) CheckClock() error { return p.clock() }

// counted is how many bytes of what stands between the last record and the next
// one, which begins at from, count with that one.
func (p *Planner) counted(from int64) int64 {
	if p.o.Damage == Skip {
		return 0
	}
	return from - p.pos
}

// gap decides about what stands between the last record and the next one, which
// begins at from. It returns how many lines went with that record.
func (p *Planner) gap(from int64, stays bool) (lines int64, err error) {
	lines, p.lines = p.lines, 0
	switch {
	case p.pos == from:
	case !stays:
	case p.o.Damage == Skip:
		p.linesGone += lines
		lines = 0
	default:
		err = p.keep(Range{p.pos, from})
	}
	return lines, err
}

// keep has a part of the log stay.
func (p *Planner) keep(r Range) error {
	if r.From == p.run.To {
		p.run.To = r.To
		return nil
	}
	err := p.flush()
	p.run = r
	return err
}

func (p *Planner) flush() error {
	if p.run.From >= p.run.To {
		return nil
	}
	return p.emit(p.run)
}

// walk walks the log up to an offset; see Options.walk.
func (p *Planner) walk(ctx context.Context, to int64) (end stream.End, err error) {
	p.pos = p.from
	if end, err = stream.Forward(ctx, p.log, p.o.walk(p.from, to), p); err == nil {
		err = p.finish(bound(p.log, end))
	}
	return end, err
}

// finish decides about what stands behind the last record.
func (p *Planner) finish(end int64) (err error) {
	p.trail = p.counted(end)
	lines, err := p.gap(end, true)
	if err != nil {
		return err
	}
	p.lines = lines
	return p.flush()
}

// divider reads a stretch again in which a limit is reached. It is a visitor
// and its only part.
type divider struct {
	judge  *judge
	skip   bool       // damaged lines go in any case
	left   policy.Sum // the survivors from here on
	counts [policy.NumLimits]kinds.Counter
	seen   policy.Sum
	lines  int64 // damaged and blank lines since the last record
	kept   int64 // those that stay
	pos    int64 // behind the last record
	cut    int64 // behind the last record that goes

	scratch scratch
}

func (d *divider) NewPart() stream.Part                  { return d }
func (d *divider) Fold(*stream.Block, stream.Part) error { return nil }
func (d *divider) Reset()                                {}

func (d *divider) Line(l *stream.Line) {
	r := &l.Result
	if !r.IsRecord() {
		d.lines++
		return
	}
	lines, gap := d.lines, l.Offset-d.pos
	d.lines, d.pos = 0, l.Offset+l.Size()
	if d.skip {
		gap = 0
	}
	if d.judge.alone(&d.scratch, l, l.Offset) != policy.None {
		return
	}
	size := l.Size()
	if !l.Terminated {
		size++ // for the newline that it gets
	}
	one := policy.Sum{Records: 1, Bytes: size + gap}
	limit := d.judge.rule.Reached(d.left)
	d.left, d.seen = d.left.Sub(one), d.seen.Add(one)
	d.counts[limit].Add(r, l.Text, size)
	if limit != policy.None {
		d.cut = l.Offset + l.Size()
	} else if !d.skip {
		d.kept += lines
	}
}
