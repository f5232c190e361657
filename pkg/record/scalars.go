package record

import (
	"strconv"
	"unsafe"
)

// escape walks the escape whose backslash is at i and returns the index after
// it, or -1. A high surrogate takes its low half with it.
func (s *scanner) escape(i int) int {
	text := s.text
	if i+1 >= len(text) {
		s.fail(endsEarly, len(text))
		return -1
	}
	switch text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		unit := s.hex4(i + 2)
		if unit < 0 {
			return -1
		}
		end := i + 6
		if unit&0xF800 != 0xD800 {
			return end
		}
		if unit < 0xDC00 && end+6 <= len(text) && text[end] == '\\' && text[end+1] == 'u' {
			if low, ok := hexUnit(text[end+2 : end+6]); ok && low&0xFC00 == 0xDC00 {
				return end + 6
			}
		}
		s.note(LoneSurrogate, &s.surrogateAt, i)
		return end
	}
	s.fail(badEscape, i+1)
	return -1
}

// hex4 reads the four digits of a \u escape at i, or fails at the first byte
// that is none.
func (s *scanner) hex4(i int) int {
	unit := 0
	for n := 0; n < 4; n++ {
		if i+n >= len(s.text) {
			s.fail(endsEarly, len(s.text))
			return -1
		}
		d := hexDigit(s.text[i+n])
		if d < 0 {
			s.fail(badUnicodeEscape, i+n)
			return -1
		}
		unit = unit<<4 | d
	}
	return unit
}

func hexUnit(b []byte) (int, bool) {
	unit := 0
	for _, c := range b {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		unit = unit<<4 | d
	}
	return unit, true
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// number walks a number and returns the index after it, or -1.
func (s *scanner) number(i int) int {
	text := s.text
	start := i
	if text[i] == '-' {
		i++
		if i < len(text) && text[i] == 'I' {
			return s.word(i, start, "Infinity")
		}
	}
	digits := i
	switch {
	case i >= len(text):
		s.fail(endsEarly, len(text))
		return -1
	case text[i] == '0':
		i++
	case text[i]-'1' <= 8:
		for i++; i < len(text) && text[i]-'0' <= 9; i++ {
		}
	default:
		s.fail(badNumber, i)
		return -1
	}
	length := i - digits
	integer := true
	if i < len(text) && text[i] == '.' {
		integer = false
		i++
		first := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		if i == first {
			s.failAt(badNumber, i)
			return -1
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		first := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		if i == first {
			s.failAt(badNumber, i)
			return -1
		}
	}
	if integer && length > pythonDigits {
		s.note(UnreadableByProducer, &s.longIntAt, start)
	}
	return i
}

// literal walks true, false, null, or one of Python's additions to JSON.
func (s *scanner) literal(i int) int {
	switch s.text[i] {
	case 't':
		return s.word(i, -1, "true")
	case 'f':
		return s.word(i, -1, "false")
	case 'n':
		return s.word(i, -1, "null")
	case 'N':
		return s.word(i, i, "NaN")
	case 'I':
		return s.word(i, i, "Infinity")
	}
	s.fail(wantValue, i)
	return -1
}

// word walks the letters of a literal. If nonstandardFrom is not negative the
// word is none of JSON's: it is noted as starting there, and where it turns
// out to be something else, it is refused there, as a strict parser would.
func (s *scanner) word(i, nonstandardFrom int, word string) int {
	text := s.text
	for n := 0; n < len(word); n++ {
		if i+n < len(text) && text[i+n] == word[n] {
			continue
		}
		switch {
		case nonstandardFrom >= 0:
			s.fail(wantValue, i)
		case i+n >= len(text):
			s.fail(endsEarly, len(text))
		default:
			s.fail(badLiteral, i+n)
		}
		return -1
	}
	if nonstandardFrom >= 0 {
		s.note(NonstandardNumber, &s.nonstandardAt, nonstandardFrom)
	}
	return i + len(word)
}

// pow10 are the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseFloat returns the value of a well-formed JSON number, correctly
// rounded; one out of range gives an infinity.
func parseFloat(b []byte) float64 {
	// Digits up to 2^53 and the power of ten are exact as floats, so one
	// division rounds correctly (Clinger's fast path).
	var mantissa uint64
	i, digits, frac := 0, 0, -1
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		i++
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c-'0' <= 9:
			mantissa = mantissa*10 + uint64(c-'0')
			if digits++; digits > 19 {
				return slowFloat(b)
			}
		case c == '.':
			frac = digits
		default:
			return slowFloat(b)
		}
	}
	if mantissa > 1<<53 {
		return slowFloat(b)
	}
	f := float64(mantissa)
	if frac >= 0 {
		f /= pow10[digits-frac]
	}
	if negative {
		f = -f
	}
	return f
}

func slowFloat(b []byte) float64 {
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return f
}
