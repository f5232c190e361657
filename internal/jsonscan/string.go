package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks the bytes of w at which a string needs a closer look, with the
// high bit of the byte: quotes, backslashes, control characters, and what is
// not ASCII. Marks above the lowest one may be false: in each of the three
// subtractions a borrow can raise an alarm above a byte that gave a true one.
func stops(w uint64) uint64 {
	return ((w - ones*0x20) | ((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | w) & highs
}

// str walks a string from i, behind its opening quote, and returns the index
// after the closing one.
func (s *scanner) str(i int) int {
	text := s.text
	s.escaped = false
	for len(text)-i >= 8 {
		m := stops(binary.LittleEndian.Uint64(text[i:]))
		if m == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(m) >> 3; text[i] == '"' {
			return i + 1
		}
		break
	}
	return s.rest(i)
}

// rest walks a string from i, where it may need a closer look.
func (s *scanner) rest(i int) int {
	text := s.text
	for {
		if i = plainEnd(text, i); i >= len(text) {
			return s.fail(EndsEarly, i)
		}
		switch c := text[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			s.escaped = true
			if i = s.escape(i); i < 0 {
				return -1
			}
		case c >= utf8.RuneSelf:
			i = s.runes(i)
		default:
			return s.fail(ControlInString, i)
		}
	}
}

// plainEnd returns the index of the first byte from i on at which a string
// needs a closer look.
func plainEnd(text []byte, i int) int {
	for len(text)-i >= 8 {
		if m := stops(binary.LittleEndian.Uint64(text[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(text) && text[i] >= 0x20 && text[i] < utf8.RuneSelf && text[i] != '"' && text[i] != '\\' {
		i++
	}
	return i
}

// runes walks characters beyond ASCII and returns the index of the first byte
// that belongs to none. Bytes that are not UTF-8 are noted and passed over.
func (s *scanner) runes(i int) int {
	for {
		i = wellFormed(s.text, i)
		if i >= len(s.text) || s.text[i] < utf8.RuneSelf {
			return i
		}
		s.note(InvalidUTF8, i)
		i++
	}
}

// wellFormed walks characters beyond ASCII that are UTF-8 and returns the index
// of the first byte that belongs to none.
func wellFormed(text []byte, i int) int {
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
			return i
		}
		i += n
	}
	return i
}
