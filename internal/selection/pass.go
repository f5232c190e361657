package selection

import (
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// pass takes in what blocks show, whatever is printed of them. It is the part
// that the visitors here have in common.
type pass struct {
	log   *stream.Log
	o     *Options
	judge *judge
	sum   *Summary
	seen  policy.Seen
	total sums // the survivors so far
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

func newPass(log *stream.Log, o *Options, sum *Summary) *pass {
	p := &pass{log: log, o: o, judge: newJudge(o), sum: sum}
	if o.Damage == Fail {
		p.judge.name = log.Name()
	}
	return p
}

// NewPart is that of all visitors here.
func (p *pass) NewPart() stream.Part { return &part{judge: p.judge} }

// take takes a block in, whichever way the log is walked.
func (p *pass) take(b *stream.Block, part *part) error {
	p.sum.Read += b.Length
	p.sum.Damaged += part.damaged
	p.sum.Blank += part.blank
	p.seen.Merge(part.seen)
	if !p.o.Force && p.o.Rule.Ahead(part.seen) {
		return p.clock()
	}
	if part.bad != nil {
		bad := *part.bad
		bad.Line += b.Line
		return &bad
	}
	return nil
}

// end takes in how a walk ended that saw the whole log.
func (p *pass) end(end stream.End) error {
	p.unfinished(end)
	err := p.clock()
	if p.o.Force {
		p.sum.Clock, err = err, nil
	}
	return err
}

func (p *pass) unfinished(end stream.End) {
	if end.InFlight != nil {
		p.sum.Unfinished = end.InFlight.Length
	}
}

func (p *pass) clock() error { return p.o.Rule.CheckClock(p.seen, p.log.ModTime()) }

// bound is up to where a log is to be walked from now on, after a walk that
// began at its end or came to it has decided about the last line.
func bound(log *stream.Log, end stream.End) int64 {
	if end.InFlight != nil {
		return end.InFlight.Offset
	}
	if !log.Seekable() {
		return end.Offset // of the text, if it was compressed
	}
	return log.Size()
}
