// Package survey reads logs once and says what is in them: how many records of
// which kind, from when to when, and every anomaly with its place. Scan,
// inspect, doctor and the re-check after a repair all look through its eyes.
package survey

import (
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
)

// Result is what one pass over one log found. It is also the form in which
// JSON reports carry a file.
type Result struct {
	// Path is the log as the user named it; "-" is standard input.
	Path string `json:"path"`
	// Host is the machine on which the log was looked at, in the report of a
	// merge of several.
	Host string `json:"host,omitempty"`
	// Missing says that there is no such file, which is healthy.
	Missing bool `json:"missing,omitempty"`
	// Profile is what a record of the log is, if it is not Papyra's.
	Profile string `json:"profile,omitempty"`
	// Compression is "gzip" or "zstd", or empty.
	Compression string `json:"compression,omitempty"`
	// SizeBytes is the size of the file when it was opened, compressed as it
	// may be; -1 for a stream.
	SizeBytes int64 `json:"size_bytes"`
	// Bytes is how many bytes of text were read; holes count as NUL bytes.
	Bytes int64 `json:"bytes"`
	// Lines counts lines, the unterminated last one included.
	Lines int64 `json:"lines"`
	// Records counts whole JSON objects: what a repair keeps as it is.
	Records int64 `json:"records"`
	// Kinds counts records by kind: exactly for the first 1,000 different names
	// in the order of the log, see [kinds.MaxNames]. The records of further
	// kinds count as "(more)", those without a kind as "(none)".
	Kinds map[string]int64 `json:"kinds"`
	// First and Last are the lowest and the highest timestamp, in Unix
	// seconds; nil if no record has one.
	First *float64 `json:"first_timestamp"`
	Last  *float64 `json:"last_timestamp"`
	// LastInOrder is the timestamp of the last dated record in file order.
	LastInOrder *float64 `json:"-"`
	// LongestLine is the length in bytes of the longest line, without newline.
	LongestLine int64 `json:"longest_line"`

	// Healthy says that no error was found; warnings may have been.
	Healthy bool `json:"healthy"`
	// Errors and Warnings count anomalies by severity.
	Errors   int64 `json:"errors"`
	Warnings int64 `json:"warnings"`
	// Faults are all types found on any line, also those that did not decide.
	Faults record.Set `json:"-"`
	// Counts has the number of anomalies of each type that occurs.
	Counts map[string]int64 `json:"counts"`
	// Anomalies are the first ones, in file order. Errors + Warnings may be
	// more: see Omitted.
	Anomalies []record.Anomaly `json:"anomalies"`
	// Omitted is how many anomalies were counted but are not in Anomalies.
	Omitted int64 `json:"omitted,omitempty"`
	// InFlight is the last line if a writer was in the middle of it.
	InFlight *Tail `json:"in_flight,omitempty"`
	// Shard says that the result is about a part of the log, and which; nil if
	// it is about all of it.
	Shard *Shard `json:"shard,omitempty"`
	// Failure says why no verdict is possible. Then the rest tells what was
	// found up to there, and the file must not be called healthy.
	Failure string `json:"failure,omitempty"`
	// LooksLike is what the log seems to be, if it is not what it was taken
	// for.
	LooksLike *Look `json:"looks_like,omitempty"`
	// Repair is what a repair would save, if that was asked for.
	Repair *Repair `json:"repair,omitempty"`
	// Elapsed is how long the pass took.
	Elapsed time.Duration `json:"-"`
}

// Tail is an unfinished last line.
type Tail struct {
	Line   int64 `json:"line"`
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// Repair is what a repair would make of damaged lines, those that are no record
// and not blank.
type Repair struct {
	// Damaged counts them.
	Damaged int64 `json:"damaged_lines"`
	// Saved counts whole records on them, each of which gets a line of its own.
	Saved int64 `json:"records_saved"`
	// Lost counts those that hold no such record.
	Lost int64 `json:"lines_lost"`
	// Rejoined counts the records that raw newlines have cut into several of
	// these lines, and which a repair joins if it may.
	Rejoined int64 `json:"records_rejoined"`
}

// Add sums both.
func (r *Repair) Add(o *Repair) {
	r.Damaged += o.Damaged
	r.Saved += o.Saved
	r.Lost += o.Lost
	r.Rejoined += o.Rejoined
}

// Look is a profile, and how many of the lines that were tried it fits.
type Look struct {
	Profile string `json:"profile"`
	Fit     int    `json:"fit"`
	Lines   int    `json:"lines"`
}

// Total is how many anomalies there are.
func (r *Result) Total() int64 { return r.Errors + r.Warnings }

// Unhealthy reports whether the log counts as unhealthy: for its errors, or in
// strict mode for its warnings too. A failure is neither.
func (r *Result) Unhealthy(strict bool) bool {
	return r.Errors > 0 || strict && r.Warnings > 0
}
