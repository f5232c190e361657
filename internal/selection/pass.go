package selection

import (
	"context"

	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// pass takes in what blocks show, whatever is printed of them.
type pass struct {
	ctx   context.Context
	o     *Options
	log   *Log
	sum   *Summary
	seen  policy.Seen
	total sums  // the survivors so far
	lines int64 // newlines so far, if the pass began at the start
}

// sums are amounts on either side of a line.
type sums struct {
	policy.Sum
	matches int64
}

func (s sums) add(t sums) sums { return sums{s.Sum.Add(t.Sum), s.matches + t.matches} }

// of is what a span adds.
func (s *span) of() sums {
	switch s.class {
	case match:
		return sums{policy.Sum{Records: int64(s.records), Bytes: s.size}, int64(s.records)}
	case other:
		return sums{Sum: policy.Sum{Records: int64(s.records), Bytes: s.size}}
	}
	return sums{}
}

func newPass(ctx context.Context, log *Log, o *Options, sum *Summary) *pass {
	return &pass{ctx: ctx, o: o, log: log, sum: sum}
}

// take takes a block in, in file order or from the end.
func (p *pass) take(b *oldwalk.Block, part *part) error {
	p.o.progress(b.Length)
	if b.Kind != oldwalk.Lines && !b.Continues {
		p.sum.Damaged++
	}
	p.sum.Damaged += part.damaged
	p.sum.Blank += part.blank
	p.seen.Merge(part.seen)
	if part.hasTail {
		p.sum.Unfinished = part.tail
	}
	if !p.o.Force && p.o.Rule.Ahead(part.seen) {
		return p.o.Rule.CheckClock(p.seen, p.log.Written)
	}
	if p.o.Damage == Fail {
		if err := p.refuse(b, part); err != nil {
			return err
		}
	}
	p.lines += part.lines
	if b.Kind != oldwalk.Lines && b.Terminated {
		p.lines++
	}
	return nil
}

// refuse fails if the block has a damaged line.
func (p *pass) refuse(b *oldwalk.Block, part *part) error {
	f := part.bad
	switch {
	case b.Kind == oldwalk.NULRun:
		f = fault{kind: record.NULBytes}
	case b.Kind == oldwalk.Oversized:
		f = fault{kind: record.OversizedLine}
	case part.damaged > 0:
	case part.tailBad.kind != record.None:
		if p.log.Settle != nil {
			grew, err := p.log.Settle(p.ctx, p.o.Settle)
			if grew || err != nil {
				return err
			}
		}
		f = part.tailBad
	default:
		return nil
	}
	if f.reason == "" {
		f.reason = f.kind.Info().Reason
	}
	return &CorruptError{Name: p.log.Name, Line: p.lines + f.line + 1, Offset: b.Offset + f.offset, Type: f.kind, Reason: f.reason}
}

// end checks the clock after the whole log was read.
func (p *pass) end() error {
	if p.o.Force {
		return nil
	}
	return p.o.Rule.CheckClock(p.seen, p.log.Written)
}
