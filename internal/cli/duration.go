package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xhit/go-str2duration/v2"
)

// Duration is a length of time, never negative.
//
// Written with units, largest first: 7d, 12h, 90m, 1h30m, 200ms; units are w, d
// (24 hours), h, m (minutes), s, ms, us, ns. A plain number is seconds (0.5 is
// half a second). Months and years have no fixed length and are refused, as is
// M (month or minute?).
type Duration time.Duration

// durationUnits in the order in which they may follow each other.
var durationUnits = []string{"w", "d", "h", "m", "s", "ms", "us", "ns"}

// ParseDuration reads a duration as documented at Duration.
func ParseDuration(s string) (Duration, error) {
	text := strings.TrimSpace(s)
	number, rest, err := splitNumber(text)
	if err != nil {
		return 0, fmt.Errorf("bad duration %q: %w", s, err)
	}
	if rest == "" {
		return plainSeconds(s, number)
	}
	if err := checkUnits(text); err != nil {
		return 0, fmt.Errorf("bad duration %q: %w", s, err)
	}
	d, err := str2duration.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("bad duration %q: want something like 7d, 12h or 90m, and less than 292 years", s)
	}
	return Duration(d), nil
}

func plainSeconds(s, number string) (Duration, error) {
	ns, _, ok := scaled(number, int64(time.Second))
	if !ok {
		return 0, fmt.Errorf("bad duration %q: more than 292 years", s)
	}
	return Duration(ns), nil
}

// checkUnits refuses what the library would read, but a person may have meant
// otherwise: unknown, repeated or unordered units.
func checkUnits(text string) error {
	next := 0
	for text != "" {
		_, rest, err := splitNumber(text)
		if err != nil {
			return err
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
		if n < 0 {
			n = len(rest)
		}
		unit := rest[:n]
		if unit == "µs" || unit == "μs" {
			unit = "us"
		}
		at := indexOf(durationUnits, unit)
		switch {
		case unit == "M":
			return fmt.Errorf("the unit M can be read as months or minutes: write 30d or 5m")
		case at < 0:
			return fmt.Errorf("unknown unit %q (one of %s; months and years have no fixed length)", unit, strings.Join(durationUnits, ", "))
		case at < next:
			return fmt.Errorf("unit %q is repeated or out of order", unit)
		}
		next = at + 1
		text = rest[n:]
	}
	return nil
}

func indexOf(list []string, word string) int {
	for i, w := range list {
		if w == word {
			return i
		}
	}
	return -1
}

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// Seconds is the duration in seconds.
func (d Duration) Seconds() float64 { return time.Duration(d).Seconds() }

// String is an exact spelling that ParseDuration reads back: 7d, 1h30m, 200ms.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range []struct {
		size time.Duration
		name string
	}{
		{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"},
		{time.Millisecond, "ms"}, {time.Microsecond, "us"}, {time.Nanosecond, "ns"},
	} {
		if n := time.Duration(d) / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d -= Duration(n * u.size)
		}
	}
	return b.String()
}

// Understood is what a report prints back: 30d (2592000 seconds).
func (d Duration) Understood() string {
	return fmt.Sprintf("%s (%s seconds)", d, strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
}

// UnmarshalText is ParseDuration for flags and settings.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}
