package cli

import (
	"errors"
	"fmt"
	"slices"
)

// The exit codes of all commands. They are part of the interface: scripts
// branch on them. The man pages print this table.
const (
	ExitOK               = 0  // done; for scan: healthy
	ExitFailed           = 1  // the operation failed: input or output, permission, changed during the scan, refused rewrite
	ExitAnomalies        = 2  // scan: anomalies found; compact and filter: damaged lines refused; doctor: anomalies remain
	ExitRemaining        = 3  // repair: finished, but anomalies remain
	ExitStartupAnomalies = 4  // startup-check: anomalies, and the mode is fail_on_anomaly
	ExitStartupRemaining = 5  // startup-check: recovery ran, anomalies remain
	ExitLocked           = 75 // another maintenance run holds the log (EX_TEMPFAIL): try again later
	ExitUsage            = 80 // wrong usage
)

// ExitMeaning is one row of the table of exit codes.
type ExitMeaning struct {
	Code    int
	Meaning string
}

// ExitMeanings returns the table of exit codes for man pages and documentation.
func ExitMeanings() []ExitMeaning {
	return []ExitMeaning{
		{ExitOK, "Done; for scan: the log is healthy."},
		{ExitFailed, "The operation failed: input or output, permission, a log that changed during the scan, a refused rewrite. For doctor: unhealthy, and the mode is fail_on_anomaly."},
		{ExitAnomalies, "scan: anomalies were found. compact --on-corrupt refuse and filter --on-corrupt fail: there are damaged lines. doctor: recovery ran, anomalies remain."},
		{ExitRemaining, "repair: finished, but anomalies remain, for instance unknown kinds, which it keeps."},
		{ExitStartupAnomalies, "startup-check: anomalies, and the mode is fail_on_anomaly."},
		{ExitStartupRemaining, "startup-check: recovery ran, anomalies remain."},
		{ExitLocked, "Another maintenance run holds the log; wait for it with --wait."},
		{ExitUsage, "Wrong usage: flags, arguments or settings."},
	}
}

// ExitError is an error with an exit code of its own.
type ExitError struct {
	Code int
	Err  error // nil: the process ends with Code and prints nothing, because the report has said it all
}

// Error returns the text of the wrapped error.
func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the wrapped error, which may be nil.
func (e *ExitError) Unwrap() error { return e.Err }

// ExitCode returns the exit code of the process.
func (e *ExitError) ExitCode() int { return e.Code }

// Usagef makes an error that ends the process with ExitUsage. Verbs are those
// of fmt.Errorf, %w included.
func Usagef(format string, args ...any) error {
	return &ExitError{Code: ExitUsage, Err: fmt.Errorf(format, args...)}
}

// Failf makes an error that ends the process with the given code and says why.
func Failf(code int, format string, args ...any) error {
	return &ExitError{Code: code, Err: fmt.Errorf(format, args...)}
}

// Exit makes an error that ends the process with the given code and prints
// nothing; nil for ExitOK.
func Exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return &ExitError{Code: code}
}

// severity orders the exit codes, the worst first: wrong usage before a
// failure, which leaves the state of a log unknown; before a lock, after which
// trying again may help; before findings, of which those that remain after a
// repair come first.
var severity = [...]int{ExitUsage, ExitFailed, ExitLocked, ExitStartupRemaining, ExitStartupAnomalies, ExitRemaining, ExitAnomalies, ExitOK}

// Worse returns the one of two exit codes that speaks for a run in which
// several logs ended differently. A code that is none of ours, such as that of
// a signal, comes before all others.
func Worse(a, b int) int {
	if slices.Index(severity[:], b) < slices.Index(severity[:], a) {
		return b
	}
	return a
}

// CodeOf returns the exit code for err: ExitOK for nil, else that of its method
// ExitCode, the worst one of errors that were joined, and ExitFailed for an
// error that has none.
func CodeOf(err error) int {
	if err == nil {
		return ExitOK
	}
	if coded, ok := err.(interface{ ExitCode() int }); ok {
		return coded.ExitCode()
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		code := ExitOK
		for _, e := range joined.Unwrap() {
			code = Worse(code, CodeOf(e))
		}
		return code
	}
	if err := errors.Unwrap(err); err != nil {
		return CodeOf(err)
	}
	return ExitFailed
}
