package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time, never negative.
//
// Written with units, largest first: 7d, 12h, 90m, 1h30m, 200ms; units are w, d
// (24 hours), h, m (minutes), s, ms, us, ns. A plain number is seconds (0.5 is
// half a second). Months and years have no fixed length and are refused, as is
// M (month or minute?).
type Duration time.Duration

// durationUnits are in the order in which they may follow each other, which is
// that of what String tries.
var durationUnits = []struct {
	name string
	size time.Duration
}{
	{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second},
	{"ms", time.Millisecond}, {"us", time.Microsecond}, {"ns", time.Nanosecond},
}

// ParseDuration reads a duration as documented at Duration. What is below a
// nanosecond is cut off.
func ParseDuration(s string) (Duration, error) {
	text := strings.TrimSpace(s)
	number, rest, err := splitNumber(text)
	if err != nil {
		return 0, fmt.Errorf("bad duration %q: %w", s, err)
	}
	if rest == "" {
		ns, _, ok := scaled(number, int64(time.Second))
		if !ok {
			return 0, fmt.Errorf("bad duration %q: more than 292 years", s)
		}
		return Duration(ns), nil
	}
	sum, fits, err := sumUnits(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("bad duration %q: %w", s, err)
	case !fits:
		return 0, fmt.Errorf("bad duration %q: want something like 7d, 12h or 90m, and less than 292 years", s)
	}
	return sum, nil
}

// sumUnits adds up numbers with units, and reports whether the sum is a
// Duration. Units that are unknown, repeated or out of order are refused.
func sumUnits(text string) (sum Duration, fits bool, err error) {
	var names []string
	for _, u := range durationUnits {
		names = append(names, u.name)
	}
	next := 0
	for fits = true; text != ""; {
		number, rest, err := splitNumber(text)
		if err != nil {
			return 0, false, err
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
		if n < 0 {
			n = len(rest)
		}
		unit := rest[:n]
		if unit == "µs" || unit == "μs" {
			unit = "us"
		}
		at := slices.Index(names, unit)
		switch {
		case unit == "M":
			return 0, false, fmt.Errorf("the unit M can be read as months or minutes: write 30d or 5m")
		case at < 0:
			return 0, false, fmt.Errorf("unknown unit %q (one of %s; months and years have no fixed length)", unit, strings.Join(names, ", "))
		case at < next:
			return 0, false, fmt.Errorf("unit %q is repeated or out of order", unit)
		}
		ns, _, ok := scaled(number, int64(durationUnits[at].size))
		fits = fits && ok && Duration(ns) <= math.MaxInt64-sum
		sum += Duration(ns)
		next, text = at+1, rest[n:]
	}
	return sum, fits, nil
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
	for _, u := range durationUnits[1:] { // weeks are for people to write
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
