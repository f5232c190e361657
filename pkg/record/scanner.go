package record

import (
	"encoding/binary"
	"math/bits"
)

// scanner walks one JSON text once. It validates, and on the way it notes what
// the tools want to know of the top-level object.
//
// It is a state machine without recursion, so that no nesting can exhaust the
// stack: whether a level is an object (1) or an array (0) is one bit.
type scanner struct {
	text []byte
	// maxDepth bounds the nesting.
	maxDepth int

	// err is why the text was refused, at where; noReason if it was not.
	err Reason
	at  int

	// flags are the faults of text that is well formed otherwise.
	flags Set
	// badUTF8At, nonstandardAt, surrogateAt are where the first of each stands.
	badUTF8At, nonstandardAt, surrogateAt, longIntAt, deepAt int

	object           bool // the top-level value is an object
	kinds, times     int  // how many top-level kinds and timestamps
	kindAt, timeAt   int  // where the last one's value starts
	kindEnd, timeEnd int
	dupAt            int
	bits             uint64     // the innermost 64 levels, the lowest bit the innermost
	levels           [15]uint64 // the levels further out, 64 a word
	spill            []uint64   // and those beyond them
	returnAt         int        // first carriage return inside the value
	escaped          bool       // the last string had escapes
}

func newScanner(text []byte, maxDepth int) scanner {
	return scanner{text: text, maxDepth: maxDepth,
		badUTF8At: -1, nonstandardAt: -1, surrogateAt: -1, longIntAt: -1, deepAt: -1, dupAt: -1, returnAt: -1}
}

// pythonDepth is the nesting that Python's json.loads still follows under its
// default recursion limit of 1000, with a margin for the frames of a program.
const pythonDepth = 900

// pythonDigits is sys.int_info.default_max_str_digits.
const pythonDigits = 4300

// class of a byte that may start a value or separate things.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (s *scanner) fail(r Reason, at int) bool {
	s.err, s.at = r, at
	return false
}

// failAt is fail, but text that has run out is refused as ending too early.
func (s *scanner) failAt(r Reason, at int) bool {
	if at >= len(s.text) {
		return s.fail(endsEarly, len(s.text))
	}
	return s.fail(r, at)
}

// What the key before the value at hand was, at the top level.
const (
	otherKey = iota
	kindKey
	timestampKey
)

// scan validates text[i:] as one JSON value with white space around it. It
// reports whether the text is well formed, NaN and Infinity and bytes that are
// not UTF-8 inside strings let pass, but noted in flags.
//
// The shapes that json.dumps writes, one space after a colon and a comma, are
// tried first everywhere; space takes what else is allowed.
func (s *scanner) scan(i int) bool {
	text := s.text
	depth := 0
	key := otherKey
	var inKey bool
	var start int

value:
	if i < len(text) && text[i] <= ' ' {
		i = s.space(i, depth)
	}
	if i >= len(text) {
		return s.fail(endsEarly, len(text))
	}
	start = i
	switch c := text[i]; {
	case c == '"':
		inKey = false
		goto str
	case c == '{':
		if depth == 0 {
			s.object = true
		}
		if key != otherKey {
			s.place(key, i, i+1)
			key = otherKey
		}
		if !s.push(&depth, 1, i) {
			return false
		}
		i++
		if i < len(text) && text[i] <= ' ' {
			i = s.space(i, depth)
		}
		if i < len(text) && text[i] == '"' {
			goto key
		}
		if i < len(text) && text[i] == '}' {
			i++
			goto closed
		}
		return s.failAt(wantKeyOrEnd, i)
	case c == '[':
		if key != otherKey {
			s.place(key, i, i+1)
			key = otherKey
		}
		if !s.push(&depth, 0, i) {
			return false
		}
		i++
		if i < len(text) && text[i] <= ' ' {
			i = s.space(i, depth)
		}
		if i < len(text) && text[i] == ']' {
			i++
			goto closed
		}
		goto value
	case c == '-' || c-'0' <= 9:
		i = s.number(i)
	default:
		i = s.literal(i)
	}
	if i < 0 {
		return false
	}
	if key != otherKey {
		s.place(key, start, i)
	}
	goto after

key:
	inKey = true
	start = i

str:
	i++
	s.escaped = false
	for {
		if len(text)-i < 8 {
			if i = s.str(i); i < 0 {
				return false
			}
			break
		}
		m := stops(binary.LittleEndian.Uint64(text[i:]))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if text[i] == '"' {
			i++
			break
		}
		if i = s.str(i); i < 0 {
			return false
		}
		break
	}
	if inKey {
		if depth == 1 {
			key = s.topKey(start, i)
		}
		if i < len(text) && text[i] != ':' {
			i = s.space(i, depth)
		}
		if i >= len(text) || text[i] != ':' {
			return s.failAt(wantColon, i)
		}
		i++
		if i < len(text) && text[i] == ' ' {
			i++
		}
		goto value
	}
	if key != otherKey {
		s.place(key, start, i)
	}

after:
	key = otherKey
	if depth == 0 {
		goto end
	}
	if s.bits&1 == 1 {
		if len(text)-i > 3 && text[i] == ',' && text[i+1] == ' ' && text[i+2] == '"' {
			i += 2
			goto key
		}
		if i < len(text) && text[i] <= ' ' {
			i = s.space(i, depth)
		}
		if i >= len(text) {
			return s.fail(endsEarly, len(text))
		}
		switch text[i] {
		case ',':
			i = s.space(i+1, depth)
			if i >= len(text) || text[i] != '"' {
				return s.failAt(wantKey, i)
			}
			goto key
		case '}':
			i++
			goto closed
		}
		return s.fail(wantCommaOrBrace, i)
	}
	if i < len(text) && text[i] <= ' ' {
		i = s.space(i, depth)
	}
	if i >= len(text) {
		return s.fail(endsEarly, len(text))
	}
	switch text[i] {
	case ',':
		i++
		if i < len(text) && text[i] == ' ' {
			i++
		}
		goto value
	case ']':
		i++
		goto closed
	}
	return s.fail(wantCommaOrBracket, i)

closed:
	depth--
	s.bits >>= 1
	if depth&63 == 0 && depth > 0 {
		s.pop(depth)
	}
	goto after

end:
	if i < len(text) {
		if i = s.space(i, 0); i < len(text) {
			return s.fail(afterTop, i)
		}
	}
	return true
}

