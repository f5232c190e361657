package compact

import (
	"errors"
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/internal/textfile"
	"github.com/papyra-tools/papyra/pkg/policy"
)

// head opens the JSON report.
type head struct {
	report.Head
	DryRun    bool       `json:"dry_run"`
	Retention cli.Limits `json:"retention"`
}

// fileReport tells what became of one log.
type fileReport struct {
	report.Log
	// Changed says that the log was replaced, or --output written; in a dry
	// run, that it would be.
	Changed bool `json:"changed"`
	// Unlimited says that there is no limit to apply.
	Unlimited bool   `json:"unlimited,omitempty"`
	Output    string `json:"output,omitempty"`
	durable.Outcome

	BytesBefore int64 `json:"bytes_before"`
	BytesAfter  int64 `json:"bytes_after"`
	// Appended is how many bytes others appended while the log was replaced.
	Appended int64 `json:"bytes_appended_meanwhile"`
	// The records that were there, and what went of them: null if that was not
	// counted, because only what stays was read.
	RecordsBefore *int64 `json:"records_before"`
	RecordsAfter  *int64 `json:"records_after"`
	// Removed is by limit, Kinds by kind, Details by limit and kind.
	Removed map[string]policy.Sum            `json:"removed_by_limit"`
	Kinds   map[string]policy.Sum            `json:"removed_by_kind"`
	Details map[string]map[string]policy.Sum `json:"removed"`
	// KeptKinds counts the records that stay.
	KeptKinds map[string]policy.Sum `json:"kept_by_kind,omitempty"`
	// LinesKept and LinesRemoved are damaged and blank lines, of what was read.
	LinesKept    int64 `json:"damaged_lines_kept"`
	LinesRemoved int64 `json:"damaged_lines_removed"`
	// Archived is what went to the archive, or would.
	Archived *gone `json:"archived,omitempty"`
	// Unfinished is the length of a last line without newline, which stays.
	Unfinished int64 `json:"unfinished_bytes,omitempty"`

	// Files are those of a rotated set that are not kept as they are.
	Files []*member `json:"rotated_files,omitempty"`

	// Guard says what a pipe was let through in spite of.
	Guard string `json:"guard,omitempty"`

	emptied bool // nothing would be left
	broken  bool // standard output is gone
}

// stream writes the report as data. Where what stays itself is the data, the
// report goes to standard error.
func (c *Command) stream(env *cli.Env, inputs []cli.Input) *report.Stream {
	w := env.Stdout
	for _, in := range inputs {
		if in.Stdin && !c.DryRun && (c.OutputTo == "" || c.OutputTo == "-") {
			w, c.onStderr = env.Stderr, c.Format != "text"
		}
	}
	h := head{report.NewHead(env.Prog, cli.Version()), c.DryRun, c.Limits()}
	return report.NewStream(w, report.Format(c.Format), "", h)
}

// take takes in what a plan says.
func (f *fileReport) take(p *selection.Plan) {
	f.Changed = p.Removes()
	f.BytesBefore, f.BytesAfter = p.Size, p.BytesKept
	f.RecordsAfter = new(p.Kept.Records)
	f.KeptKinds = p.Kinds
	f.LinesKept, f.LinesRemoved = p.LinesKept, p.LinesRemoved
	f.Unfinished = p.Size - p.Tail
	if !p.Counted {
		return
	}
	f.Removed, f.Kinds, f.Details = map[string]policy.Sum{}, map[string]policy.Sum{}, map[string]map[string]policy.Sum{}
	before := p.Kept.Records
	for l := policy.ByAge; l < policy.NumLimits; l++ {
		if len(p.Removed[l]) == 0 {
			continue
		}
		f.Details[l.String()] = p.Removed[l]
		for kind, s := range p.Removed[l] {
			before += s.Records
			f.Removed[l.String()] = f.Removed[l.String()].Add(s)
			f.Kinds[kind] = f.Kinds[kind].Add(s)
		}
	}
	f.RecordsBefore = new(before)
}

// committed takes in that the log was replaced.
func (f *fileReport) committed(p *selection.Plan, r durable.Report) {
	f.Changed, f.Outcome = true, r.Outcome
	f.BytesAfter = r.BytesAfter
	f.Appended = r.BytesAfter - p.BytesKept
	f.BytesBefore = p.Size
}

// printed takes in what a pipe let through.
func (f *fileReport) printed(s *selection.Summary) {
	f.BytesAfter, f.RecordsAfter = s.Bytes, new(s.Records)
	f.LinesKept, f.LinesRemoved = s.Passed, s.Damaged+s.Blank-s.Passed
	f.Unfinished = s.Unfinished
}

// count takes the log into what monitoring is told.
func (f *fileReport) count(r *report.Run) {
	c := textfile.Change(f.Path, f.Err)
	c.Changed, c.Guarantee = f.Changed, string(f.Guarantee)
	c.Bytes, c.Records = map[string]int64{"before": f.BytesBefore, "after": f.BytesAfter}, map[string]int64{}
	for when, n := range map[string]*int64{"before": f.RecordsBefore, "after": f.RecordsAfter} {
		if n != nil && f.Err == nil {
			c.Records[when] = *n
		}
	}
	switch {
	case f.Err != nil:
		c.Bytes["after"] = f.BytesBefore
		if !c.Failed {
			break
		}
		r.Metrics.CompactionErrors++
	case c.Changed:
		r.Metrics.Compactions++
	}
	r.Change(c)
}

// fail takes in why the log was not compacted.
func (f *fileReport) fail(err error) {
	f.Fail(cli.Hint(err))
	f.Changed = f.Changed && err == nil
	if err != nil {
		f.Archived = nil
	}
}

// code is the exit code for this log.
func (f *fileReport) code() int {
	if f.Err == nil && f.Guard != "" {
		return cli.ExitRemaining
	}
	return cli.CodeOf(f.Err)
}

// empties is why a run is stopped that leaves no record of a log with so many
// bytes; nil if it is not.
func (c *Command) empties(env *cli.Env, path string, bytes int64) error {
	return fmt.Errorf("%s: nothing would be left: no record of its %s bytes stays by %s (--force goes on)",
		path, humanize.Comma(bytes), c.Understood(env))
}

// explain adds the path and what would help.
func explain(path string, err error) error {
	var clock *policy.ClockError
	if errors.As(err, &clock) {
		return fmt.Errorf("%s: %w (--force goes on)", path, err)
	}
	return err
}
