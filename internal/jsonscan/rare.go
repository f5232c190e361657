package jsonscan

import (
	"math/bits"
	"unicode/utf8"
)

// What is rare is looked at byte by byte, where the masks say that it stands.

// escape checks the escapes of word k, notes where they start, and returns the
// bytes that they escape.
func (l *Lines) escape(k int) (escaped uint64) {
	text := l.text
	base := l.base + 64*k
	escaped = l.escapeOver
	slash := l.raw[k].slash &^ escaped
	l.escapeOver = 0
	for slash != 0 {
		b := slash & -slash
		l.words[k].escapes |= b
		i := base + bits.TrailingZeros64(slash)
		if b<<1 == 0 {
			l.escapeOver = 1
		}
		escaped |= b << 1
		slash &^= b | b<<1
		if i == l.lowAt {
			continue // the high half has answered for it
		}
		switch escapeEnd(text, i) {
		case -1:
			l.refuse(i)
			return escaped
		case i + 12:
			l.lowAt = i + 6
		}
	}
	return escaped
}

// runes checks that what is not ASCII is UTF-8.
func (l *Lines) runes(high uint64, base int) {
	text := l.text
	for {
		if l.skipRunes > base {
			if l.skipRunes >= base+64 {
				return
			}
			high &= ^uint64(0) << (l.skipRunes - base)
		}
		if high == 0 {
			return
		}
		i := wellFormed(text, base+bits.TrailingZeros64(high))
		if i < len(text) && text[i] >= utf8.RuneSelf {
			l.refuse(i)
			return
		}
		l.skipRunes = i
	}
}

// odd checks what is neither digit nor dot in numbers and literals: signs,
// exponents and words. first is where those start.
func (l *Lines) odd(odd, first uint64, base int) {
	for {
		if l.skipOdd > base {
			if l.skipOdd >= base+64 {
				return
			}
			odd &= ^uint64(0) << (l.skipOdd - base)
		}
		if odd == 0 {
			return
		}
		b := odd & -odd
		odd &^= b
		i := base + bits.TrailingZeros64(b)
		end := l.oddEnd(i, first&b != 0)
		if end < 0 {
			l.refuse(i)
			return
		}
		l.skipOdd = end
	}
}

// oddEnd returns the index after the sign, exponent or word at i, or -1 if it
// is none of them or no end of a value follows. first says that a token starts
// here.
func (l *Lines) oddEnd(i int, first bool) int {
	rest := l.text[i:]
	if len(rest) < 3 || i == 0 {
		return -1
	}
	end := 0
	switch c := rest[0]; {
	case c == '-' && first:
		// What follows is checked as a number that starts here, but for a
		// zero in front.
		if d := rest[1]; d-'0' > 9 || d == '0' && rest[2]-'0' <= 9 {
			return -1
		}
		return i + 1
	case len(rest) > 4 && first && (string(rest[:4]) == "true" || string(rest[:4]) == "null"):
		end = 4
	case len(rest) > 5 && first && string(rest[:5]) == "false":
		end = 5
	case c|0x20 == 'e' && l.text[i-1]-'0' <= 9:
		end = 1
		if rest[end] == '+' || rest[end] == '-' {
			end++
		}
		digits := end
		for end < len(rest) && rest[end]-'0' <= 9 {
			end++
		}
		if end == digits || end == len(rest) {
			return -1
		}
	default:
		return -1
	}
	if c := rest[end]; c != ',' && c != '}' && c != ']' {
		return -1
	}
	return i + end
}
