package durable

import (
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// exitTempFail is EX_TEMPFAIL: another maintenance run holds the log.
const exitTempFail = 75

// LockedError says that another maintenance run holds the log.
type LockedError struct{ Path string }

// ErrLocked is what errors.Is finds in every LockedError.
var ErrLocked = &LockedError{}

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s: another maintenance run holds the log (wait for it with --wait 30s)", e.Path)
}

// ExitCode is 75, EX_TEMPFAIL.
func (e *LockedError) ExitCode() int { return exitTempFail }

// Is makes errors.Is(err, ErrLocked) true for every LockedError.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// RefusedError says that a rewrite was not done, why, and what would allow it.
// The log is as it was.
type RefusedError struct {
	Path   string
	Reason string
	Hints  []string // flags that would go on, e.g. "--offline"; may be empty
	Err    error    // the cause; may be nil
}

func (e *RefusedError) Error() string {
	msg := fmt.Sprintf("refused to rewrite %s: %s", e.Path, e.Reason)
	if len(e.Hints) > 0 {
		msg += " (" + strings.Join(e.Hints, " or ") + " goes on)"
	}
	return msg
}

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *RefusedError) ExitCode() int { return 1 }

// raceHints are the two flags that help where no lease can be had.
func raceHints() []string {
	return []string{"--offline if nobody writes", "--allow-race"}
}

// WriterHoldsLogError says that a process kept the log open for writing longer
// than the stall budget. No record is lost. If Pending, the swap could not be
// undone or finished: the next rewriting run does so, and the journal stays.
type WriterHoldsLogError struct {
	Path    string
	Holders []Holder // may be empty: a process of another user or container
	Pending bool
	Err     error // what went wrong besides; may be nil
}

func (e *WriterHoldsLogError) Error() string {
	who := "a process that is not visible from here keeps it open for writing"
	if len(e.Holders) > 0 {
		names := make([]string, len(e.Holders))
		for i, h := range e.Holders {
			names[i] = fmt.Sprintf("process %d (%s) keeps it open for writing as descriptor %d",
				h.PID, safetext.String(h.Command), h.FD)
		}
		who = strings.Join(names, ", ")
	}
	msg := fmt.Sprintf("refused to rewrite %s: %s; every record is kept", e.Path, who)
	if e.Pending {
		msg += "; the next run finishes what is left"
	} else {
		msg += " and the log is as it was"
	}
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap returns what went wrong besides.
func (e *WriterHoldsLogError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *WriterHoldsLogError) ExitCode() int { return 1 }
