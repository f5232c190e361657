package readers

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// maxShown is how much of a value is shown to people: 64 KiB. --json shows all.
const maxShown = 64 << 10

// clip cuts a text to maxShown, between characters.
func clip(text []byte) []byte {
	if len(text) <= maxShown {
		return text
	}
	n := maxShown
	for n > maxShown-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	return append(text[:n:n], "…"...)
}

// repr appends a JSON value as Python's repr shows it: None, True, 'text',
// {'id': 42}. Numbers are shown as they stand in the log. It is for eyes: text
// that could harm a terminal is escaped.
func (f *form) repr(dst, raw []byte) []byte {
	start := len(dst)
	for i := 0; i < len(raw); {
		if len(dst)-start > maxShown {
			return append(dst, "… ("+strconv.Itoa(len(raw))+" bytes)"...)
		}
		switch c := raw[i]; c {
		case ' ', '\t', '\n', '\r':
			i++
		case ',', ':':
			dst = append(dst, c, ' ')
			i++
		case '"':
			n := stringEnd(raw[i:])
			dst = f.quote(dst, raw[i:i+n])
			i += n
		case '{', '}', '[', ']':
			dst = append(dst, c)
			i++
		default:
			n := bytes.IndexAny(raw[i:], " \t\r\n,:{}[]\"")
			if n < 0 {
				n = len(raw) - i
			}
			n = max(n, 1)
			dst = append(dst, pythonWord(raw[i:i+n])...)
			i += n
		}
	}
	return dst
}

func pythonWord(word []byte) []byte {
	switch string(word) {
	case "null":
		return []byte("None")
	case "true":
		return []byte("True")
	case "false":
		return []byte("False")
	case "NaN":
		return []byte("nan")
	case "Infinity":
		return []byte("inf")
	case "-Infinity":
		return []byte("-inf")
	}
	return word
}

// stringEnd is the length of the JSON string at the start of raw.
func stringEnd(raw []byte) int {
	for i := 1; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// quote appends a JSON string in Python's quotes.
func (f *form) quote(dst, raw []byte) []byte {
	text, ok := pick.AppendText(f.scratch[:0], raw)
	if !ok {
		return safetext.Append(dst, clip(raw))
	}
	f.scratch = text[:0]
	text = clip(text)
	q := byte('\'')
	if bytes.IndexByte(text, '\'') >= 0 && bytes.IndexByte(text, '"') < 0 {
		q = '"'
	}
	dst = append(dst, q)
	for len(text) > 0 {
		i := bytes.IndexAny(text, "\\"+string(q))
		if i < 0 {
			i = len(text)
		}
		dst = safetext.Append(dst, text[:i])
		if i < len(text) {
			dst = append(dst, '\\', text[i])
			i++
		}
		text = text[i:]
	}
	return append(dst, q)
}
