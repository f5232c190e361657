package jsonscan

import "math/bits"

// Scan walks text[from:] once, as one JSON value with white space around it. It
// reports whether the text is well formed, and says in r what it found; what
// was in r is gone, but for fields that f has not. Nesting deeper than maxDepth
// is refused.
//
// What Scan accepts and encoding/json does not: NaN, Infinity, -Infinity as
// values, which it notes; what both accept and UTF-8 does not is noted as well.
func (f *Fields) Scan(text []byte, from, maxDepth int, r *Result) bool {
	r.Code, r.At, r.Object, r.Notes = OK, 0, false, 0
	clear(r.Fields[:len(f.paths)])
	s := scanner{text: text, maxDepth: maxDepth, fields: f, r: r}
	return s.scan(from)
}

// scanner walks one JSON text once. It is a state machine without recursion, so
// that no nesting can exhaust the stack: whether a level is an object (1) or an
// array (0) is one bit.
//
// Its methods take the index of where they start and return where they ended,
// or -1 once the text is refused. They try what json.dumps writes first.
type scanner struct {
	text     []byte
	maxDepth int
	fields   *Fields
	r        *Result

	depth  int
	bits   uint64     // the innermost 64 levels, the lowest bit the innermost
	levels [15]uint64 // the levels further out, 64 a word
	spill  []uint64   // and those beyond them

	escaped bool // the last string had escapes

	// Of the value at hand: the fields that it is, and those that are in it.
	whole, deeper uint8
	// For the objects that a path can lead through, by depth: the fields that
	// may be inside, and those of which an ancestor was seen there already.
	active, seen [MaxPath + 1]uint8
}

// scan walks text[i:], and reports whether it is well formed.
func (s *scanner) scan(i int) bool {
	for more := true; more; {
		var opened bool
		if i, opened = s.value(i); i < 0 {
			return false
		}
		switch {
		case !opened:
			if i, more = s.next(i); i < 0 {
				return false
			}
		case s.bits&1 == 1:
			if i = s.key(i); i < 0 {
				return false
			}
		}
	}
	if i = s.space(i); i < len(s.text) {
		s.fail(AfterTop, i)
		return false
	}
	return true
}

// value walks a value, or, if that is an object or array that is not empty, up
// to what is inside, with opened set.
func (s *scanner) value(i int) (end int, opened bool) {
	text := s.text
	if i < len(text) && text[i] <= ' ' {
		i = s.space(i)
	}
	if i >= len(text) {
		return s.fail(EndsEarly, len(text)), false
	}
	switch c := text[i]; {
	case c == '"':
		end = s.str(i + 1)
	case c == '{':
		return s.openObject(i)
	case c == '[':
		return s.openArray(i)
	case c == '-' || c-'0' <= 9:
		end = s.number(i)
	default:
		end = s.literal(i)
	}
	if s.whole|s.deeper != 0 {
		s.place(i, end)
	}
	return end, false
}

// next walks what follows on a value, closing brackets and a comma, to where
// the next value has to be. It reports whether there is one: the top-level
// value has none.
func (s *scanner) next(i int) (int, bool) {
	text := s.text
	for s.depth > 0 {
		if s.bits&1 == 1 && len(text)-i > 3 && text[i] == ',' && text[i+1] == ' ' && text[i+2] == '"' {
			return s.key(i + 2), true
		}
		if i < len(text) && text[i] <= ' ' {
			i = s.space(i)
		}
		if i >= len(text) {
			return s.fail(EndsEarly, len(text)), false
		}
		object := s.bits&1 == 1
		switch c := text[i]; {
		case c == ',' && object:
			return s.nextKey(i + 1), true
		case c == ',':
			return i + 1, true
		case c == '}' && object, c == ']' && !object:
			i++
			s.pop()
		case object:
			return s.fail(WantCommaOrBrace, i), false
		default:
			return s.fail(WantCommaOrBracket, i), false
		}
	}
	return i, false
}

// space returns the index of the first byte from i on that is no white space.
func (s *scanner) space(i int) int {
	for i < len(s.text) {
		switch s.text[i] {
		case ' ', '\t', '\n':
		case '\r':
			if s.depth > 0 {
				s.note(InnerReturn, i)
			}
		default:
			return i
		}
		i++
	}
	return i
}

// push enters a level, an object if bit is 1. It fails beyond the limit.
func (s *scanner) push(bit uint64, at int) bool {
	d := s.depth
	if d >= s.maxDepth {
		s.fail(TooDeep, at)
		return false
	}
	if d&63 == 0 && d > 0 {
		n := d>>6 - 1
		if n < len(s.levels) {
			s.levels[n] = s.bits
		} else {
			if s.spill == nil {
				// All at once: with append, the compiler would have it that all
				// that s points to outlives it.
				s.spill = make([]uint64, s.maxDepth>>6+1)
			}
			s.spill[n-len(s.levels)] = s.bits
		}
	}
	if d == deepNesting {
		s.note(DeepNesting, at)
	}
	s.bits = s.bits<<1 | bit
	s.depth = d + 1
	return true
}

// pop leaves a level.
func (s *scanner) pop() {
	s.depth--
	s.bits >>= 1
	if s.depth&63 != 0 || s.depth == 0 {
		return
	}
	n := s.depth>>6 - 1
	if n < len(s.levels) {
		s.bits = s.levels[n]
	} else {
		s.bits = s.spill[n-len(s.levels)]
	}
}

// fail refuses the text: text that has run out, because it ends too early.
func (s *scanner) fail(c Code, at int) int {
	if at >= len(s.text) {
		c, at = EndsEarly, len(s.text)
	}
	s.r.Code, s.r.At = c, at
	return -1
}

// note remembers an oddity, and where its first is.
func (s *scanner) note(n Note, at int) {
	if !s.r.Notes.Has(n) {
		s.r.NoteAt[n] = at
		s.r.Notes |= 1 << n
	}
}

// place notes where the value of a wanted member stands.
func (s *scanner) place(start, end int) {
	for m := s.whole; m != 0; m &= m - 1 {
		f := &s.r.Fields[bits.TrailingZeros8(m)]
		f.Start, f.End = start, end
	}
	s.whole, s.deeper = 0, 0
}
