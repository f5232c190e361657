package record

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Span is a part of a line: line[Start:End].
type Span struct{ Start, End int }

// maxFragments bounds how many torn fragments in a row are looked behind, and
// so the cost of a line that only looks like damage that can be mended.
const maxFragments = 32

// Salvage returns where whole records stand on a damaged line, in order; none
// if nothing can be saved beyond doubt. It is meant for lines whose verdict is
// GluedRecords or NULBytes.
//
// A record is salvaged behind a torn fragment only if it starts within two
// bytes of where a strict parser refuses the fragment, reaches to the end of the
// line or to the start of the next text, is one whole object with a known kind
// and a finite timestamp, and no other start fits. Whole records side by side
// are salvaged if every one of them has a known kind and a finite timestamp.
// Text that merely ends too early is never salvaged, however much an object
// inside looks like a record: an object inside is followed by a comma or a
// bracket, never by the end of the line or the start of another object.
//
// Between NUL bytes, text is salvaged only where one end of it is the start
// or the end of the line: what is cut off on both sides could be the inside of
// another record.
func (c *Checker) Salvage(line []byte, pos Position) []Span {
	if c.exceeds(line) {
		return nil
	}
	start := 0
	if pos&First != 0 && bytes.HasPrefix(line, []byte("\xEF\xBB\xBF")) {
		start = 3
	}
	if first := bytes.IndexByte(line, 0); first >= 0 {
		return c.salvageNUL(line, start, first)
	}
	return c.salvagePart(line, start)
}

// salvagePart salvages from text[start:], which holds no NUL.
func (c *Checker) salvagePart(text []byte, start int) []Span {
	var s jsonscan.Result
	if c.probe(text, start, &s) || s.Code == jsonscan.EndsEarly || s.Code == jsonscan.TooDeep {
		return nil
	}
	return c.salvageFrom(text, start)
}

// salvageNUL salvages what stands before the first and after the last run of
// NUL bytes.
func (c *Checker) salvageNUL(line []byte, start, first int) []Span {
	var spans []Span
	head := line[:first]
	if c.whole(head, start) {
		spans = append(spans, Span{start, first})
	} else {
		spans = c.salvagePart(head, start)
	}
	last := bytes.LastIndexByte(line, 0) + 1
	switch {
	case last == len(line):
	case c.whole(line, last):
		spans = append(spans, Span{last, len(line)})
	default:
		spans = append(spans, c.salvagePart(line, last)...)
	}
	return spans
}

// salvageFrom salvages from text[start:], which is not one JSON value.
func (c *Checker) salvageFrom(text []byte, start int) []Span {
	d := dissection{c: c, text: text, budget: maxFragments}
	spans, ok := d.dissect(start)
	if !ok || d.budget < 0 {
		return nil
	}
	return spans
}

// dissection takes a line apart into whole records and torn fragments.
type dissection struct {
	c      *Checker
	text   []byte
	budget int
}

// dissect takes apart text[p:], where p is where a record starts: the start of
// the line, or a place where one text ends and another begins. It returns the
// records found, and false if the parts can't be told apart beyond doubt.
func (d *dissection) dissect(p int) ([]Span, bool) {
	if d.budget--; d.budget < 0 {
		return nil, false
	}
	var s jsonscan.Result
	switch ok := d.c.probe(d.text, p, &s); {
	case ok:
		return []Span{{p, len(d.text)}}, d.c.sound(d.text, &s)
	case s.Code == jsonscan.EndsEarly || s.Code == jsonscan.TooDeep:
		return nil, true // a torn end, with no second text in sight
	case s.Code == jsonscan.AfterTop:
		// A whole value, and more. It ends before the refusal only because
		// another text begins there.
		end := s.At
		if !d.c.whole(d.text[:end], p) || d.text[end] != '{' {
			return nil, false
		}
		rest, ok := d.dissect(end)
		return append([]Span{{p, end}}, rest...), ok
	}
	return d.behind(p, s.At)
}

// behind looks for the record that is glued to the fragment at p, which a
// strict parser refuses at e.
func (d *dissection) behind(p, e int) ([]Span, bool) {
	var found []Span
	for k := max(e-2, p+1); k <= e; k++ {
		if d.text[k] != '{' {
			continue
		}
		if spans, ok := d.dissect(k); ok && len(spans) > 0 {
			if found != nil {
				return nil, false // two starts fit
			}
			found = spans
		}
	}
	return found, true
}

// probe scans text[i:] as one JSON value.
func (c *Checker) probe(text []byte, i int, s *jsonscan.Result) bool {
	return recordFields.Scan(text, i, c.maxDepth, s)
}

// whole reports whether text[i:] is one sound record.
func (c *Checker) whole(text []byte, i int) bool {
	var s jsonscan.Result
	return c.probe(text, i, &s) && c.sound(text, &s)
}

// sound reports whether a scanned value is a record that may be salvaged: an
// object in UTF-8 with a known kind and a finite timestamp.
func (c *Checker) sound(text []byte, s *jsonscan.Result) bool {
	if !s.Object || s.Notes.Has(jsonscan.InvalidUTF8) {
		return false
	}
	r := c.judge(Result{}, text, s, noted(s.Notes))
	return r.Kind.Known() && r.HasTimestamp
}