// space returns the index of the first byte from i on that is no white space.
func (s *scanner) space(i, depth int) int {
	for i < len(s.text) {
		switch s.text[i] {
		case ' ', '\t', '\n':
		case '\r':
			if depth > 0 && s.returnAt < 0 {
				s.returnAt = i
			}
		default:
			return i
		}
		i++
	}
	return i
}

// push enters a level, an object if bit is 1. It fails beyond the limit.
func (s *scanner) push(depth *int, bit uint64, at int) bool {
	d := *depth
	if d >= s.maxDepth {
		return s.fail(tooDeep, at)
	}
	if d&63 == 0 && d > 0 {
		if n := d>>6 - 1; n < len(s.levels) {
			s.levels[n] = s.bits
		} else {
			s.spill = append(s.spill, s.bits)
		}
	}
	if d == pythonDepth {
		s.note(UnreadableByProducer, &s.deepAt, at)
	}
	s.bits = s.bits<<1 | bit
	*depth = d + 1
	return true
}

// pop returns to the levels further out, of which depth are left.
func (s *scanner) pop(depth int) {
	if n := depth>>6 - 1; n < len(s.levels) {
		s.bits = s.levels[n]
		return
	}
	s.bits = s.spill[len(s.spill)-1]
	s.spill = s.spill[:len(s.spill)-1]
}

// note records a fault of text that is well formed, and where its first is.
func (s *scanner) note(t Type, where *int, at int) {
	if *where < 0 {
		*where = at
	}
	s.flags = s.flags.With(t)
}

// place notes where the value of a top-level kind or timestamp stands.
func (s *scanner) place(key, start, end int) {
	if key == kindKey {
		s.kindAt, s.kindEnd = start, end
	} else {
		s.timeAt, s.timeEnd = start, end
	}
}

// topKey tells which key of interest stands at text[start:end], quotes included.
func (s *scanner) topKey(start, end int) int {
	k := s.text[start+1 : end-1]
	if s.escaped {
		k = unescape(nil, k)
	}
	switch {
	case len(k) == 4 && string(k) == "kind":
		s.kinds++
		if s.kinds == 2 && s.dupAt < 0 {
			s.dupAt = start
		}
		return kindKey
	case len(k) == 9 && string(k) == "timestamp":
		s.times++
		if s.times == 2 && s.dupAt < 0 {
			s.dupAt = start
		}
		return timestampKey
	}
	return otherKey
}
