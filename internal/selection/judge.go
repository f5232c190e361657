package selection

import (
	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// class is what a line is to a selection, seen by itself.
type class uint8

const (
	match     class = iota // a record that survives the age limit and matches
	other                  // one that survives but does not match
	aged                   // one that the age limit drops
	broken                 // a damaged or blank line
	brokenOut              // one that goes with the record after it
	unfit                  // one that is never passed on: too long
)

// part is what there is to know of a block, put together on any core.
type part struct {
	spans   []span
	lines   int64 // newlines in the block
	damaged int64
	blank   int64
	seen    policy.Seen
	tallies [3]tally
	bad     fault // the first damaged line
	tail    int64 // length of an unfinished last line, which is in no span
	hasTail bool
	tailBad fault
	scratch scratch
}

// What the tallies of a part count.
const (
	survivors  = iota // of the age limit
	expired           // what it drops
	unfinished        // a record without newline, be its age as it may
)

// fault is what a message says about a damaged line.
type fault struct {
	line, offset int64 // from the start of the block
	kind         record.Type
	reason       string
}

// judge tells the class of lines. It is immutable.
type judge struct {
	rule    policy.Rule
	checker *record.Checker
	match   *matcher
	tally   bool // fill in part.tallies
	explain bool // fill in the faults
}

func newJudge(o *Options) *judge {
	return &judge{rule: o.Rule, checker: o.Checker, match: newMatcher(&o.Fields), explain: o.Damage == Fail}
}

func (p *part) reset() {
	p.spans = p.spans[:0]
	p.lines, p.damaged, p.blank = 0, 0, 0
	p.seen = policy.Seen{}
	p.bad, p.tailBad = fault{}, fault{}
	p.tail, p.hasTail = 0, false
}

func (p *part) resetTallies() {
	for i := range p.tallies {
		p.tallies[i].reset()
	}
}

// work looks at the lines of one block.
func (j *judge) work(b *oldwalk.Block, p *part) {
	p.reset()
	if j.tally {
		p.resetTallies()
	}
	if b.Kind != oldwalk.Lines {
		return
	}
	for l := range b.Lines {
		j.line(b, p, l)
		if l.Terminated() {
			p.lines++
		}
	}
}

func (j *judge) line(b *oldwalk.Block, p *part, l oldwalk.Line) {
	r := j.checker.Check(l.Text, l.Pos)
	at := int32(l.Offset - b.Offset)
	s := span{from: at + int32(r.Start), to: at + int32(l.Size()), records: 1, open: !l.Terminated(), size: l.Size()}
	// Text before NUL bytes has no end of its own.
	if l.Pos&record.BeforeNUL != 0 || !r.IsRecord() {
		j.broken(p, l, &r, s)
		return
	}
	if s.open {
		s.size++ // for the newline that it gets
	}
	survives := j.rule.Survives(r.Timestamp, r.HasTimestamp)
	p.seen.Add(r.Timestamp, r.HasTimestamp, survives)
	switch {
	case !survives:
		s.class = aged
	case j.match.any && !j.match.match(l.Text, &r, &p.scratch):
		s.class = other
	}
	if j.tally {
		t := &p.tallies[survivors]
		if s.open {
			t = &p.tallies[unfinished]
		} else if !survives {
			t = &p.tallies[expired]
		}
		t.add(&r, l.Text, s.size)
	}
	p.add(s)
}

// broken takes in a line that is no record.
func (j *judge) broken(p *part, l oldwalk.Line, r *record.Result, s span) {
	if l.Pos&(record.Unterminated|record.BeforeNUL) == record.Unterminated {
		p.tail, p.hasTail = int64(len(l.Text)), true
		if r.Fault != record.BlankLine {
			p.tailBad = j.fault(p, l, r, s)
		}
		return
	}
	if l.Pos&(record.AfterNUL|record.BeforeNUL) != 0 {
		return // a piece of a line that counts with its run of NUL bytes
	}
	if r.Fault == record.BlankLine {
		p.blank++
	} else {
		if p.damaged == 0 {
			p.bad = j.fault(p, l, r, s)
		}
		p.damaged++
	}
	s.class, s.from = broken, s.to-int32(s.size)
	if r.Faults.Has(record.OversizedLine) {
		s.class = unfit
	}
	p.add(s)
}

func (j *judge) fault(p *part, l oldwalk.Line, r *record.Result, s span) fault {
	f := fault{line: p.lines, offset: int64(s.to) - s.size, kind: r.Fault}
	if j.explain {
		f.reason = r.Explain(l.Text)
	}
	return f
}

// add appends a span, to the last one if that goes on in it.
func (p *part) add(s span) {
	if n := len(p.spans) - 1; n >= 0 {
		last := &p.spans[n]
		if last.class == s.class && last.to == s.from && !last.open && last.size == int64(last.to-last.from) && s.size == int64(s.to-s.from) {
			last.to = s.to
			last.records++
			last.size += s.size
			return
		}
	}
	p.spans = append(p.spans, s)
}
