package record

import (
	"bytes"
	"math"
	"unicode"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// What the scan looks for in a record, in the order of recordFields.
const (
	kindField = iota
	timeField
)

// recordFields are the members that make a record.
var recordFields = jsonscan.MustCompile("kind", "timestamp")

// Check gives the verdict on one line, which comes without its newline. It
// reads line and keeps nothing of it.
//
// On a healthy line it allocates nothing, unless the line nests deeper than 1,024
// levels. Its cost is linear in the length of the line, with one exception: a
// line that is refused is looked at again for whole records, at most
// maxFragments times.
func (c *Checker) Check(line []byte, pos Position) Result {
	if pos&^First == 0 && len(line) <= c.maxLine {
		var s jsonscan.Result
		if recordFields.Fast(line, c.maxDepth, &s) {
			return c.judge(Result{At: -1}, line, &s, 0)
		}
	}
	return c.slow(line, pos)
}

// slow is Check without the fast path.
func (c *Checker) slow(line []byte, pos Position) Result {
	var s jsonscan.Result
	r := Result{At: -1}
	if c.exceeds(line) {
		return c.Oversized(pos)
	}
	var found Set
	if pos&First != 0 && len(line) >= 2 {
		if len(line) >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF {
			r.Start = 3
			found = found.With(ByteOrderMark)
		} else if line[0] == 0xFF && line[1] == 0xFE || line[0] == 0xFE && line[1] == 0xFF {
			return r.decide(found.With(CorruptedLine), utf16Text, 0)
		}
	}
	if !recordFields.Scan(line, r.Start, c.maxDepth, &s) && !(c.producer && c.rescanStripped(line, r.Start, &s)) {
		return c.refuse(r, line, &s, found, pos)
	}
	if !s.Object {
		return r.decide(found.With(incomplete(pos)), notObject, r.Start)
	}
	if pos&(AfterNUL|BeforeNUL) == AfterNUL|BeforeNUL {
		// Cut off on both sides it could be the inside of another record.
		return r.decide(found.With(NULBytes), betweenNUL, -1)
	}
	found |= noted(s.Notes)
	if c.producer && found.Has(ByteOrderMark) {
		// Python's decoder leaves the mark in the text.
		found = found.With(UnreadableByProducer)
	}
	if line[len(line)-1] == '\r' {
		found = found.With(CarriageReturn)
	}
	if pos&(Unterminated|BeforeNUL) == Unterminated {
		found = found.With(MissingNewline)
	}
	return c.judge(r, line, &s, found)
}

// noted returns the faults that the notes of a scan are.
func noted(n jsonscan.Notes) Set {
	var found Set
	if n == 0 {
		return found
	}
	if n.Has(jsonscan.InvalidUTF8) {
		found = found.With(InvalidUTF8)
	}
	if n.Has(jsonscan.NonstandardNumber) {
		found = found.With(NonstandardNumber)
	}
	if n.Has(jsonscan.LoneSurrogate) {
		found = found.With(LoneSurrogate)
	}
	// Python's text mode ends a line at a carriage return too.
	if n.Has(jsonscan.LongInteger) || n.Has(jsonscan.DeepNesting) || n.Has(jsonscan.InnerReturn) {
		found = found.With(UnreadableByProducer)
	}
	return found
}

// judge looks at kind and timestamp of a well-formed object.
func (c *Checker) judge(r Result, line []byte, s *jsonscan.Result, found Set) Result {
	var timeReason Reason
	kind, time := &s.Fields[kindField], &s.Fields[timeField]
	k, kindReason := c.kind(line, kind)
	if r.Kind = k; k != NoKind {
		r.kindStart, r.kindEnd = kind.Start, kind.End
	}
	switch r.Kind {
	case NoKind:
		found = found.With(MissingKind)
	case OtherKind:
		found = found.With(UnknownKind)
	}
	if time.Count == 0 {
		timeReason = noTimestamp
	} else if b := line[time.Start]; b != '-' && b-'0' > 9 && b != 'N' && b != 'I' {
		timeReason = timestampNotNumber
	} else if f := jsonscan.Float(line[time.Start:time.End]); math.IsInf(f, 0) || math.IsNaN(f) {
		timeReason = timestampNotFinite
		if !c.producer && line[time.End-1]-'0' <= 9 {
			// 1e999: Python reads an infinity, and stumbles when it uses it.
			found = found.With(UnreadableByProducer)
		}
	} else {
		r.Timestamp, r.HasTimestamp = f, true
	}
	if timeReason != noReason {
		found = found.With(MissingTimestamp)
	}
	if kind.Dup > 0 || time.Dup > 0 {
		found = found.With(DuplicateKey)
	}
	if found == 0 {
		return r
	}
	if c.producer {
		found = producerView(found)
	}
	switch found.First() {
	case InvalidUTF8:
		return r.decide(found, badUTF8, s.NoteAt[jsonscan.InvalidUTF8])
	case NonstandardNumber:
		return r.decide(found, nonstandard, s.NoteAt[jsonscan.NonstandardNumber])
	case MissingKind, UnknownKind:
		return r.decide(found, kindReason, placeOf(kind))
	case MissingTimestamp:
		return r.decide(found, timeReason, placeOf(time))
	case MissingNewline:
		return r.decide(found, noNewline, len(line))
	case DuplicateKey:
		switch {
		case kind.Dup == 0:
			return r.decide(found, duplicateTimestamp, time.Dup)
		case time.Dup == 0:
			return r.decide(found, duplicateKind, kind.Dup)
		}
		return r.decide(found, duplicateKind, min(kind.Dup, time.Dup))
	case LoneSurrogate:
		return r.decide(found, loneSurrogate, s.NoteAt[jsonscan.LoneSurrogate])
	case UnreadableByProducer:
		if s.Notes.Has(jsonscan.LongInteger) {
			return r.decide(found, longInteger, s.NoteAt[jsonscan.LongInteger])
		}
		if s.Notes.Has(jsonscan.DeepNesting) {
			return r.decide(found, deepForProducer, s.NoteAt[jsonscan.DeepNesting])
		}
		if s.Notes.Has(jsonscan.InnerReturn) {
			return r.decide(found, returnInside, s.NoteAt[jsonscan.InnerReturn])
		}
		return r.decide(found, returnInside, -1)
	}
	return r.decide(found, noReason, -1)
}

// placeOf is where a member's value starts, or -1 if there is none.
func placeOf(f *jsonscan.Field) int {
	if f.Count == 0 {
		return -1
	}
	return f.Start
}

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
	if !recordFields.Scan(line[:from+len(text)], from, c.maxDepth, &again) {
		return false
	}
	*s = again
	return true
}

