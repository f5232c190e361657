package policy

import (
	"math"
	"time"
)

// Policy is a set of limits. A nil limit is none; the zero value keeps all.
type Policy struct {
	// MaxAge drops records that are older than this, seen from the clock that
	// is handed to At. A record exactly that old stays.
	MaxAge *time.Duration
	// MaxRecords keeps the newest so many records; 0 keeps none. Newest means
	// last in the log, whatever the timestamps say. Records of a kind that has
	// such a limit itself are neither counted nor dropped.
	MaxRecords *int64
	// MaxBytes keeps the longest run of newest records whose lines, newlines
	// included, take up no more bytes than this.
	MaxBytes *int64
	// DropUndated has MaxAge drop records without a usable timestamp too.
	// Without it they are kept: their age is unknown.
	DropUndated bool
	// Kinds are limits of single kinds of record, by name.
	Kinds map[string]KindLimit
}

// Limited reports whether there is any limit.
func (p Policy) Limited() bool { return p.Alone() || p.Suffix() }

// Suffix reports whether there is a limit that is a question to how much is
// newer, of whatever kind: by count or by size.
func (p Policy) Suffix() bool { return p.MaxRecords != nil && !p.Grouped() || p.MaxBytes != nil }

// At fixes the clock.
func (p Policy) At(now time.Time) Rule {
	r := Rule{policy: p, now: now, cutoff: math.Inf(-1)}
	if p.MaxAge != nil {
		r.cutoff = unix(now) - p.MaxAge.Seconds()
	}
	r.addKinds()
	return r
}

// unix is t in Unix seconds, exact to less than a microsecond.
func unix(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// Record is what decides about a record.
type Record struct {
	// Timestamp is in Unix seconds. It counts only if Dated is set.
	Timestamp float64
	// Dated says that the record has a usable timestamp.
	Dated bool
	// Kind is the kind of the record, which matters to Policy.Kinds only.
	Kind string
	// Bytes is the length of the record's line, newline included.
	Bytes int64
}

// Sum is an amount of records.
type Sum struct {
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"` // of their lines, newlines included
}

// Add returns the sum of both.
func (s Sum) Add(t Sum) Sum { return Sum{s.Records + t.Records, s.Bytes + t.Bytes} }

// Sub returns the difference of both.
func (s Sum) Sub(t Sum) Sum { return Sum{s.Records - t.Records, s.Bytes - t.Bytes} }

// Limit names a limit, as the reason why a record goes.
type Limit uint8

const (
	// None means that the record stays.
	None Limit = iota
	// ByAge is Policy.MaxAge.
	ByAge
	// ByCount is Policy.MaxRecords, or that of a kind.
	ByCount
	// BySize is Policy.MaxBytes.
	BySize
	// ByKind is KindLimit.Drop.
	ByKind
	// NumLimits is how many values Limit has, to size arrays by.
	NumLimits
)

// String returns the limit as settings spell it: "max_age", "max_records",
// "max_total_bytes", "drop_kind"; "" for None.
func (l Limit) String() string {
	switch l {
	case ByAge:
		return "max_age"
	case ByCount:
		return "max_records"
	case BySize:
		return "max_total_bytes"
	case ByKind:
		return "drop_kind"
	}
	return ""
}
