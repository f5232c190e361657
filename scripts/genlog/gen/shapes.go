package gen

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// torn appends a record of which the end is missing, at least one byte and not
// all of it.
func (g *generator) torn() {
	start := len(g.buf)
	g.record()
	g.buf = g.buf[:start+g.between(1, len(g.buf)-start-1)]
}

func (g *generator) nan() {
	g.put(`{"kind": "metric", "timestamp": %, "name": "mailbox.depth", "value": NaN}`, g.timestamp)
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
	fragment, torn := (*generator).fragment, (*generator).torn
	return []shape{
		{"fragment_record", pieces(fragment, whole)},
		{"brace_record", pieces(func(g *generator) { g.str("{") }, whole)},
		{"two_fragments_record", pieces(fragment, fragment, whole)},
		{"record_fragment", pieces(whole, torn)},
		{"two_records", pieces(whole, whole)},
		{"three_records", pieces(whole, whole, whole)},
	}
}

// nulRuns are what a file system leaves after power loss, and what a writer
// adds behind it.
func nulRuns() []shape {
	nuls := func(g *generator) { g.buf = append(g.buf, make([]byte, g.between(1, 4096))...) }
	torn := (*generator).torn
	return []shape{
		{"before", pieces(nuls, whole)},
		{"after", pieces(whole, nuls)},
		{"between", pieces(whole, nuls, whole)},
		{"alone", pieces(nuls)},
		{"torn_before", pieces(torn, nuls, whole)},
		{"torn_after", pieces(torn, nuls)},
		{"hole_in_record", pieces(func(g *generator) {
			start := len(g.buf)
			g.event()
			from := start + g.between(10, 60)
			clear(g.buf[from : from+g.between(1, 40)])
		})},
	}
}
