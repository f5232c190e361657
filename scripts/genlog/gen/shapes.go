package gen

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func byteOrderMark(g *generator, start int) []Range {
	g.str("\ufeff")
	g.record()
	return []Range{{3, int64(len(g.buf) - start - 3)}}
}

// torn appends a record of which the end is missing, at least one byte and not
// all of it.
func (g *generator) torn() {
	start := len(g.buf)
	g.record()
	g.buf = g.buf[:start+g.between(1, len(g.buf)-start-1)]
}

func (g *generator) nan() {
	g.str(`{"kind": "metric", "timestamp": `)
	g.timestamp()
	g.str(`, "name": "mailbox.depth", "value": NaN}`)
}

// oversized appends an event that is over bytes longer than the limit.
func (g *generator) oversized(over int) {
	start := len(g.buf)
	g.eventHead()
	g.str(`"`)
	head := len(g.buf) - start
	before := len(g.buf)
	g.str(`"`)
	g.eventTail()
	tail := len(g.buf) - before
	pad := g.o.MaxLineBytes + over - head - tail
	g.buf = slices.Insert(g.buf, before, []byte(strings.Repeat("p", max(pad, 0)))...)
}

// deep appends an event that is nested so many levels deep, its own included.
func (g *generator) deep(levels int) {
	g.eventWith(strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1))
}

// withHead appends an event whose kind member is replaced by head, which begins
// with the brace.
func (g *generator) withHead(head string) {
	start := len(g.buf)
	g.event()
	g.buf = slices.Replace(g.buf, start, start+len(`{"kind": "event", `), []byte(head)...)
}

// withTimestamp appends a record whose timestamp has the given JSON text as
// value.
func (g *generator) withTimestamp(value string) {
	g.record()
	g.buf = slices.Replace(g.buf, g.tsAt.from, g.tsAt.to, []byte(value)...)
}

// cutTimestamp appends a record without a timestamp.
func (g *generator) cutTimestamp() {
	g.record()
	g.buf = slices.Delete(g.buf, g.tsAt.from-len(`, "timestamp": `), g.tsAt.to)
}

// doubled appends an event with one more member right after its brace.
func (g *generator) doubled(member string) {
	start := len(g.buf)
	g.event()
	g.buf = slices.Insert(g.buf, start+1, []byte(member)...)
}

// regression appends an event from a minute to an hour older than the last
// undamaged line, or than the regression after it.
func (g *generator) regression() {
	g.fixed = g.datedTS - int64(g.between(60, 3600))*1e6
	g.event()
	g.datedTS, g.fixed = g.fixed, 0
}

// fragment appends the beginning of a record that a salvage can tell from the
// record behind it: cut where a strict parser refuses the brace that follows,
// or at the latest two bytes on. After a colon, an opening bracket or a comma a
// record would pass for a value. It does not end in a brace either: before
// another fragment there would be two places from which to go on.
func (g *generator) fragment() {
	start := len(g.buf)
	g.record()
	cut := start + g.between(len(`{"kind": `), len(g.buf)-start-1)
	for !utf8.RuneStart(g.buf[cut]) || strings.IndexByte(" :[,{", g.buf[cut-1]) >= 0 {
		cut--
	}
	g.buf = g.buf[:cut]
}

// gluings are lines on which whole records can be told from what they are glued
// to.
func gluings() []shape {
	return []shape{
		{"fragment_record", func(g *generator, start int) []Range {
			g.fragment()
			return g.rest(start)
		}},
		{"brace_record", func(g *generator, start int) []Range {
			g.str("{")
			return g.rest(start)
		}},
		{"two_fragments_record", func(g *generator, start int) []Range {
			g.fragment()
			g.fragment()
			return g.rest(start)
		}},
		{"record_fragment", func(g *generator, start int) []Range {
			keep := g.rest(start)
			g.torn()
			return keep
		}},
		{"two_records", func(g *generator, start int) []Range {
			return append(g.rest(start), g.rest(start)...)
		}},
		{"three_records", func(g *generator, start int) []Range {
			return append(append(g.rest(start), g.rest(start)...), g.rest(start)...)
		}},
	}
}

// rest appends a whole record and returns where it stands, in bytes from the
// start of the line.
func (g *generator) rest(start int) []Range {
	from := len(g.buf)
	g.record()
	return []Range{{int64(from - start), int64(len(g.buf) - from)}}
}

// nulRuns are what a file system leaves after power loss, and what a writer
// adds behind it.
func nulRuns() []shape {
	nuls := func(g *generator) { g.buf = append(g.buf, make([]byte, g.between(1, 4096))...) }
	return []shape{
		{"before", func(g *generator, start int) []Range {
			nuls(g)
			return g.rest(start)
		}},
		{"after", func(g *generator, start int) []Range {
			keep := g.rest(start)
			nuls(g)
			return keep
		}},
		{"between", func(g *generator, start int) []Range {
			keep := g.rest(start)
			nuls(g)
			return append(keep, g.rest(start)...)
		}},
		{"alone", dropped(nuls)},
		{"torn_before", func(g *generator, start int) []Range {
			g.torn()
			nuls(g)
			return g.rest(start)
		}},
		{"torn_after", dropped(func(g *generator) {
			g.torn()
			nuls(g)
		})},
		{"hole_in_record", dropped(func(g *generator) {
			start := len(g.buf)
			g.event()
			from := start + g.between(10, 60)
			clear(g.buf[from : from+g.between(1, 40)])
		})},
	}
}
