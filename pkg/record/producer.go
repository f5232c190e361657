package record

import (
	"bytes"
	"unicode"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// The producer's reader opens the log as text in UTF-8, where carriage returns
// end lines too, takes str.strip's white space off both ends of a line and
// hands the rest to json.loads.

// rescanStripped scans again without the white space that Python's str.strip
// takes off both ends and JSON does not know. If that fails too, s goes on
// telling what was wrong.
func (c *Checker) rescanStripped(line []byte, start int, s *jsonscan.Result) bool {
	text := bytes.TrimFunc(line[start:], pythonSpace)
	if len(text) == 0 || len(text) == len(line)-start {
		return false
	}
	from := start + bytes.Index(line[start:], text)
	var again jsonscan.Result
	if !c.fields.Scan(line[:from+len(text)], from, c.maxDepth, &again) {
		return false
	}
	*s = again
	return true
}

// isBlank reports whether text is nothing but white space.
func (c *Checker) isBlank(text []byte) bool {
	if c.producer {
		return len(bytes.TrimFunc(text, pythonSpace)) == 0
	}
	return len(bytes.TrimLeft(text, " \t\r\n")) == 0
}

// pythonSpace reports whether Python's str.isspace holds for r.
func pythonSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1C && r <= 0x1F
}

// producerView drops what the producer's reader does not mind: it loads NaN,
// lone surrogates and, as an infinity, 1e999.
func producerView(found Set, notes jsonscan.Notes) Set {
	found &^= 1<<NonstandardNumber | 1<<LoneSurrogate
	if found.Has(UnreadableByProducer) && !found.Has(ByteOrderMark) && !noted(notes).Has(UnreadableByProducer) {
		found &^= 1 << UnreadableByProducer
	}
	return found
}

// unreadable says why the producer can't read a record, and where it stumbles.
func unreadable(s *jsonscan.Result) (reason, int) {
	switch {
	case s.Notes.Has(jsonscan.LongInteger):
		return longInteger, s.NoteAt[jsonscan.LongInteger]
	case s.Notes.Has(jsonscan.DeepNesting):
		return deepForProducer, s.NoteAt[jsonscan.DeepNesting]
	case s.Notes.Has(jsonscan.InnerReturn):
		return returnInside, s.NoteAt[jsonscan.InnerReturn]
	}
	return markForProducer, 0
}
