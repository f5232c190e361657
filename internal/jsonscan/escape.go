package jsonscan

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// escape walks the escape whose backslash is at i. A high surrogate takes its
// low half with it.
func (s *scanner) escape(i int) int {
	text := s.text
	if end := escapeEnd(text, i); end >= 0 {
		return end
	}
	if i+1 < len(text) && text[i+1] != 'u' {
		return s.fail(BadEscape, i+1)
	}
	end := i + 6
	for n := i + 2; n < end; n++ {
		if n >= len(text) {
			return s.fail(EndsEarly, n)
		}
		if hexDigit(text[n]) < 0 {
			return s.fail(BadUnicodeEscape, n)
		}
	}
	s.note(LoneSurrogate, i)
	return end
}

// escapeEnd returns the index after the escape whose backslash is at i, after
// both halves of a pair, or -1 if there is anything wrong with it.
func escapeEnd(text []byte, i int) int {
	if i+1 >= len(text) {
		return -1
	}
	switch text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		unit, ok := unitAt(text, i)
		if ok && unit&0xF800 != 0xD800 {
			return i + 6
		}
		if low, isPair := unitAt(text, i+6); ok && unit < 0xDC00 && isPair && low&0xFC00 == 0xDC00 {
			return i + 12
		}
	}
	return -1
}

// unitAt returns the code unit that the \u escape at i stands for, if it is one.
func unitAt(text []byte, i int) (int, bool) {
	if len(text) < i+6 || text[i] != '\\' || text[i+1] != 'u' {
		return 0, false
	}
	return hexUnit(text[i+2 : i+6])
}

// hexUnit returns what four hexadecimal digits stand for, if they are.
func hexUnit(b []byte) (int, bool) {
	b = b[:4:4]
	unit := hexDigit(b[0])<<12 | hexDigit(b[1])<<8 | hexDigit(b[2])<<4 | hexDigit(b[3])
	if unit < 0 {
		return 0, false
	}
	return unit, true
}

// hexDigit returns the value of a hexadecimal digit, or -1 if c is none.
func hexDigit(c byte) int { return int(hexDigits[c]) - 1 }

// hexDigits are the values of hexadecimal digits, and one more.
var hexDigits = [256]uint8{'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16, 'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16}

// Unescape appends the inside of a JSON string to dst with its escapes
// replaced. What is no escape is taken as it stands; an escape of a surrogate
// that is not half of a pair becomes U+FFFD.
func Unescape(dst, s []byte) []byte {
	for {
		n := bytes.IndexByte(s, '\\')
		if n < 0 || n+1 >= len(s) {
			return append(dst, s...)
		}
		dst = append(dst, s[:n]...)
		c := s[n+1]
		s = s[n+2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			if len(s) < 4 {
				return append(append(dst, '\\', 'u'), s...)
			}
			var r rune
			r, s = unescapeUnit(s)
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
}

// unescapeUnit returns the character whose four digits s starts with, and what
// is left of s behind it and, if it is a pair, its second half.
func unescapeUnit(s []byte) (rune, []byte) {
	unit, _ := hexUnit(s[:4])
	s = s[4:]
	r := rune(unit)
	if !utf16.IsSurrogate(r) {
		return r, s
	}
	if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		if low, ok := hexUnit(s[2:6]); ok {
			if pair := utf16.DecodeRune(r, rune(low)); pair != utf8.RuneError {
				return pair, s[6:]
			}
		}
	}
	return utf8.RuneError, s
}
