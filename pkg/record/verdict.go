package record

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Verdict is what is wrong with a line, and why. It is small, a plain value,
// and can be kept while the line is gone. The zero value is that of a healthy
// line, but for At.
type Verdict struct {
	// Fault is the type that decides; None for a healthy line.
	Fault Type
	// why is the reason, if there is more to say than the type does.
	why reason
	// refused says that what the producer can't read is an error.
	refused bool
	// Faults are all the types found on the line.
	Faults Set
	// At is the index in the line of the byte at which the deciding fault was
	// found, or -1 if it has no such place. For text that ends too early it is
	// the length of the line.
	At int32
}

// IsRecord reports whether the line is one whole JSON object that a repair
// keeps, be its kind or timestamp as they may. Blank and damaged lines are
// none.
func (v Verdict) IsRecord() bool { return v.Faults&damage == 0 }

// damage are the faults with which a line is no record at all.
var damage = Where(func(i *Info) bool { return i.Damage })

// Absent reports whether what decides is that the record does not have the
// member at all.
func (v Verdict) Absent() bool {
	switch v.Fault {
	case MissingKind:
		return v.why == noReason
	case MissingTimestamp:
		return v.why == noTimestamp
	}
	return v.Fault == MissingField
}

// With returns the verdict on a line that has the fault t besides those that
// the check found, such as a regression, which no line has by itself.
func (v Verdict) With(t Type) Verdict {
	v.Faults = v.Faults.With(t)
	if first := v.first(); first != v.Fault {
		v.Fault, v.why, v.At = first, noReason, -1
	}
	return v
}

// first returns the type that decides.
func (v Verdict) first() Type {
	first := v.Faults.First()
	if v.refused && v.Faults.Has(UnreadableByProducer) && first.Severity() == Warning {
		return UnreadableByProducer
	}
	return first
}

// decide sets the faults found, and what is to say about the one that decides.
func (v *Verdict) decide(found Set, why reason, at int) {
	v.Faults, v.why, v.At = found, why, int32(at)
	v.Fault = v.first()
}

// Check gives the verdict on one line, which comes without its newline. It
// reads line and keeps nothing of it.
//
// On a healthy line it allocates nothing, unless the line nests deeper than
// 1,024 levels. Its cost is linear in the length of the line; a line that is
// refused is looked at again for whole records, see [Checker.Salvage].
func (c *Checker) Check(line []byte, pos Position) Result {
	r := c.blank()
	var s jsonscan.Result
	if pos&^First == 0 && len(line) <= c.maxLine && c.fields.Fast(line, c.maxDepth, &s) {
		c.judge(&r, line, &s, 0, new(minute))
	} else {
		c.slow(&r, line, pos)
	}
	return r
}

// blank is the result on a line with which nothing is wrong so far.
func (c *Checker) blank() Result { return Result{Verdict: Verdict{At: -1, refused: c.producer}} }

// slow is Check without the fast path. It completes r, which is blank.
func (c *Checker) slow(r *Result, line []byte, pos Position) {
	if c.exceeds(line) {
		r.decide(Set(0).With(OversizedLine), noReason, -1)
		return
	}
	var found Set
	if pos&First != 0 {
		if bytes.HasPrefix(line, []byte(byteOrderMark)) {
			r.Start = len(byteOrderMark)
			found = found.With(ByteOrderMark)
		} else if bytes.HasPrefix(line, []byte("\xFF\xFE")) || bytes.HasPrefix(line, []byte("\xFE\xFF")) {
			r.decide(incomplete(0, CorruptedLine, pos), utf16Text, 0)
			return
		}
	}
	returned := len(line) > 0 && line[len(line)-1] == '\r'
	if returned && pos&Unterminated == 0 {
		found = found.With(CarriageReturn)
	}
	var s jsonscan.Result
	scanned := c.fields.Scan(line, r.Start, c.maxDepth, &s) || c.producer && c.rescanStripped(line, r.Start, &s)
	if !scanned || !s.Object {
		t, why, at := CorruptedLine, notObject, r.Start
		if !scanned {
			t, why, at = c.refuse(line, r.Start, &s)
		}
		r.decide(incomplete(found, t, pos), why, at)
		return
	}
	found |= noted(s.Notes)
	if c.producer && found.Has(ByteOrderMark) {
		// Python's decoder leaves the mark in the text.
		found = found.With(UnreadableByProducer)
	}
	if returned {
		found = found.With(CarriageReturn)
	}
	if pos&Unterminated != 0 {
		if found.Has(InvalidUTF8) {
			found = found.With(TruncatedLine)
		} else {
			found = found.With(MissingNewline)
		}
	}
	c.judge(r, line, &s, found, new(minute))
}

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\uFEFF"

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

// refuse names the fault of what is not one JSON value from start on.
func (c *Checker) refuse(line []byte, start int, s *jsonscan.Result) (t Type, why reason, at int) {
	if c.isBlank(line[start:]) {
		return BlankLine, noReason, -1
	}
	if at := bytes.IndexByte(line, 0); at >= 0 {
		return NULBytes, nulBytes, at
	}
	if s.Code == jsonscan.TooDeep {
		return TooDeep, tooDeep, s.At
	}
	if isConflictMarker(line) {
		return ConflictMarker, noReason, -1
	}
	if of := c.dissect(line, start).mixture(); of != noReason {
		return GluedRecords, of, s.At
	}
	return CorruptedLine, codeReasons[s.Code], s.At
}

// isConflictMarker reports whether git writes such a line around the sides of a
// conflict: seven of a character, two more for a merge within a merge, and then
// a name, which a middle line has none of.
func isConflictMarker(line []byte) bool {
	if len(line) == 0 || bytes.IndexByte([]byte("<|=>"), line[0]) < 0 {
		return false
	}
	name := bytes.TrimLeft(line, string(line[:1]))
	marks := len(line) - len(name)
	name = bytes.TrimSuffix(name, []byte("\r"))
	return (marks == 7 || marks == 9 || marks == 11) && (len(name) == 0 || name[0] == ' ' && line[0] != '=')
}

// incomplete adds t, the fault of a line that is no record. What is no more
// than corrupted is truncated where it is the last line; what is more, is both.
func incomplete(found Set, t Type, pos Position) Set {
	if pos&Unterminated == 0 {
		return found.With(t)
	}
	if found = found.With(TruncatedLine); t != CorruptedLine {
		found = found.With(t)
	}
	return found
}
