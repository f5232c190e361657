package cli

import (
	"fmt"
	"strings"
	"time"
)

// Moment is a point in time as a person writes it: RFC 3339
// (2024-03-09T16:00:00Z), a date or a date and a time in the local zone
// (2024-03-09, 2024-03-09 16:00), today or yesterday (their first instant),
// Unix seconds (1710000000.5), or an age with a unit (7d, 2 hours ago: that
// long before now). The zero Moment is none.
type Moment struct {
	text string
	at   func(now time.Time) time.Time // nil for none
}

// momentForms are those of dates. Without a zone, the local one is meant.
var momentForms = []string{time.RFC3339Nano, "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05.999999999"}

// ParseMoment reads a moment as documented at Moment.
func ParseMoment(s string) (Moment, error) {
	text := strings.TrimSpace(s)
	switch strings.ToLower(text) {
	case "today":
		return Moment{text, midnight(0)}, nil
	case "yesterday":
		return Moment{text, midnight(1)}, nil
	}
	number, rest, err := splitNumber(text)
	if err != nil {
		return Moment{}, fmt.Errorf("bad moment %q: %w", s, err)
	}
	fixed := func(at time.Time) Moment { return Moment{text, func(time.Time) time.Time { return at }} }
	switch {
	case rest == "":
		at, err := unixSeconds(number)
		if err != nil {
			return Moment{}, fmt.Errorf("bad moment %q: %w", s, err)
		}
		return fixed(at), nil
	case rest[0] == '-' || rest[0] == ':':
		for _, form := range momentForms {
			if at, err := time.ParseInLocation(form, strings.ToUpper(strings.Replace(text, " ", "T", 1)), time.Local); err == nil {
				return fixed(at), nil
			}
		}
		return Moment{}, fmt.Errorf("bad moment %q: want a date, or a date and a time, like 2024-03-09T16:00:00Z or 2024-03-09 16:00", s)
	}
	age, err := ParseDuration(spelledAge(text))
	if err != nil {
		return Moment{}, fmt.Errorf("bad moment %q: want 2024-03-09T16:00:00Z, 2024-03-09, today, Unix seconds, or an age like 7d", s)
	}
	return Moment{text, func(now time.Time) time.Time { return now.Add(-age.Std()) }}, nil
}

// midnight is the beginning of the local day so many days ago.
func midnight(days int) func(now time.Time) time.Time {
	return func(now time.Time) time.Time {
		year, month, day := now.In(time.Local).Date()
		return time.Date(year, month, day-days, 0, 0, 0, 0, time.Local)
	}
}

// spelledAge turns "2 hours ago" into 2h; other texts are returned as they are.
func spelledAge(text string) string {
	words := strings.Fields(strings.ToLower(text))
	if len(words) != 3 || words[2] != "ago" {
		return text
	}
	unit := map[string]string{"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w"}[strings.TrimSuffix(words[1], "s")]
	if unit == "" {
		return text
	}
	return words[0] + unit
}

func unixSeconds(number string) (time.Time, error) {
	const year10000 = 253402300800
	sec, _, ok := scaled(number, 1)
	if !ok || sec >= year10000 {
		return time.Time{}, fmt.Errorf("after the year 9999: Unix seconds are wanted, not milliseconds")
	}
	_, fraction, _ := strings.Cut(number, ".")
	ns, _, _ := scaled("0."+fraction, int64(time.Second))
	return time.Unix(sec, ns), nil
}

// IsSet reports whether a moment was given.
func (m Moment) IsSet() bool { return m.at != nil }

// At is the moment itself, which must be set; an age and a day are taken from
// now.
func (m Moment) At(now time.Time) time.Time { return m.at(now) }

// Unix is the moment in Unix seconds, as timestamps of records are. Precise to
// a microsecond or so.
func (m Moment) Unix(now time.Time) float64 {
	t := m.At(now)
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// String is the moment as it was written.
func (m Moment) String() string { return m.text }

// UnmarshalText is ParseMoment for flags and settings.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMoment(string(text))
	return err
}

// Zone is where times are shown to people: in UTC if they asked for that, else
// in the local zone.
func Zone(utc bool) *time.Location {
	if utc {
		return time.UTC
	}
	return time.Local
}
