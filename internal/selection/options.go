package selection

import (
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// DefaultHoldBytes is how much of a stream is held in memory: 32 MiB.
const DefaultHoldBytes = 32 << 20

// Damage says what becomes of damaged and blank lines.
type Damage uint8

const (
	// Skip leaves them out.
	Skip Damage = iota
	// Pass lets them through, in their places. Lines over the limit of length
	// and lines with a run of NUL bytes of more than 4 KiB are left out all the
	// same.
	Pass
	// Fail ends with a *CorruptError at the first damaged line. Blank lines are
	// left out.
	Fail
)

// Options say what is selected. Rule and Checker must be set.
type Options struct {
	Rule    policy.Rule
	Fields  Fields
	Checker *record.Checker
	// Limit keeps the newest so many records of those that match; nil: all.
	Limit *int64
	// Reverse prints the last line of the log first.
	Reverse bool
	// Invert prints what would not be printed otherwise.
	Invert bool
	Damage Damage
	// Part is the part of the log that is printed, whole lines, as
	// stream.Log.LinesIn gives it; the zero value means all of it. It cannot be
	// combined with what depends on the rest of the log: limits and Reverse.
	Part stream.Range
	// Force goes on where the clock or the unit of timestamps looks wrong.
	Force bool
	// Settle and Held are those of the walk.
	Settle time.Duration
	Held   func(stream.Tail) (bool, error)
	// HoldBytes is how much of a stream is held in memory before a temporary
	// file in TempDir is used; 0 means DefaultHoldBytes, "" the system's
	// directory for such files.
	HoldBytes int64
	TempDir   string
	// BlockBytes is the size of the blocks that are read; 0 means the default.
	BlockBytes int
	// Workers is how many cores are used; 0 means all.
	Workers int
	// OnProgress is called with how many bytes of the log were looked at.
	OnProgress func(bytes int64)

	cuts  []int64 // see WithCuts
	marks bool    // print byte order marks too, for they count in a limit by size
}

// walk returns how a log is walked from one offset to another; to 0 means its
// end, where the walk decides about an unterminated last line.
func (o *Options) walk(from, to int64) stream.Options {
	return stream.Options{Checker: o.Checker, From: from, To: to, Settle: o.Settle, Held: o.Held, Progress: o.OnProgress,
		BlockBytes: o.BlockBytes, Workers: o.Workers}
}

// bounded reports whether how much is newer has to be known.
func (o *Options) bounded() bool { return o.Rule.Policy().Suffix() || o.Limit != nil }

// weighs reports whether damaged lines count in a limit by size, each with the
// record after it: where they are printed, the output holds them.
func (o *Options) weighs() bool { return o.Damage == Pass && o.Rule.Policy().MaxBytes != nil }

// Summary tells what was read and printed.
type Summary struct {
	// Records and Bytes are what was printed, newlines included.
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"`
	// Damaged and Blank count such lines in what was read, whatever became of
	// them; Passed is how many of both were printed.
	Damaged int64 `json:"damaged_lines"`
	Blank   int64 `json:"blank_lines"`
	Passed  int64 `json:"passed_lines"`
	// From is the offset from which on the log was read: what is before it was
	// not needed.
	From int64 `json:"read_from"`
	// Unfinished is the length of a last line that a writer is in the middle
	// of.
	Unfinished int64 `json:"unfinished_bytes"`
	// Read is how many bytes were looked at.
	Read int64 `json:"-"`
	// Clock is what the clock guard says against an age limit that Force has
	// applied all the same.
	Clock error `json:"-"`
}

// Add adds what was read and printed of another part of the log.
func (s *Summary) Add(t Summary) {
	s.Records += t.Records
	s.Bytes += t.Bytes
	s.Damaged += t.Damaged
	s.Blank += t.Blank
	s.Passed += t.Passed
	s.Read += t.Read
}

// CorruptError says that there is a damaged line where none is allowed.
type CorruptError struct {
	Name string
	// Line counts from 1; 0 if it is not known.
	Line int64
	// Offset is where the line starts, in bytes from the start of the log.
	Offset int64
	Type   record.Type
	Reason string
}

// Error names the line and says what is wrong with it.
func (e *CorruptError) Error() string {
	where := fmt.Sprintf("byte %d", e.Offset)
	if e.Line > 0 {
		where = fmt.Sprintf("line %d (byte %d)", e.Line, e.Offset)
	}
	msg := fmt.Sprintf("%s: %s: %s", e.Name, where, e.Type)
	if e.Reason != "" {
		msg += ": " + e.Reason
	}
	return msg
}

// ExitCode is that of a command that was told to refuse damage.
func (e *CorruptError) ExitCode() int { return 2 }
