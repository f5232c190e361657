package record

import (
	"bytes"
	"math"
	"unicode"
)

// Check gives the verdict on one line, which comes without its newline. It
// reads line and keeps nothing of it.
//
// On a healthy line it allocates nothing, unless the line nests deeper than 64
// levels. Its cost is linear in the length of the line, with one exception: a
// line that is refused is looked at again for whole records, at most
// maxFragments times.
func (c *Checker) Check(line []byte, pos Position) Result {
	if canClassify && pos&^First == 0 && len(line) <= c.maxLine {
		if r, ok := c.quick(line); ok {
			return r
		}
	}
	return c.slow(line, pos)
}

// slow is Check without the quick look.
func (c *Checker) slow(line []byte, pos Position) Result {
	s := newScanner(line, c.maxDepth)
	r := Result{At: -1}
	if len(line) > c.maxLine {
		return r.decide(Set(0).With(OversizedLine), tooLong, -1)
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
	if !s.scan(r.Start) && !(c.producer && s.rescanStripped(r.Start)) {
		return c.refuse(r, &s, found, pos)
	}
	if !s.object {
		return r.decide(found.With(incomplete(pos)), notObject, r.Start)
	}
	if pos&(AfterNUL|BeforeNUL) == AfterNUL|BeforeNUL {
		// Cut off on both sides it could be the inside of another record.
		return r.decide(found.With(NULBytes), betweenNUL, -1)
	}
	found |= s.flags
	if s.returnAt >= 0 || c.producer && found.Has(ByteOrderMark) {
		// Python's text mode ends a line at a carriage return too, and its
		// decoder leaves the mark in the text.
		found = found.With(UnreadableByProducer)
	}
	if line[len(line)-1] == '\r' {
		found = found.With(CarriageReturn)
	}
	if pos&(Unterminated|BeforeNUL) == Unterminated {
		found = found.With(MissingNewline)
	}
	return c.judge(r, &s, found)
}

// judge looks at kind and timestamp of a well-formed object.
func (c *Checker) judge(r Result, s *scanner, found Set) Result {
	var kindReason, timeReason Reason
	r.Kind, kindReason = c.kind(s)
	if r.Kind != NoKind {
		r.kindStart, r.kindEnd = s.kindAt, s.kindEnd
	}
	switch r.Kind {
	case NoKind:
		found = found.With(MissingKind)
	case OtherKind:
		found = found.With(UnknownKind)
	}
	if s.times == 0 {
		timeReason = noTimestamp
	} else if b := s.text[s.timeAt]; b != '-' && b-'0' > 9 && b != 'N' && b != 'I' {
		timeReason = timestampNotNumber
	} else if f := parseFloat(s.text[s.timeAt:s.timeEnd]); math.IsInf(f, 0) || math.IsNaN(f) {
		timeReason = timestampNotFinite
		if !c.producer && s.text[s.timeEnd-1]-'0' <= 9 {
			// 1e999: Python reads an infinity, and stumbles when it uses it.
			found = found.With(UnreadableByProducer)
		}
	} else {
		r.Timestamp, r.HasTimestamp = f, true
	}
	if timeReason != noReason {
		found = found.With(MissingTimestamp)
	}
	if s.dupAt >= 0 {
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
		return r.decide(found, badUTF8, s.badUTF8At)
	case NonstandardNumber:
		return r.decide(found, nonstandard, s.nonstandardAt)
	case MissingKind:
		return r.decide(found, kindReason, s.kindAt-noneAt(s.kinds))
	case UnknownKind:
		return r.decide(found, kindReason, s.kindAt)
	case MissingTimestamp:
		return r.decide(found, timeReason, s.timeAt-noneAt(s.times))
	case MissingNewline:
		return r.decide(found, noNewline, len(s.text))
	case DuplicateKey:
		reason := duplicateKind
		if s.kinds < 2 {
			reason = duplicateTimestamp
		}
		return r.decide(found, reason, s.dupAt)
	case LoneSurrogate:
		return r.decide(found, loneSurrogate, s.surrogateAt)
	case UnreadableByProducer:
		if s.longIntAt >= 0 {
			return r.decide(found, longInteger, s.longIntAt)
		}
		if s.deepAt >= 0 {
			return r.decide(found, deepForProducer, s.deepAt)
		}
		return r.decide(found, returnInside, s.returnAt)
	}
	return r.decide(found, noReason, -1)
}

// noneAt turns an index of 0 into -1 where there was no such key at all.
func noneAt(count int) int {
	if count == 0 {
		return 1
	}
	return 0
}

// rescanStripped scans again without the white space that Python's str.strip
// takes off both ends and JSON does not know.
func (s *scanner) rescanStripped(start int) bool {
	text := bytes.TrimFunc(s.text[start:], pythonSpace)
	if len(text) == 0 {
		return false
	}
	from := start + bytes.Index(s.text[start:], text)
	again := newScanner(s.text[:from+len(text)], s.maxDepth)
	if len(text) == len(s.text)-start || !again.scan(from) {
		return false // s goes on telling what is wrong
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
func (c *Checker) refuse(r Result, s *scanner, found Set, pos Position) Result {
	line := s.text
	if len(bytes.TrimLeft(line[r.Start:], " \t\r\n")) == 0 {
		return r.decide(found.With(BlankLine), noReason, -1)
	}
	if at := bytes.IndexByte(line, 0); at >= 0 {
		return r.decide(found.With(NULBytes), nulBytes, at)
	}
	if pos&(AfterNUL|BeforeNUL) != 0 {
		return r.decide(found.With(NULBytes), besideNUL, s.at)
	}
	if s.err == tooDeep {
		return r.decide(found.With(TooDeep), tooDeep, s.at)
	}
	if s.err != endsEarly {
		if spans := c.salvageFrom(line, r.Start); len(spans) > 0 {
			reason := tornAndWhole
			if spans[0].Start == r.Start {
				reason = severalWhole
			}
			return r.decide(found.With(GluedRecords), reason, s.at)
		}
	}
	return r.decide(found.With(incomplete(pos)), s.err, s.at)
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

// kind tells which kind the object at hand has.
func (c *Checker) kind(s *scanner) (Kind, Reason) {
	if s.kinds == 0 {
		return NoKind, noKind
	}
	if s.text[s.kindAt] != '"' {
		return NoKind, kindNotString
	}
	name := s.text[s.kindAt+1 : s.kindEnd-1]
	if k := c.known(name); k != OtherKind {
		return k, noReason
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		if k := c.known(unescape(nil, name)); k != OtherKind {
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
