package selection

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/jsonscan"
	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// class is what a line is to a selection, seen by itself.
type class uint8

const (
	match     class = iota // a record that survives the age limit and matches
	other                  // one that survives but does not match
	aged                   // one that a limit by age, or of its kind, drops
	broken                 // a damaged or blank line
	brokenOut              // one that goes with the record after it
	unfit                  // one that is never passed on: there is too much of it
)

// part is what there is to know of a block, put together on any core.
type part struct {
	*judge
	spans   []span
	damaged int64
	blank   int64
	seen    policy.Seen
	counts  [policy.NumLimits]kinds.Counter // by what they go for by themselves
	bad     *CorruptError
	scratch scratch
}

// judge tells the class of lines. It is immutable.
type judge struct {
	rule  policy.Rule
	cuts  []int64 // see Options.WithCuts
	base  int64   // where the file that is walked starts in the log
	match *matcher
	tally bool   // count by kind
	marks bool   // see Options
	name  string // of the log, if damage is refused
}

func newJudge(o *Options) *judge {
	return &judge{rule: o.Rule, cuts: o.cuts, match: newMatcher(&o.Fields), marks: o.marks}
}

// Reset forgets the block before.
func (p *part) Reset() {
	p.spans = p.spans[:0]
	p.damaged, p.blank = 0, 0
	p.seen, p.bad = policy.Seen{}, nil
	for i := range p.counts {
		p.counts[i].Reset()
	}
}

// Line takes a line in.
func (p *part) Line(l *stream.Line) {
	r := &l.Result
	if !r.IsRecord() {
		p.broken(l)
		return
	}
	at := int32(l.At)
	s := span{from: at, to: at + int32(l.Size()), records: 1, open: !l.Terminated, size: l.Size()}
	if !p.marks {
		s.from += int32(r.Start)
	}
	if s.open {
		s.size++ // for the newline that it gets
	}
	p.seen.Add(r.Timestamp, r.HasTimestamp, p.rule.Survives(r.Timestamp, r.HasTimestamp))
	limit := p.alone(&p.scratch, l, p.base+l.Offset)
	switch {
	case limit != policy.None:
		s.class = aged
	case p.match.any && !p.match.match(l.Text, r, &p.scratch):
		s.class = other
	}
	if p.tally {
		p.counts[limit].Add(r, l.Text, s.size)
	}
	p.add(s)
}

// alone says which limit drops a record, which stands at an offset of the log,
// by itself or for its place among those of its kind.
func (j *judge) alone(s *scratch, l *stream.Line, offset int64) policy.Limit {
	kind := s.kind(&j.rule, l)
	limit := j.rule.Alone(kind, l.Result.Timestamp, l.Result.HasTimestamp)
	if limit == policy.None && j.cuts != nil && offset < j.cuts[j.rule.Group(kind)] {
		return policy.ByCount
	}
	return limit
}

// kind is the kind of a record, if the rule has to know it.
func (s *scratch) kind(rule *policy.Rule, l *stream.Line) []byte {
	if rule.ByKinds() {
		if raw := l.Result.KindLiteral(l.Text); raw != nil {
			return s.textOf(raw)
		}
	}
	return nil
}

// broken takes in a line that is no record.
func (p *part) broken(l *stream.Line) {
	r := &l.Result
	if r.Fault == record.BlankLine {
		p.blank++
	} else {
		if p.damaged == 0 && p.name != "" {
			p.bad = &CorruptError{Name: p.name, Line: int64(l.Index) + 1, Offset: l.Offset, Type: r.Fault, Reason: r.Explain(l.Text)}
		}
		p.damaged++
	}
	at := int32(l.At)
	s := span{from: at, to: at + int32(len(l.Text)), records: 1, class: broken, open: !l.Terminated, size: l.Size()}
	if l.Terminated {
		s.to++
	}
	if r.Faults.Has(record.OversizedLine) || bytes.Contains(l.Text, nulRun[:]) {
		s.class = unfit
	}
	p.add(s)
}

// nulRun is more NUL bytes than a walk is sure to hold.
var nulRun [jsonscan.LongNULRun + 1]byte

// add appends a span, to the last one if that goes on in it.
func (p *part) add(s span) {
	if n := len(p.spans) - 1; n >= 0 {
		last := &p.spans[n]
		if last.class == s.class && last.to == s.from && !last.open && !s.open && last.size == int64(last.to-last.from) && s.size == int64(s.to-s.from) {
			last.to = s.to
			last.records++
			last.size += s.size
			return
		}
	}
	p.spans = append(p.spans, s)
}
