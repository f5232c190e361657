package record

import "bytes"

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
// bytes of where a strict parser refuses the line, reaches to the end of the
// line, is one whole object with a known kind and a finite timestamp, and no
// other start fits. Whole records side by side are salvaged if every one of
// them has a known kind and a finite timestamp. Text that merely ends too
// early is never salvaged, however much an object inside looks like a record.
//
// Between NUL bytes, text is salvaged only where one end of it is the start
// or the end of the line: what is cut off on both sides could be the inside of
// another record.
func (c *Checker) Salvage(line []byte, pos Position) []Span {
	if len(line) > c.maxLine {
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
	s, ok := c.probe(text, start)
	if ok || s.err == endsEarly || s.err == tooDeep {
		return nil
	}
	return c.salvageFrom(text, s.at, start)
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

// salvageFrom salvages from text[start:], which a strict parser refuses at e.
func (c *Checker) salvageFrom(text []byte, e, start int) []Span {
	if spans := c.sideBySide(text, start); spans != nil {
		return spans
	}
	budget := maxFragments
	found, n := c.behindFragment(text, e, start, &budget)
	if n != 1 || budget < 0 {
		return nil
	}
	return []Span{{found, len(text)}}
}

// behindFragment counts the starts that fit, and returns the last of them.
func (c *Checker) behindFragment(text []byte, e, start int, budget *int) (at, n int) {
	for k := max(e-2, start+1); k <= e && k < len(text); k++ {
		if text[k] != '{' {
			continue
		}
		if *budget--; *budget < 0 {
			return 0, 0
		}
		s, ok := c.probe(text, k)
		switch {
		case ok:
			if c.sound(s) {
				at, n = k, n+1
			}
		case s.err == endsEarly || s.err == tooDeep:
		default:
			if a, m := c.behindFragment(text, s.at, k, budget); m > 0 {
				at, n = a, n+m
			}
		}
	}
	return at, n
}

// sideBySide returns the objects that follow each other on text[start:], if
// there are at least two, nothing else, and all of them are sound.
func (c *Checker) sideBySide(text []byte, start int) []Span {
	var spans []Span
	for i := start; i < len(text); {
		s, ok := c.probe(text, i)
		end := len(text)
		if !ok {
			if s.err != afterTop {
				return nil
			}
			end = s.at
			if s, ok = c.probe(text[:end], i); !ok {
				return nil
			}
		}
		if !c.sound(s) {
			return nil
		}
		spans = append(spans, Span{i, end})
		i = end
	}
	if len(spans) < 2 {
		return nil
	}
	return spans
}

// probe scans text[i:] as one JSON value.
func (c *Checker) probe(text []byte, i int) (*scanner, bool) {
	s := newScanner(text, c.maxDepth)
	return &s, s.scan(i)
}

// whole reports whether text[i:] is one sound record.
func (c *Checker) whole(text []byte, i int) bool {
	s, ok := c.probe(text, i)
	return ok && c.sound(s)
}

// sound reports whether a scanned value is a record that may be salvaged: an
// object in UTF-8 with a known kind and a finite timestamp.
func (c *Checker) sound(s *scanner) bool {
	if !s.object || s.flags.Has(InvalidUTF8) {
		return false
	}
	r := c.judge(Result{}, s, s.flags)
	return r.Kind.Known() && r.HasTimestamp
}
