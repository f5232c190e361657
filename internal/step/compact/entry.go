package compact

import (
	"encoding/json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
)

// Outcome tells what became of one log. Its JSON form is that of a file in the
// report of Run.
type Outcome struct{ f *fileReport }

// File compacts the log at path as Run does, but shows nothing.
func (c *Command) File(env *cli.Env, path string) Outcome {
	return Outcome{c.log(env, cli.Input{Path: path})}
}

// Err returns why the compaction failed; the log is then as it was. The error
// has the exit code that goes with it.
func (o Outcome) Err() error { return o.f.Err }

// Code returns the exit code for this log.
func (o Outcome) Code() int { return o.f.code() }

// Bytes returns how large the log was before, and is after.
func (o Outcome) Bytes() (before, after int64) { return o.f.BytesBefore, o.f.BytesAfter }

// Removed returns how many records went; false if they were not counted.
func (o Outcome) Removed() (int64, bool) {
	switch f := o.f; {
	case !f.Changed:
		return 0, true
	case f.RecordsBefore == nil || f.RecordsAfter == nil:
		return 0, false
	}
	return *o.f.RecordsBefore - *o.f.RecordsAfter, true
}

// Count takes the log into what monitoring is told.
func (o Outcome) Count(r *report.Run) { o.f.count(r) }

// MarshalJSON returns the report on the file.
func (o Outcome) MarshalJSON() ([]byte, error) { return json.Marshal(o.f) }
