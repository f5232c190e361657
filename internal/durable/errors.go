package durable

import (
	"errors"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// ErrLate says that lines were appended too late to be passed through a filter.
var ErrLate = errors.New("lines were appended that the filter has not seen: its writers are too busy")

// exitTempFail is EX_TEMPFAIL: another maintenance run holds the log.
const exitTempFail = 75

// What would allow a rewrite that was refused. The step that knows its flags
// turns them into a hint; this room knows of no flags.
const (
	RemedyOffline    = "offline"     // [Options].Offline, if nobody writes
	RemedyRace       = "allow-race"  // [Options].AllowRace
	RemedyBreakLinks = "break-links" // [Options].BreakLinks
	RemedyWait       = "wait"        // [Options].Wait
)

// LockedError says that another maintenance run holds the log.
type LockedError struct{ Path string }

// ErrLocked is what errors.Is finds in every LockedError.
var ErrLocked = &LockedError{}

func (e *LockedError) Error() string { return e.Path + ": another maintenance run holds the log" }

// ExitCode is 75, EX_TEMPFAIL.
func (e *LockedError) ExitCode() int { return exitTempFail }

// Remedies names what would help.
func (e *LockedError) Remedies() []string { return []string{RemedyWait} }

// Is makes errors.Is(err, ErrLocked) true for every LockedError.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// RefusedError says that a rewrite was not done, and why. The log is as it was.
type RefusedError struct {
	Path   string
	Reason string
	Allow  []string // remedies that would allow it, such as [RemedyOffline]; may be empty
	Err    error    // the cause; may be nil
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused to rewrite %s: %s", e.Path, e.Reason)
}

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *RefusedError) ExitCode() int { return 1 }

// Remedies names what would help.
func (e *RefusedError) Remedies() []string { return e.Allow }

// refuseLease is the refusal of a log that cannot be leased. Who is merely not
// its owner is not sent to the unsafe ways on.
func refuseLease(path string, err error) *RefusedError {
	r := &RefusedError{Path: path, Reason: err.Error(), Err: err}
	if !errors.Is(err, ErrNotOwner) {
		r.Allow = []string{RemedyOffline, RemedyRace}
	}
	return r
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

// UnfinishedError says that the log was replaced but what was to be done
// afterwards failed. No record is lost; the journal stays, and the next session
// finishes.
type UnfinishedError struct {
	Path string
	Err  error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("rewrite %s: %v; every record is kept, and the next run finishes what is left", e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *UnfinishedError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *UnfinishedError) ExitCode() int { return 1 }
