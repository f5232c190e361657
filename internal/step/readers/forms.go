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

// form puts records into words.
type form struct {
	checker *record.Checker
	scratch []byte
	zone    *time.Location // nil for Unix seconds
}

// finder is a check of records that were judged already; it is to find kind and
// time.
func finder(p *record.Profile) *record.Checker {
	return record.NewChecker(record.Options{MaxLineBytes: math.MaxInt32, Producer: true, Profile: p})
}

// start appends the time of a record.
func (f *form) start(dst []byte, res record.Result) []byte {
	if !res.IsRecord() || !res.HasTimestamp {
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

// member is one that a line of a list shows, behind a label; none is shown
// where a record has no such member.
type member struct {
	label, key, none string
	repr             bool // as Python's repr, not its format
}

// listed returns what puts one kind of Papyra's records into a line each.
func listed(timed bool, members ...member) func(zone *time.Location) func(dst, line []byte) []byte {
	var keys []string
	for _, m := range members {
		keys = append(keys, m.key)
	}
	return func(zone *time.Location) func(dst, line []byte) []byte {
		f := &form{zone: zone, checker: finder(nil)}
		picker, raw := pick.New(keys...), make([][]byte, len(keys))
		return func(dst, line []byte) []byte {
			clear(raw)
			res := f.checker.Check(line, record.First)
			if timed {
				dst = f.start(dst, res)
			}
			if res.IsRecord() {
				picker.Pick(line[res.Start:], raw)
			}
			for i, m := range members {
				dst = append(dst, m.label...)
				if m.repr && raw[i] != nil {
					dst = f.repr(dst, raw[i])
				} else {
					dst = f.value(dst, raw[i], m.none)
				}
			}
			return append(dst, '\n')
		}
	}
}

var (
	newEvents = listed(true, member{key: "event_type"}, member{label: " ", key: "actor_address", none: "None"})
	newAudits = listed(true, counts("", " dead_letters=")...)
	// newSummary is of the newest audit report.
	newSummary     = listed(false, counts("Actors: ", "\nDead letters: ")...)
	newDeadLetters = listed(true, member{label: "target=", key: "target", none: "None"}, member{label: " type=", key: "message_type"},
		member{label: " payload=", key: "payload", none: "None", repr: true})
)

// counts are those of an audit report, in the order in which they are shown.
func counts(actors, deadLetters string) []member {
	return []member{{actors + "total=", "total_actors", "0", false}, {" alive=", "alive_actors", "0", false}, {" stopping=", "stopping_actors", "0", false},
		{" restarting=", "restarting_actors", "0", false}, {deadLetters, "dead_letters_count", "0", false}}
}
