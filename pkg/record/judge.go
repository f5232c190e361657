package record

import (
	"bytes"
	"math"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// What the scan looks for in a record, in the order of recordFields.
const (
	kindField = iota
	timeField
)

// recordFields are the members that make a record.
var recordFields = jsonscan.MustCompile("kind", "timestamp")

// judge looks at kind, time and what else is needed of a well-formed object.
func (c *Checker) judge(r Result, line []byte, s *jsonscan.Result, found Set) Result {
	kind, time := &s.Fields[kindField], &s.Fields[timeField]
	var kindReason, timeReason, fieldReason reason
	if c.rules != nil {
		j := c.rules.read(&r, line, s)
		found = found&^(1<<UnreadableByProducer) | j.found
		kind, time = j.kind, j.time
		kindReason, timeReason, fieldReason = j.kindWhy, j.timeWhy, j.why
	} else {
		r.Kind, kindReason = c.kind(line, kind)
		if r.Kind != NoKind {
			r.kind = placed(kind)
		}
		for i := range c.members {
			r.members[i] = placed(&s.Fields[timeField+1+i])
		}
		switch r.Kind {
		case NoKind:
			found = found.With(MissingKind)
		case OtherKind:
			found = found.With(UnknownKind)
		}
		r.Timestamp, timeReason = timestamp(line, time)
		if r.HasTimestamp = timeReason == noReason; !r.HasTimestamp {
			found = found.With(MissingTimestamp)
			if timeReason == timestampNotFinite && line[time.End-1]-'0' <= 9 {
				// 1e999: Python reads an infinity, and stumbles when it uses
				// it.
				found = found.With(UnreadableByProducer)
			}
		}
	}
	if r.HasTimestamp && r.Timestamp > c.future && r.Timestamp > dayAfter(c.now()) {
		found = found.With(FutureTimestamp)
	}
	if kind.Dup > 0 || time.Dup > 0 {
		found = found.With(DuplicateKey)
	}
	if found == 0 {
		return r
	}
	if c.producer {
		found = producerView(found, s.Notes)
	}
	r.Faults = found
	switch r.first() {
	case TruncatedLine, InvalidUTF8:
		return r.decided(found, badUTF8, s.NoteAt[jsonscan.InvalidUTF8])
	case MissingNewline:
		return r.decided(found, noReason, len(line))
	case NonstandardNumber:
		return r.decided(found, noReason, s.NoteAt[jsonscan.NonstandardNumber])
	case MissingKind, UnknownKind:
		return r.decided(found, kindReason, placeOf(kind))
	case MissingTimestamp:
		return r.decided(found, timeReason, placeOf(time))
	case MissingField:
		return r.decided(found, fieldReason, -1)
	case FutureTimestamp:
		return r.decided(found, noReason, time.Start)
	case DuplicateKey:
		switch {
		case kind.Dup == 0:
			return r.decided(found, duplicateTimestamp, time.Dup)
		case time.Dup == 0:
			return r.decided(found, duplicateKind, kind.Dup)
		}
		return r.decided(found, duplicateKind, min(kind.Dup, time.Dup))
	case LoneSurrogate:
		return r.decided(found, noReason, s.NoteAt[jsonscan.LoneSurrogate])
	case UnreadableByProducer:
		why, at := unreadable(s)
		return r.decided(found, why, at)
	}
	return r.decided(found, noReason, -1)
}

// placeOf is where a member's value starts, or -1 if there is none.
func placeOf(f *jsonscan.Field) int {
	if f.Count == 0 {
		return -1
	}
	return f.Start
}

// kind tells which kind the object in line has, whose kind stands at f.
func (c *Checker) kind(line []byte, f *jsonscan.Field) (Kind, reason) {
	if f.Count == 0 {
		return NoKind, noReason
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
	return OtherKind, noReason
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

// timestamp returns the Unix time of the object in line, whose timestamp stands
// at f, or the reason why it has none.
func timestamp(line []byte, f *jsonscan.Field) (float64, reason) {
	if f.Count == 0 {
		return 0, noTimestamp
	}
	if b := line[f.Start]; b != '-' && b-'0' > 9 && b != 'N' && b != 'I' {
		return 0, timestampNotNumber
	}
	seconds := jsonscan.Float(line[f.Start:f.End])
	if math.IsInf(seconds, 0) || math.IsNaN(seconds) {
		return 0, timestampNotFinite
	}
	return seconds, noReason
}
