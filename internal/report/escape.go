package report

import (
	"fmt"
	"io"
	"unicode/utf16"
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

// appendRune appends a rune as it is, or as the \u escapes of its UTF-16 form.
func appendRune(dst []byte, r rune) []byte {
	if text := string(r); r != utf8.RuneError && safetext.String(text) == text {
		return append(dst, text...)
	}
	for _, unit := range utf16.AppendRune(nil, r) {
		dst = fmt.Appendf(dst, `\u%04x`, unit)
	}
	return dst
}
