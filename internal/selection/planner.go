package selection

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/policy"
)

// planner turns blocks, in file order, into the ranges that stay. All that is
// not part of a record is a gap, which goes the way of the record after it.
type planner struct {
	*pass
	judge *judge
	emit  func(Range) error

	limited bool       // count and size decide too
	left    policy.Sum // then: the survivors from here on

	counts       [policy.NumLimits]tally
	linesKept    int64
	linesRemoved int64

	pos       int64 // what is before is decided
	gapLines  int64 // damaged and blank lines since
	lineStart int64 // behind the last newline
	tailLines int64 // of gapLines, what is behind that
	run       Range // what stays and was not emitted yet
	scratch   part
}

func (p *planner) fold(b *oldwalk.Block, part *part) error {
	if err := p.take(b, part); err != nil {
		return err
	}
	if b.Kind != oldwalk.Lines && !b.Continues {
		p.gapLines++
		p.tailLines++
	}
	if b.Terminated {
		p.lineStart, p.tailLines = b.Offset+b.Length, 0
	} else if i := bytes.LastIndexByte(b.Data, '\n'); i >= 0 {
		p.lineStart, p.tailLines = b.Offset+int64(i)+1, 0
	}
	if b.Kind != oldwalk.Lines {
		return nil
	}
	return p.block(b, part)
}

// block takes in a block of lines.
func (p *planner) block(b *oldwalk.Block, part *part) error {
	var t sums
	for i := range part.spans {
		t = t.add(part.spans[i].of())
	}
	p.pass.total = p.pass.total.add(t)
	if !p.limited || t.Records == 0 {
		return p.same(b, part, policy.None)
	}
	// The last survivor of the block has at least so much from it on.
	first := p.rule().Reached(p.left)
	last := p.rule().Reached(p.left.Sub(t.Sum).Add(policy.Sum{Records: 1, Bytes: 1}))
	if first == last {
		p.left = p.left.Sub(t.Sum)
		return p.same(b, part, first)
	}
	for l := range b.Lines {
		p.scratch.reset()
		p.scratch.resetTallies()
		p.judge.line(b, &p.scratch, l)
		limit := policy.None
		for _, s := range p.scratch.spans {
			if s.class == match {
				limit = p.rule().Reached(p.left)
				p.left = p.left.Sub(s.of().Sum)
			}
		}
		if err := p.same(b, &p.scratch, limit); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) rule() policy.Rule { return p.o.Rule }

// same takes in lines of which all survivors go for the same reason, or stay.
// An unterminated record stays in any case.
func (p *planner) same(b *oldwalk.Block, part *part, limit policy.Limit) error {
	for _, s := range part.spans {
		if s.class >= broken {
			p.gapLines += int64(s.records)
			continue
		}
		stays := s.open || s.class == match && limit == policy.None
		to := b.Offset + int64(s.to)
		from := b.Offset + s.lineStart()
		if err := p.gap(from, stays); err != nil {
			return err
		}
		p.pos = to
		if stays {
			if err := p.keep(Range{from, to}); err != nil {
				return err
			}
		}
	}
	p.counts[limit].merge(&part.tallies[survivors])
	p.counts[policy.ByAge].merge(&part.tallies[expired])
	p.counts[policy.None].merge(&part.tallies[unfinished])
	return nil
}

// gap decides about what stands between the last record and the next one, which
// begins at from.
func (p *planner) gap(from int64, stays bool) error {
	if p.pos == from {
		return nil
	}
	lines := p.gapLines
	p.gapLines = 0
	if !stays || p.o.Damage == Skip {
		p.linesRemoved += lines
		return nil
	}
	p.linesKept += lines
	return p.keep(Range{p.pos, from})
}

// keep has a part of the log stay.
func (p *planner) keep(r Range) error {
	if r.From == p.run.To {
		p.run.To = r.To
		return nil
	}
	err := p.flush()
	p.run = r
	return err
}

func (p *planner) flush() error {
	if p.run.From >= p.run.To {
		return nil
	}
	return p.emit(p.run)
}

// finish takes in the end of the log, with the tail left out.
func (p *planner) finish() error {
	p.gapLines -= min(p.tailLines, p.gapLines)
	if p.pos < p.lineStart {
		if err := p.gap(p.lineStart, true); err != nil {
			return err
		}
	}
	p.run.To = min(p.run.To, p.lineStart)
	return p.flush()
}
