// Package safetext makes text that comes from a log, a path or a file safe to
// show.
//
// A terminal obeys what it is sent: a record that holds an escape sequence can
// recolour, hide or retitle what a person sees; a bidi override makes text read
// backwards; a newline forges a second line of a report or a CI command. After
// this package, none of that is left: each such rune, and each byte that is not
// UTF-8, is shown as a visible escape:
//
//	\n \r \t        newline, carriage return, tab
//	\xNN           other control characters below U+0100 (ESC is \x1b), and bytes that are not UTF-8
//	\u{NNNN}       other control, format (zero-width, bidi), separator, surrogate, private-use and unassigned runes
//
// Letters, marks, digits, punctuation, symbols and emoji pass, as does the
// backslash: paths and JSON texts stay readable, at the price that an escape
// cannot be told from the same characters in the original. The result is for
// eyes, not for decoding.
package safetext

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// String returns s with everything unsafe escaped. If nothing is, s itself is
// returned.
func String(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf-1 {
			return string(Append(make([]byte, 0, len(s)+16), s))
		}
	}
	return s
}

// Append appends s to dst with everything unsafe escaped.
func Append[T string | []byte](dst []byte, s T) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c)
			i++
			continue
		}
		end := min(len(s), i+utf8.UTFMax)
		r, n := utf8.DecodeRuneInString(string(s[i:end]))
		switch {
		case r == utf8.RuneError && n <= 1:
			dst = appendHex(dst, c)
			n = 1
		case r < 0x100 && unicode.IsControl(r):
			dst = appendHex(dst, byte(r))
		case !visible(r):
			dst = append(dst, `\u{`...)
			dst = strconv.AppendInt(dst, int64(r), 16)
			dst = append(dst, '}')
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	return dst
}

func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\r':
		return append(dst, `\r`...)
	case c == '\t':
		return append(dst, `\t`...)
	case c < ' ' || c == 0x7f:
		return appendHex(dst, c)
	}
	return append(dst, c)
}

func appendHex(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'x', digits[c>>4], digits[c&15])
}

// visible reports whether a rune is one that shows as itself and changes
// nothing around it. The plain space is; other spaces, which cannot be told
// from it, are not. Variation selectors and the fillers that show as nothing
// are not either.
func visible(r rune) bool {
	if !unicode.IsPrint(r) {
		return false
	}
	switch {
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef: // variation selectors
		return false
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xffa0, r == 0x2800: // show as nothing
		return false
	case r >= 0x180b && r <= 0x180f:
		return false
	}
	return true
}
