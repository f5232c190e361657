package mend

import (
	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// edit replaces the bytes block[start:end] by segments.
type edit struct {
	start, end int32
	line       int32 // how many lines of the block stand before it
	record.Verdict
	action Action
	// first and last bound the segments in plan.segments.
	first, last int32
}

// segment is a range of the block that is kept, or new text. It is small, for a
// line may hold half a million records.
type segment struct{ start, end int32 }

// The segments of new text, and the texts.
var (
	newline = segment{-1, 0}
	null    = segment{-1, 1}
	escaped = segment{-1, 2}
	texts   = [...]string{"\n", "null", `\n`}
)

// text returns the new text, or "" for a range that is kept.
func (s segment) text() string {
	if s.start >= 0 {
		return ""
	}
	return texts[s.end]
}

// plan is what becomes of one block of lines: the part of a transformer. The
// block's bytes outside all edits are kept.
type plan struct {
	o        *Options
	edits    []edit
	segments []segment
	// remaining counts what a scan of the result will find wrong with single
	// lines, by the type that decides.
	remaining [32]int32
}

// Reset forgets the block before.
func (p *plan) Reset() {
	*p = plan{o: p.o, edits: p.edits[:0], segments: p.segments[:0]}
}

// unknown are the faults of records that are dropped on demand only.
var unknown = record.Where(func(i *record.Info) bool { return i.Repair == record.RepairUnknown })

// Line plans what becomes of a line, if it has faults.
func (p *plan) Line(l *stream.Line) {
	r := &l.Result
	if r.Faults == 0 || l.Length > int64(len(l.Text)) && len(l.Text) == 0 {
		return // nothing is wrong, or it has passed by in pieces
	}
	at := int32(l.At)
	e := edit{start: at, end: at + int32(len(l.Text)), line: int32(l.Index), Verdict: r.Verdict, first: int32(len(p.segments))}
	body := at + int32(r.Start)
	stay := r.Faults &^ (1<<record.MissingNewline | 1<<record.ByteOrderMark)
	switch {
	case !r.IsRecord():
		spans := p.o.Checker.Salvage(l.Text, l.Pos)
		e.action = Dropped
		for _, s := range spans {
			e.action = Salvaged
			p.keep(l.Text, at, int32(s.Start), int32(s.End))
			p.remains(p.o.Checker.Check(l.Text[s.Start:s.End], 0).Faults)
			p.segments = append(p.segments, newline)
		}
		if l.Terminated {
			e.end++
			if n := len(p.segments); len(spans) > 0 {
				// The line's own newline is kept, not replaced by another.
				p.segments[n-1] = segment{start: e.end - 1, end: e.end}
			}
		}
	case p.o.DropUnknown && r.Faults&unknown != 0:
		e.action = Dropped
		if l.Terminated {
			e.end++
		}
	case p.o.FixNumbers && r.Faults.Has(record.NonstandardNumber):
		e.action = Fixed
		p.remains(stay &^ (1 << record.NonstandardNumber))
		p.keep(l.Text, at, int32(r.Start), int32(len(l.Text)))
		if !l.Terminated {
			p.segments = append(p.segments, newline)
		}
	case !l.Terminated:
		e.action = Terminated
		p.remains(stay)
		p.segments = append(p.segments, segment{start: body, end: e.end}, newline)
	case r.Faults.Has(record.ByteOrderMark):
		e.action, e.end = Dropped, body
		p.remains(stay)
		e.Verdict = record.Verdict{At: -1}.With(record.ByteOrderMark)
	default:
		p.remains(r.Faults)
		return
	}
	e.last = int32(len(p.segments))
	p.edits = append(p.edits, e)
}

// remains counts the faults of a record that is kept.
func (p *plan) remains(faults record.Set) {
	if faults != 0 {
		p.remaining[faults.First()]++
	}
}

// keep adds text[start:end], which stands at the given place of the block, with
// its numbers fixed if that was asked for.
func (p *plan) keep(text []byte, at, start, end int32) {
	if p.o.FixNumbers {
		from := start
		for first, last := range pick.NonstandardNumbers(text[from:end]) {
			p.segments = append(p.segments, segment{start: at + start, end: at + from + int32(first)}, null)
			start = from + int32(last)
		}
	}
	p.segments = append(p.segments, segment{start: at + start, end: at + end})
}
