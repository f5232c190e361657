package record

import (
	"errors"
	"fmt"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Profile says what a record of a log is. The zero value says that any JSON
// object is one.
//
// Profiles come from files (see ParseProfile) and from the presets (see
// Preset). A profile is not changed once it is made, and may be used by any
// number of goroutines at once.
type Profile struct {
	// Name identifies the profile: lower-case letters, digits, "_" and "-".
	Name string
	// About says in one sentence whose logs these are.
	About string
	// Kind is where records say what sort of record they are.
	Kind KindRule
	// Time is where records say when they were made.
	Time TimeRule
	// Require are what a record must have: at least one field of each list. A
	// record that lacks one is a record all the same, with an anomaly, but is
	// never salvaged from damage.
	Require [][]Field
	// ID is a member that identifies a record, or "".
	ID Field
	// Refers is a member that names the ID of another record, or "".
	Refers Field
	// Message is the member that says in words what happened, or "".
	Message Field
	// Top are members whose most frequent values are worth to be shown.
	Top []Field
	// Marks tell such logs from others, and have no part in the check: of each
	// list at least one field is there in nearly every record.
	Marks [][]Field
	// Sources are where the facts come from.
	Sources []struct{ Title, URL string }
}

// KindRule says where a record carries its kind, a string or an integer.
type KindRule struct {
	// Field is the member; "" means that records have no kind.
	Field Field
	// Known are the kinds that are known; if there are none, every kind is.
	Known []KindValue
}

// KindValue is a kind as it stands in a record.
type KindValue struct {
	// Text is the string, or the integer in decimal.
	Text string
	// Integer tells 30 from "30".
	Integer bool
}

// TimeRule says where a record carries its time, and how.
type TimeRule struct {
	// Field is the member; "" means that records have no time.
	Field Field
	// Format is how the time is written.
	Format TimeFormat
	// Bare refuses a number that is written as a string.
	Bare bool
}

// Seconds returns the Unix seconds of a raw time, and whether it is one.
func (r TimeRule) Seconds(raw []byte) (float64, bool) { return r.seconds(raw, new(minute)) }

func (r TimeRule) seconds(raw []byte, m *minute) (float64, bool) {
	if r.Bare && len(raw) > 0 && raw[0] == '"' {
		return 0, false
	}
	return r.Format.seconds(raw, m)
}

// Field names a member of a record: its key ("kind"), or, if it begins with a
// slash, the path to it ("/message/role", RFC 6901) of at most four keys. Paths
// go through objects, not through arrays.
type Field string

// Check reports what is wrong with the name of a field.
func (f Field) Check() error {
	if f == "" {
		return errors.New("a field has a name")
	}
	if _, err := jsonscan.Split(string(f)); err != nil {
		return fmt.Errorf("field %q: %w", string(f), err)
	}
	return nil
}

// HasKind reports whether records have a kind.
func (p *Profile) HasKind() bool { return p.Kind.Field != "" }

// HasTime reports whether records have a time.
func (p *Profile) HasTime() bool { return p.Time.Field != "" }

// Requires reports whether a record must have the field.
func (p *Profile) Requires(f Field) bool {
	for _, any := range p.Require {
		if len(any) == 1 && any[0] == f {
			return true
		}
	}
	return false
}
