package record

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
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
	bits             uint64   // the innermost 64 levels, the lowest bit the innermost
	spill            []uint64 // the levels further out
	stringEnd        int      // set by str: index after the closing quote
	escaped          bool     // set by str: the string has escapes
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
func (s *scanner) scan(i int) bool {
	text := s.text
	depth := 0
	key := otherKey

value:
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	if i >= len(text) {
		return s.fail(endsEarly, len(text))
	}
	switch c := text[i]; {
	case c == '"':
		start := i
		if !s.str(i + 1) {
			return false
		}
		i = s.stringEnd
		if key == kindKey {
			s.kindAt, s.kindEnd = start, i
		} else if key == timestampKey {
			s.timeAt, s.timeEnd = start, i
		}
		goto after
	case c == '{':
		if depth == 0 {
			s.object = true
		}
		if key != otherKey {
			s.composite(key, i)
			key = otherKey
		}
		if !s.push(&depth, 1, i) {
			return false
		}
		i++
		for i < len(text) && isSpace(text[i]) {
			i++
		}
		if i < len(text) && text[i] == '}' {
			i++
			goto closed
		}
		if i >= len(text) || text[i] != '"' {
			return s.failAt(wantKeyOrEnd, i)
		}
		goto key
	case c == '[':
		if key != otherKey {
			s.composite(key, i)
			key = otherKey
		}
		if !s.push(&depth, 0, i) {
			return false
		}
		i++
		for i < len(text) && isSpace(text[i]) {
			i++
		}
		if i < len(text) && text[i] == ']' {
			i++
			goto closed
		}
		goto value
	case c == '-' || c-'0' <= 9:
		start := i
		i = s.number(i)
		if i < 0 {
			return false
		}
		if key != otherKey {
			s.scalar(key, start, i)
		}
		goto after
	default:
		start := i
		i = s.literal(i)
		if i < 0 {
			return false
		}
		if key != otherKey {
			s.scalar(key, start, i)
		}
		goto after
	}

key:
	{
		start := i
		if !s.str(i + 1) {
			return false
		}
		i = s.stringEnd
		key = otherKey
		if depth == 1 {
			key = s.topKey(start, i)
		}
		if i < len(text) && text[i] == ':' {
			i++
		} else {
			for i < len(text) && isSpace(text[i]) {
				i++
			}
			if i >= len(text) || text[i] != ':' {
				return s.failAt(wantColon, i)
			}
			i++
		}
		goto value
	}

after:
	key = otherKey
	if depth == 0 {
		goto end
	}
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	if i >= len(text) {
		return s.fail(endsEarly, len(text))
	}
	if s.bits&1 == 1 {
		switch text[i] {
		case ',':
			i++
			for i < len(text) && isSpace(text[i]) {
				i++
			}
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
	switch text[i] {
	case ',':
		i++
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
		s.bits = s.spill[len(s.spill)-1]
		s.spill = s.spill[:len(s.spill)-1]
	}
	goto after

end:
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	if i < len(text) {
		return s.fail(afterTop, i)
	}
	return true
}

// push enters a level, an object if bit is 1. It fails beyond the limit.
func (s *scanner) push(depth *int, bit uint64, at int) bool {
	d := *depth
	if d >= s.maxDepth {
		return s.fail(tooDeep, at)
	}
	if d&63 == 0 && d > 0 {
		s.spill = append(s.spill, s.bits)
	}
	if d == pythonDepth {
		s.note(UnreadableByProducer, &s.deepAt, at)
	}
	s.bits = s.bits<<1 | bit
	*depth = d + 1
	return true
}

// note records a fault of text that is well formed, and where its first is.
func (s *scanner) note(t Type, where *int, at int) {
	if *where < 0 {
		*where = at
	}
	s.flags = s.flags.With(t)
}

// composite notes that a top-level kind or timestamp is an object or array.
func (s *scanner) composite(key, at int) { s.scalar(key, at, at+1) }

// scalar notes where the value of a top-level kind or timestamp stands.
func (s *scanner) scalar(key, start, end int) {
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

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// str walks a string from the byte after its opening quote. It sets stringEnd
// to the index after the closing one.
//
// Eight bytes are looked at together. In each of the three subtractions a
// borrow can raise a false alarm only above a byte that gave a true one, and
// only the lowest alarm is used.
func (s *scanner) str(i int) bool {
	text := s.text
	s.escaped = false
	for {
		for len(text)-i >= 8 {
			w := binary.LittleEndian.Uint64(text[i:])
			m := ((w - ones*0x20) | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | w) & highs
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				goto special
			}
			i += 8
		}
		for i < len(text) && text[i] >= 0x20 && text[i] < utf8.RuneSelf && text[i] != '"' && text[i] != '\\' {
			i++
		}
		if i >= len(text) {
			return s.fail(endsEarly, len(text))
		}
	special:
		switch c := text[i]; {
		case c == '"':
			s.stringEnd = i + 1
			return true
		case c == '\\':
			s.escaped = true
			if i = s.escape(i); i < 0 {
				return false
			}
		case c >= utf8.RuneSelf:
			i = s.runes(i)
		default:
			return s.fail(controlInString, i)
		}
	}
}

// runes walks characters beyond ASCII and returns the index of the first byte
// that belongs to none. Bytes that are not UTF-8 are noted and passed over.
func (s *scanner) runes(i int) int {
	text := s.text
	for i < len(text) && text[i] >= utf8.RuneSelf {
		// The two-byte and the common three-byte forms, without a call.
		if c := text[i]; c >= 0xC2 && c <= 0xDF && i+1 < len(text) && text[i+1]&0xC0 == 0x80 {
			i += 2
			continue
		} else if c >= 0xE1 && c <= 0xEC && i+2 < len(text) && text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80 {
			i += 3
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			s.note(InvalidUTF8, &s.badUTF8At, i)
		}
		i += n
	}
	return i
}
