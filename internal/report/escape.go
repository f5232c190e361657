package report

import (
	"io"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// clipColumns is how much of a reason or a name from a log is shown to people.
// JSON has all of it.
const clipColumns = 240

// clean is text for eyes: escaped, and cut if it is very long.
func clean(s string) string { return safetext.Clip(s, clipColumns) }

// SafeJSON returns a writer that makes the JSON text written to it safe to show
// on a terminal, without changing what it means. It holds back up to three
// bytes of a rune that is cut in two, so that the text must end with a whole
// one.
func SafeJSON(w io.Writer) io.Writer { return &safeJSON{w: w} }

// safeJSON passes JSON text on with every rune that a terminal would obey or
// hide (C1 controls, DEL, bidi overrides, zero-width runes) written as a \u
// escape, which means the same to a parser, and U+FFFD, which stands for bytes
// that are not UTF-8, always in one way. Only strings hold such runes, so no
// state is needed but a rune cut in two by the end of a write.
type safeJSON struct {
	w    io.Writer
	part []byte // the first bytes of a rune
	out  []byte
}

// Write never keeps more than three bytes back. Bytes that are not UTF-8 become
// U+FFFD.
func (s *safeJSON) Write(p []byte) (int, error) {
	n := len(p)
	s.out = s.out[:0]
	if len(s.part) > 0 {
		p = append(s.part, p...)
		s.part = nil
	}
	for len(p) > 0 {
		if c := p[0]; c < 0x7f {
			s.out = append(s.out, c)
			p = p[1:]
			continue
		}
		if !utf8.FullRune(p) {
			s.part = append([]byte(nil), p...)
			break
		}
		r, size := utf8.DecodeRune(p)
		s.out = appendRune(s.out, r)
		p = p[size:]
	}
	if _, err := s.w.Write(s.out); err != nil {
		return 0, err
	}
	return n, nil
}

func appendRune(dst []byte, r rune) []byte {
	var raw [utf8.UTFMax]byte
	text := string(utf8.AppendRune(raw[:0], r))
	if r != utf8.RuneError && safetext.String(text) == text {
		return append(dst, text...)
	}
	if r > 0xffff {
		r -= 0x10000
		dst = appendUnicode(dst, 0xd800+r>>10)
		return appendUnicode(dst, 0xdc00+r&0x3ff)
	}
	return appendUnicode(dst, r)
}

func appendUnicode(dst []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
