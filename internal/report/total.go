package report

import (
	"maps"
	"math"
	"slices"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Total sums files. The zero value is the sum of none.
type Total struct {
	// Files counts logs. Each of them is one of healthy, unhealthy or failed.
	Files int64 `json:"files"`
	// Missing counts logs that do not exist, which is healthy.
	Missing int64 `json:"missing"`
	// Unhealthy counts logs with errors, or with warnings in strict mode.
	Unhealthy int64 `json:"unhealthy"`
	// Failures counts logs on which no verdict was possible, even if anomalies
	// were found before the failure.
	Failures int64 `json:"failures"`
	// InFlight counts logs whose last line was being written.
	InFlight int64 `json:"in_flight"`
	// Bytes, Lines and Records are what was read.
	Bytes   int64 `json:"bytes"`
	Lines   int64 `json:"lines"`
	Records int64 `json:"records"`
	// Errors and Warnings count anomalies.
	Errors   int64 `json:"errors"`
	Warnings int64 `json:"warnings"`
	// Omitted counts the anomalies that are not in the document one by one.
	Omitted int64 `json:"omitted"`
	// Kinds counts records by kind.
	Kinds map[string]int64 `json:"kinds"`
	// Counts counts anomalies by type.
	Counts map[string]int64 `json:"counts"`
}

// maxKinds is how many names a total tells apart: as many as one survey does,
// so that the total of one log is its count. Without a limit, logs full of
// made-up kinds could fill the memory.
const maxKinds = kinds.MaxNames + int(record.NumKinds)

// Anomalies is the number of errors and warnings.
func (t *Total) Anomalies() int64 { return add(t.Errors, t.Warnings) }

// Healthy counts logs that exist or are missing and have nothing wrong with
// them.
func (t *Total) Healthy() int64 { return t.Files - t.Failures - t.Unhealthy }

// add sums two counts, or says the highest that there is: a sum that overflows
// must not look like less, or like none.
func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func (t *Total) add(f *survey.Result, strict bool) {
	t.Files++
	switch {
	case f.Failure != "":
		t.Failures++
	case f.Unhealthy(strict):
		t.Unhealthy++
	case f.Missing:
		t.Missing++
	}
	if f.InFlight != nil {
		t.InFlight++
	}
	t.Bytes = add(t.Bytes, f.Bytes)
	t.Lines = add(t.Lines, f.Lines)
	t.Records = add(t.Records, f.Records)
	t.Errors = add(t.Errors, f.Errors)
	t.Warnings = add(t.Warnings, f.Warnings)
	t.Omitted = add(t.Omitted, f.Omitted)
	t.Kinds = sum(t.Kinds, f.Kinds, maxKinds)
	t.Counts = sum(t.Counts, f.Counts, maxKinds)
}

// sum adds the numbers of src to dst, which grows to at most limit keys; what
// does not fit counts as [kinds.More].
func sum(dst, src map[string]int64, limit int) map[string]int64 {
	if dst == nil {
		dst = map[string]int64{}
	}
	if len(dst)+len(src) <= limit {
		for k, n := range src {
			dst[k] = add(dst[k], n)
		}
		return dst
	}
	for _, k := range slices.Sorted(maps.Keys(src)) {
		name := k
		if _, ok := dst[k]; !ok && len(dst) >= limit {
			name = kinds.More
		}
		dst[name] = add(dst[name], src[k])
	}
	return dst
}
