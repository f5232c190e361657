package maintain

import (
	"errors"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/step/compact"
	"github.com/papyra-tools/papyra/internal/step/doctor"
	"github.com/papyra-tools/papyra/internal/step/repair"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxAnomalies is how many of a log are reported one by one.
const maxAnomalies = 100

// The results, as the table and the reports have them.
const (
	ok       = "ok"
	missing  = "missing"
	damaged  = "damaged"
	repaired = "repaired"
	skipped  = "skipped"
	failed   = "failed"
)

// fileReport tells what became of one log.
type fileReport struct {
	report.Log
	// Settings is where the log was named: FILE:LINE.
	Settings string `json:"settings"`
	Result   string `json:"result"`
	Code     int    `json:"exit_code"`
	// Scan is what was found before anything was done, Repair and Compaction
	// what was done, or would be. A rotated set has several files.
	Scan       []*survey.Result `json:"scan"`
	Repair     []repair.Outcome `json:"repair"`
	Compaction *compact.Outcome `json:"compaction"`
}

// fail takes in that a step failed on the log.
func (f *fileReport) fail(step string, err error) {
	f.Code = cli.Worse(f.Code, cli.CodeOf(err))
	text := err.Error()
	if locked := (*durable.LockedError)(nil); errors.As(err, &locked) {
		text = locked.Error() // without a flag to wait with, which there is none of here
	}
	if !strings.Contains(text, f.Path) {
		text = f.Path + ": " + text
	}
	f.Fail(fmt.Errorf("%s: %s", step, text))
}

// look looks after one log. What it finds in the way of one step keeps the log
// from those behind it, and from nothing else.
func (c *Command) look(j *job) *fileReport {
	f := &fileReport{Log: report.Log{Path: j.path}, Settings: j.place, Result: ok, Scan: []*survey.Result{}, Repair: []repair.Outcome{}}
	unhealthy := c.steps(j, f)
	switch {
	case f.Code == cli.ExitLocked:
		f.Result = skipped
	case f.Err != nil:
		f.Result = failed
	case f.Missing:
		f.Result = missing
	case unhealthy:
		f.Result = damaged
	case f.lines() > 0:
		f.Result = repaired
	}
	return f
}

// steps reports whether the log is not healthy at the end.
func (c *Command) steps(j *job, f *fileReport) (unhealthy bool) {
	if j.failed != nil {
		f.fail("scan", j.failed)
		r := survey.Empty(j.path)
		r.Failure, r.Healthy = f.Failure, false
		f.Scan = append(f.Scan, r)
		return false
	}
	in, out := cli.Inputs{RewriteInputs: cli.RewriteInputs{Missing: j.Missing}, Rotated: j.Rotated}, c.Output
	out.Format = string(report.JSON) // the steps show nothing
	if j.Mode != doctor.Ignore {
		err := j.scanner(in, out).Each(j.env, cli.Listed([]cli.Input{{Path: j.path}}), func(r *survey.Result) {
			f.Scan = append(f.Scan, r)
			f.Missing = f.Missing || r.Missing && r.Path == j.path
			unhealthy = unhealthy || r.Unhealthy(j.Strict)
			if r.Failure != "" {
				f.fail("scan", errors.New(r.Failure))
			}
		})
		if err != nil {
			f.fail("scan", err)
		}
	}
	if unhealthy && j.Mode == doctor.FailOnAnomaly {
		f.Code = cli.Worse(f.Code, cli.ExitAnomalies)
	}
	if unhealthy && j.Mode == doctor.Recover && f.Err == nil {
		unhealthy = c.recover(j, f, in, out)
	}
	if f.Err != nil || f.Missing || !j.Limited() {
		return unhealthy
	}
	r := &compact.Command{Inputs: in, Output: out, Retention: j.Retention, Reading: j.Reading, Rewriting: j.Rewriting,
		DryRun: c.DryRun, Archive: j.Archive, OnCorrupt: j.OnCorrupt, Count: j.Count}
	o := r.File(j.env, j.path)
	f.Compaction = &o
	if o.Err() != nil {
		f.fail("compact", o.Err())
	}
	return unhealthy
}

// recover repairs the log, and reports whether it is not healthy afterwards.
func (c *Command) recover(j *job, f *fileReport, in cli.Inputs, out cli.Output) (unhealthy bool) {
	r := j.Repairer(in, out)
	r.DryRun = c.DryRun
	err := r.Each(j.env, cli.Input{Path: j.path}, func(o repair.Outcome) error {
		f.Repair = append(f.Repair, o)
		switch {
		case o.Err() != nil:
			f.fail("repair", o.Err())
		case o.Remaining() != nil && o.Remaining().Unhealthy(j.Strict):
			unhealthy, f.Code = true, cli.Worse(f.Code, cli.ExitRemaining)
		default:
			f.Code = cli.Worse(f.Code, o.Code())
		}
		return nil
	})
	if err != nil {
		f.fail("repair", err)
	}
	return unhealthy
}

// count takes the log into what monitoring is told.
func (f *fileReport) count(j *job, run *report.Run) {
	run.Strict = run.Strict || j.Strict
	after := map[string]*survey.Result{}
	for _, o := range f.Repair {
		if r := o.Remaining(); r != nil {
			after[r.Path] = r
		}
		o.Count(run)
	}
	for _, r := range f.Scan {
		if left := after[r.Path]; left != nil {
			run.Metrics.Look(r)
			r = left
		}
		run.Look(r)
	}
	if f.Compaction != nil {
		f.Compaction.Count(run)
	}
}

// lines is how many a repair changed.
func (f *fileReport) lines() (n int64) {
	for _, o := range f.Repair {
		n += o.Lines()
	}
	return n
}