// pythonSpace reports whether Python's str.isspace holds for r.
func pythonSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1C && r <= 0x1F
}

// producerView drops what the producer's reader does not mind.
func producerView(found Set) Set {
	return found &^ (1<<NonstandardNumber | 1<<LoneSurrogate)
}

// refuse names the fault of text that is not one JSON value.
func (c *Checker) refuse(r Result, line []byte, s *jsonscan.Result, found Set, pos Position) Result {
	if len(bytes.TrimLeft(line[r.Start:], " \t\r\n")) == 0 {
		return r.decide(found.With(BlankLine), noReason, -1)
	}
	if at := bytes.IndexByte(line, 0); at >= 0 {
		return r.decide(found.With(NULBytes), nulBytes, at)
	}
	if pos&(AfterNUL|BeforeNUL) != 0 {
		return r.decide(found.With(NULBytes), besideNUL, s.At)
	}
	if s.Code == jsonscan.TooDeep {
		return r.decide(found.With(TooDeep), tooDeep, s.At)
	}
	if s.Code != jsonscan.EndsEarly {
		if spans := c.salvageFrom(line, r.Start); len(spans) > 0 {
			reason := tornAndWhole
			if spans[0].Start == r.Start {
				reason = severalWhole
			}
			return r.decide(found.With(GluedRecords), reason, s.At)
		}
	}
	return r.decide(found.With(incomplete(pos)), codeReasons[s.Code], s.At)
}

// incomplete is the type of a line that is no record.
func incomplete(pos Position) Type {
	if pos&Unterminated != 0 {
		return TruncatedLine
	}
	return CorruptedLine
}

func (r Result) decide(found Set, why Reason, at int) Result {
	r.Faults, r.Fault = found, found.First()
	r.Reason, r.At = why, at
	return r
}

// kind tells which kind the object in line has, whose kind stands at f.
func (c *Checker) kind(line []byte, f *jsonscan.Field) (Kind, Reason) {
	if f.Count == 0 {
		return NoKind, noKind
	}
	if line[f.Start] != '"' {
		return NoKind, kindNotString
	}
	name := line[f.Start+1 : f.End-1]
	if k := c.known(name); k != OtherKind {
		return k, noReason
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		if k := c.known(jsonscan.Unescape(nil, name)); k != OtherKind {
			return k, noReason
		}
	}
	return OtherKind, unknownKind
}

func (c *Checker) known(name []byte) Kind {
	switch string(name) {
	case "event":
		return Event
	case "audit":
		return Audit
	case "dead_letter":
		return DeadLetter
	case "metric":
		return Metric
	}
	for _, k := range c.allow {
		if bytes.Equal(k, name) {
			return AllowedKind
		}
	}
	return OtherKind
}
