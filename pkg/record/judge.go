package record

import (
	"bytes"
	"math"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// recordFields are the members that make one of Papyra's records.
var recordFields = jsonscan.MustCompile("kind", "timestamp")

// judge looks at kind, time and what else is needed of a well-formed object,
// and completes r, which tells of no fault yet. m is for parseRFC3339.
func (c *Checker) judge(r *Result, line []byte, s *jsonscan.Result, found Set, m *minute) {
	kind, time := foundAt(s, c.kindAt), foundAt(s, c.timeAt)
	j := judgement{found: found}
	if c.rules != nil {
		j.found &^= 1 << UnreadableByProducer
		c.rules.read(r, line, s, kind, time, m, &j)
	} else {
		c.read(r, line, s, kind, time, &j)
	}
	if r.HasTimestamp && r.Timestamp > c.future && r.Timestamp > dayAfter(c.now()) {
		j.found = j.found.With(FutureTimestamp)
	}
	if kind.Dup > 0 || time.Dup > 0 {
		j.found = j.found.With(DuplicateKey)
	}
	if j.found == 0 {
		return
	}
	if c.producer {
		j.found = producerView(j.found, s.Notes)
	}
	r.Faults = j.found
	why, at := noReason, -1
	switch r.first() {
	case TruncatedLine, InvalidUTF8:
		why, at = badUTF8, s.NoteAt[jsonscan.InvalidUTF8]
	case MissingNewline:
		at = len(line)
	case NonstandardNumber:
		at = s.NoteAt[jsonscan.NonstandardNumber]
	case MissingKind, UnknownKind:
		why, at = j.kindWhy, placeOf(kind)
	case MissingTimestamp:
		why, at = j.timeWhy, placeOf(time)
	case MissingField:
		why = j.why
	case FutureTimestamp:
		at = time.Start
	case DuplicateKey:
		switch {
		case kind.Dup == 0:
			why, at = duplicateTimestamp, time.Dup
		case time.Dup == 0:
			why, at = duplicateKind, kind.Dup
		default:
			why, at = duplicateKind, min(kind.Dup, time.Dup)
		}
	case LoneSurrogate:
		at = s.NoteAt[jsonscan.LoneSurrogate]
	case UnreadableByProducer:
		why, at = unreadable(s)
	}
	r.decide(j.found, why, at)
}

// judgement is what the members of an object say. It is filled in place, as a
// Result is: a copy of what was just written in parts waits for the store.
type judgement struct {
	found                 Set
	kindWhy, timeWhy, why reason
}

// foundAt is what was found of the i-th field, or of one that the profile does
// not have if i is negative.
func foundAt(s *jsonscan.Result, i int) *jsonscan.Field {
	if i < 0 {
		return &absent
	}
	return &s.Fields[i]
}

var absent jsonscan.Field

// read looks at the members of one of Papyra's own records.
func (c *Checker) read(r *Result, line []byte, s *jsonscan.Result, kind, time *jsonscan.Field, j *judgement) {
	r.Kind, j.kindWhy = c.kind(line, kind)
	switch r.Kind {
	case NoKind:
		j.found = j.found.With(MissingKind)
	case OtherKind:
		j.found = j.found.With(UnknownKind)
	}
	if r.Kind != NoKind {
		r.kind = placed(kind)
	}
	for i := range c.members {
		r.members[i] = placed(&s.Fields[c.timeAt+1+i])
	}
	r.Timestamp, j.timeWhy = timestamp(line, time)
	if r.HasTimestamp = j.timeWhy == noReason; !r.HasTimestamp {
		j.found = j.found.With(MissingTimestamp)
		if j.timeWhy == timestampNotFinite && line[time.End-1]-'0' <= 9 {
			// 1e999: Python reads an infinity, and stumbles when it uses it.
			j.found = j.found.With(UnreadableByProducer)
		}
	}
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
