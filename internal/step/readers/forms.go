package readers

import (
	"math"
	"strconv"
	"time"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// form puts one kind of record into words.
type form struct {
	checker *record.Checker
	picker  *pick.Picker
	raw     [][]byte
	scratch []byte
	zone    *time.Location // nil for Unix seconds
}

// finder is a check of records that were judged already; it is to find kind and
// time.
func finder(p *record.Profile) *record.Checker {
	return record.NewChecker(record.Options{MaxLineBytes: math.MaxInt32, Producer: true, Profile: p})
}

func newForm(zone *time.Location, keys ...string) *form {
	return &form{
		zone:    zone,
		checker: finder(nil),
		picker:  pick.New(keys...),
		raw:     make([][]byte, len(keys)),
	}
}

// start picks the members of a record and appends its time.
func (f *form) start(dst, line []byte) []byte {
	res := f.checker.Check(line, record.First)
	if !res.IsRecord() {
		clear(f.raw)
		return append(dst, "[None] "...)
	}
	f.picker.Pick(line[res.Start:], f.raw)
	if !res.HasTimestamp {
		return append(dst, "[None] "...)
	}
	dst = append(dst, '[')
	if at, ok := report.Time(res.Timestamp); ok && f.zone != nil {
		return append(appendTime(dst, at, f.zone), "] "...)
	}
	dst = strconv.AppendFloat(dst, res.Timestamp, 'f', 3, 64)
	return append(dst, "] "...)
}

// appendTime appends a time as people read it, to the millisecond.
func appendTime(dst []byte, at time.Time, zone *time.Location) []byte {
	layout := "2006-01-02 15:04:05.000"
	if zone == time.UTC {
		layout += "Z"
	}
	return at.Round(time.Millisecond).In(zone).AppendFormat(dst, layout)
}

// value appends what Python's format() makes of a value, or def if there is
// none.
func (f *form) value(dst, raw []byte, def string) []byte {
	if raw == nil {
		return append(dst, def...)
	}
	if text, ok := pick.AppendText(f.scratch[:0], raw); ok {
		f.scratch = text[:0]
		return safetext.Append(dst, clip(text))
	}
	return f.repr(dst, raw)
}

func newEvents(zone *time.Location) func(dst, line []byte) []byte {
	f := newForm(zone, "event_type", "actor_address")
	return func(dst, line []byte) []byte {
		dst = f.start(dst, line)
		dst = f.value(dst, f.raw[0], "")
		dst = append(dst, ' ')
		return append(f.value(dst, f.raw[1], "None"), '\n')
	}
}

// The counts of an audit report, in the order in which they are shown.
var (
	auditKeys  = []string{"total_actors", "alive_actors", "stopping_actors", "restarting_actors", "dead_letters_count"}
	auditNames = []string{"total=", " alive=", " stopping=", " restarting=", " dead_letters="}
)

func newAudits(zone *time.Location) func(dst, line []byte) []byte {
	f := newForm(zone, auditKeys...)
	return func(dst, line []byte) []byte {
		dst = f.start(dst, line)
		for i, name := range auditNames {
			dst = append(dst, name...)
			dst = f.value(dst, f.raw[i], "0")
		}
		return append(dst, '\n')
	}
}

func newSummary(zone *time.Location) func(dst, line []byte) []byte {
	f := newForm(zone, auditKeys...)
	return func(dst, line []byte) []byte {
		f.start(nil, line)
		dst = append(dst, "Actors: "...)
		for i, name := range auditNames[:4] {
			dst = append(dst, name...)
			dst = f.value(dst, f.raw[i], "0")
		}
		dst = append(dst, "\nDead letters: "...)
		return append(f.value(dst, f.raw[4], "0"), '\n')
	}
}

func newDeadLetters(zone *time.Location) func(dst, line []byte) []byte {
	f := newForm(zone, "target", "message_type", "payload")
	return func(dst, line []byte) []byte {
		dst = f.start(dst, line)
		dst = append(dst, "target="...)
		dst = f.value(dst, f.raw[0], "None")
		dst = append(dst, " type="...)
		dst = f.value(dst, f.raw[1], "")
		dst = append(dst, " payload="...)
		if f.raw[2] == nil {
			return append(dst, "None\n"...)
		}
		return append(f.repr(dst, f.raw[2]), '\n')
	}
}
