package policy

import (
	"fmt"
	"math"
	"time"
)

// futureSlack is how far ahead of the clock a timestamp may be: clocks of
// machines differ, but not by a day.
const futureSlack = 24 * time.Hour

// Seen sums up what the records of a log say about the time. The zero value has
// seen none. Records without a usable timestamp are counted by themselves: they
// say nothing about the clock, whatever becomes of them.
type Seen struct {
	// Dated is how many records have a usable timestamp, Fresh how many of
	// these the age limit does not drop.
	Dated, Fresh int64
	Undated      int64
	// Newest is the highest timestamp in Unix seconds, if Dated is not 0.
	Newest float64
}

// Add takes in one record.
func (s *Seen) Add(timestamp float64, dated, survives bool) {
	switch {
	case !dated:
		s.Undated++
		return
	case s.Dated == 0 || timestamp > s.Newest:
		s.Newest = timestamp
	}
	s.Dated++
	if survives {
		s.Fresh++
	}
}

// Merge takes in what another part of the log has shown.
func (s *Seen) Merge(t Seen) {
	if t.Dated > 0 && (s.Dated == 0 || t.Newest > s.Newest) {
		s.Newest = t.Newest
	}
	s.Dated, s.Fresh, s.Undated = s.Dated+t.Dated, s.Fresh+t.Fresh, s.Undated+t.Undated
}

// ClockError says that the clock or the unit of the timestamps must be wrong:
// an age limit that was applied now would drop what it is not meant for.
type ClockError struct {
	// Newest is the highest timestamp in Unix seconds; NaN if there is none.
	Newest float64
	// Now is what the clock said, Written when the log was last written to (the
	// zero time for a stream).
	Now, Written time.Time
	// Future says that the newest timestamp lies over a day ahead. Otherwise a
	// log that was written to lately would lose every dated record.
	Future bool
}

// Error explains what does not fit, with the timestamp as it stands in the log.
func (e *ClockError) Error() string {
	now := e.Now.UTC().Format(time.RFC3339)
	if e.Future {
		return fmt.Sprintf("the newest timestamp, %s, lies over a day after now (%s): the clock or the unit of the timestamps is wrong",
			shown(e.Newest), now)
	}
	written := e.Written.UTC().Format(time.RFC3339)
	if math.IsNaN(e.Newest) {
		return fmt.Sprintf("the age limit would drop every record, but the log was written to at %s and no record has a usable timestamp", written)
	}
	return fmt.Sprintf("the age limit would drop every dated record, but the log was written to at %s (now: %s) and its newest timestamp is %s: the clock or the unit of the timestamps is wrong",
		written, now, shown(e.Newest))
}

// shown is a timestamp as a number and, if it can be one, as a date.
func shown(timestamp float64) string {
	const year10000 = 253402300800
	if timestamp < 0 || timestamp >= year10000 {
		return fmt.Sprintf("%g", timestamp)
	}
	sec, frac := math.Modf(timestamp)
	return fmt.Sprintf("%.3f (%s)", timestamp, time.Unix(int64(sec), int64(frac*1e9)).UTC().Format(time.RFC3339))
}

// CheckClock fails with a *ClockError if an age limit can't be meant for the
// records that were seen. written is when the log was last written to; the zero
// time if that is not known. Without an age limit there is nothing to fear.
//
// The timestamp that lies too far ahead can be told from a part of the log;
// that nothing survives, only from the whole of it.
func (r Rule) CheckClock(seen Seen, written time.Time) error {
	if !r.policy.Aged() {
		return nil
	}
	e := &ClockError{Newest: math.NaN(), Now: r.now, Written: written}
	if seen.Dated > 0 {
		e.Newest = seen.Newest
	}
	if r.Ahead(seen) {
		e.Future = true
		return e
	}
	if written.IsZero() {
		return nil
	}
	young := r.now.Sub(written)
	all := seen.Dated > 0 && seen.Fresh == 0 || seen.Dated == 0 && seen.Undated > 0 && r.policy.DropUndated
	if age := r.policy.MaxAge; age != nil && all && young < *age {
		return e
	}
	// A kind may have come to an end long ago; but not all of them, if the log
	// was written to since.
	if age := r.policy.longestKindAge(); age != nil && seen.Dated > 0 && young < *age && seen.Newest < unix(r.now)-age.Seconds() {
		return e
	}
	return nil
}

// Ahead reports whether there is an age limit and a timestamp that lies over a
// day after now.
func (r Rule) Ahead(seen Seen) bool {
	return r.policy.Aged() && seen.Dated > 0 && seen.Newest > unix(r.now)+futureSlack.Seconds()
}
