// Package retain copies the records of a log that stay by a retention policy,
// as papyra-filter does without other conditions.
package retain

import (
	"context"
	"io"
	"time"

	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Summary says what was written and what was left out unasked.
type Summary struct {
	// Records and Bytes are what was written, newlines included.
	Records, Bytes int64
	// Damaged and Blank count such lines in what was read. None is written.
	// Limits by count and size are answered from the end of a file: lines
	// before the first record that stays may not be counted.
	Damaged, Blank int64
	// Unfinished is the length in bytes of a last line that is not a whole
	// record.
	Unfinished int64
}

// Filter writes the records of the log that stay by p, as seen at now, to w:
// each as the bytes that it is, and a newline, in file order. Records are
// judged by the default limits of package record. The log itself is never
// changed.
//
// A log that is a file may be read more than once. A stream is read once, and
// limits by count or size then hold up to 32 MiB of it in memory and the rest
// in a temporary file.
//
// Errors are those of reading, of w and of ctx; a *policy.ClockError before
// anything is dropped by a clock that can't be right; and a
// *stream.ChangedError if the log changed other than by appending. With an
// error w may have got a part of the result, which the summary counts; w is not
// synced or closed.
func Filter(ctx context.Context, log *stream.Log, w io.Writer, p policy.Policy, now time.Time) (Summary, error) {
	s, err := selection.Print(ctx, log, &selection.Options{Rule: p.At(now), Checker: record.NewChecker(record.Options{})}, w)
	return Summary{Records: s.Records, Bytes: s.Bytes, Damaged: s.Damaged, Blank: s.Blank, Unfinished: s.Unfinished}, err
}
