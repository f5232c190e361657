package repair

import (
	"io"

	"encoding/json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Outcome tells what became of one log. Its JSON form is that of a file in the
// report of Run.
type Outcome struct{ f *fileReport }

// File repairs a log as Run does, but shows nothing.
func (c *Command) File(env *cli.Env, in cli.Input) Outcome {
	if err := c.check(); err != nil {
		f := newFileReport(in.Path)
		f.fail(err)
		return Outcome{f}
	}
	return Outcome{c.file(env, in)}
}

// Each repairs a log as Run does, each file of a set by itself, and hands on
// what became of it; it shows nothing.
func (c *Command) Each(env *cli.Env, in cli.Input, take func(Outcome) error) error {
	if err := c.check(); err != nil {
		return err
	}
	return c.log(env, in, func(f *fileReport) error { return take(Outcome{f}) })
}

// Code returns the exit code for this log.
func (o Outcome) Code() int { return o.f.code() }

// Lines returns how many lines were changed.
func (o Outcome) Lines() int64 { return o.f.LinesChanged }

// Grown returns how many bytes the log has more than before; what was dropped
// counts as less.
func (o Outcome) Grown() int64 {
	if !o.f.Changed {
		return 0
	}
	return o.f.BytesOut - o.f.BytesIn
}

// Remaining returns what a scan of the result finds; nil if there was none.
func (o Outcome) Remaining() *survey.Result { return o.f.Remaining }

// Err returns why the repair failed; the log is then as it was. The error has
// the exit code that goes with it.
func (o Outcome) Err() error { return o.f.Err }

// Changed reports whether the log was replaced.
func (o Outcome) Changed() bool { return o.f.Changed }

// Tell says to a person what was done to a log that was changed: repaired PATH,
// quarantined PATH, and the account.
func (o Outcome) Tell(w io.Writer) { o.f.tell(w); o.f.Tell(w) }

// Count takes the log into what monitoring is told.
func (o Outcome) Count(r *report.Run) { o.f.count(r) }

// MarshalJSON returns the report on the file.
func (o Outcome) MarshalJSON() ([]byte, error) { return json.Marshal(o.f) }
