package repair

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/textfile"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// head opens the JSON report.
type head struct {
	report.Head
	DryRun bool `json:"dry_run"`
}

// fileReport tells what became of one log.
type fileReport struct {
	report.Log
	// Changed says that the log was replaced; in a dry run, that it would be.
	Changed bool `json:"changed"`
	durable.Outcome
	QuarantinedAs string                `json:"quarantined_as,omitempty"`
	LinesChanged  int64                 `json:"lines_changed"`
	Actions       map[mend.Action]int64 `json:"actions"`
	Types         map[record.Type]int64 `json:"types"`
	balance
	InFlight *stream.Tail `json:"in_flight,omitempty"`
	// Ledger tells of every changed line; undo takes the repair back with it.
	Ledger string `json:"ledger,omitempty"`
	// Guard says what a pipe was let through in spite of.
	Guard string `json:"guard,omitempty"`
	// Remaining is what a scan of the result finds.
	Remaining *survey.Result `json:"remaining,omitempty"`

	Before *survey.Result `json:"-"`
}

func (f *fileReport) take(t *mend.Summary) {
	f.LinesChanged, f.Actions, f.Types = t.Lines, t.Actions, t.Types
	f.balance, f.InFlight = balanceOf(t), t.InFlight
	f.Changed = t.Lines > 0
}

func (f *fileReport) committed(r durable.Report) {
	f.Outcome, f.QuarantinedAs = r.Outcome, r.QuarantinedAs
}

func newFileReport(path string) *fileReport {
	return &fileReport{Log: report.Log{Path: path}, Actions: map[mend.Action]int64{}, Types: map[record.Type]int64{}}
}

// count takes the log into what monitoring is told.
func (f *fileReport) count(r *report.Run) {
	c := textfile.Change(f.Path, f.Err)
	c.Changed, c.Guarantee, c.Lines = f.Changed, string(f.Guarantee), map[string]int64{}
	if f.BytesIn > 0 {
		c.Bytes = map[string]int64{"before": f.BytesIn, "after": f.BytesOut}
	} else if f.Remaining != nil {
		c.Bytes = map[string]int64{"before": f.Remaining.Bytes, "after": f.Remaining.Bytes}
	}
	for t, n := range f.Types {
		c.Lines[t.String()] = n
	}
	switch {
	case c.Failed:
		r.Metrics.RecoveryErrors++
	case c.Changed:
		r.Metrics.Recoveries++
	}
	r.Change(c)
}

// fail takes in why the log was not repaired.
func (f *fileReport) fail(err error) {
	f.Fail(cli.Hint(err))
	f.Changed = f.Changed && err == nil
}

// code is the exit code for this log, in a dry run that of the run itself.
func (f *fileReport) code() int {
	if f.Err == nil && f.Guard != "" {
		return cli.ExitRemaining
	}
	if f.Err == nil && f.Remaining != nil && f.Remaining.Errors > 0 && (!f.Changed || f.Before != f.Remaining) {
		return cli.ExitRemaining
	}
	return cli.CodeOf(f.Err)
}

// stream writes the report as data. Where the repaired log itself is the data,
// the report goes to standard error.
func (c *Command) stream(env *cli.Env, inputs []cli.Input) *report.Stream {
	w := env.Stdout
	for _, in := range inputs {
		if in.Stdin && !c.DryRun {
			w, c.onStderr = env.Stderr, c.Format != "text"
		}
	}
	return report.NewStream(w, report.Format(c.Format), "", head{report.NewHead(env.Prog, cli.Version()), c.DryRun})
}

// say tells a person what became of one log.
func (c *Command) say(env *cli.Env, f *fileReport) {
	if c.onStderr || f.Err != nil && env.Ctx.Err() != nil {
		return // whoever stopped the run is told so at the end
	}
	if f.Err != nil {
		fmt.Fprintf(env.Stderr, "%s: error: %s\n", env.Prog, safetext.String(f.Failure))
		return
	}
	if f.Guard != "" {
		fmt.Fprintf(env.Stderr, "%s: warning: %s\n", env.Prog, safetext.String(f.Guard))
	}
	if c.Format != "text" {
		return
	}
	w := env.Notes(&c.Output)
	name := safetext.String(f.Path)
	switch {
	case f.Missing:
		fmt.Fprintf(w, "Persistence is healthy: %s does not exist\n", name)
	case c.DryRun:
		fmt.Fprintf(w, "dry run of %s: %d lines would change (%s); nothing was changed\n", name, f.LinesChanged, list(f.Actions))
	case !f.Changed && (f.Remaining == nil || f.Remaining.Total() == 0):
		fmt.Fprintf(w, "Persistence is healthy\nRecovery completed: %s was not touched\n", name)
	case !f.Changed:
		fmt.Fprintf(w, "Recovery completed: %s was not touched: nothing in it is for repair to change\n", name)
	default:
		fmt.Fprintln(w, "Recovery completed")
		f.tell(w)
	}
	f.Tell(w)
	if n := f.Types[record.SplitRecord]; n > 0 && !c.Rejoin {
		fmt.Fprintf(w, "%d of these lines are parts of whole records, which raw newlines cut: --rejoin joins them\n", n)
	}
	if f.InFlight != nil {
		fmt.Fprintf(w, "the last line (byte %d) is being written right now and was left alone\n", f.InFlight.Offset)
	}
	if r := f.Remaining; r != nil && r.Total() > 0 {
		verb := "remaining"
		if c.DryRun {
			verb = "would remain"
		}
		if f.code() != cli.ExitOK {
			w = env.Stderr // it needs a person
		}
		fmt.Fprintf(w, "%s in %s: %d errors, %d warnings (%s)\n", verb, name, r.Errors, r.Warnings, list(r.Counts))
		if flags := c.flagsFor(r); flags != "" && !c.Quiet {
			fmt.Fprintf(w, "next: %s%s %s\n", env.Command(), flags, target(f.Path))
		}
	}
}

// flagsFor names the flags with which a repair acts on what remains.
func (c *Command) flagsFor(r *survey.Result) (flags string) {
	acts := func(when record.Repair) bool {
		return record.Where(func(i *record.Info) bool { return i.Repair == when && r.Counts[i.Name] > 0 }) != 0
	}
	if !c.DropUnknown && acts(record.RepairUnknown) {
		flags += " --drop-unknown"
	}
	if !c.FixNumbers && acts(record.RepairNumbers) {
		flags += " --fix-numbers"
	}
	if c.DryRun && flags != "" {
		flags = " --dry-run" + flags
		if c.Force {
			flags = " --force" + flags
		}
	}
	return flags
}

// target is a log as a shell reads it.
func target(path string) string {
	if path == "-" {
		return "< LOG"
	}
	return safetext.Shell(path)
}

// tell says what was done to a log that was changed.
func (f *fileReport) tell(w io.Writer) {
	if f.Path != "-" {
		fmt.Fprintf(w, "repaired %s\n", safetext.String(f.Path))
	}
	if f.QuarantinedAs != "" {
		fmt.Fprintf(w, "quarantined %s\n", safetext.String(f.QuarantinedAs))
	}
	fmt.Fprintf(w, "%d lines changed (%s): %d bytes in = %d kept + %d dropped; %d added, %d bytes out\n",
		f.LinesChanged, list(f.Actions), f.BytesIn, f.BytesKept, f.BytesDropped, f.BytesAdded, f.BytesOut)
	if f.Ledger != "" {
		fmt.Fprintf(w, "ledger: %s (papyra undo %s takes the repair back)\n", safetext.String(f.Ledger), safetext.Shell(f.Path))
	}
}

// list writes counts by name, in a fixed order.
func list[K comparable](m map[K]int64) string {
	var parts []string
	for k, n := range m {
		parts = append(parts, fmt.Sprintf("%d %v", n, k))
	}
	sort.Slice(parts, func(i, j int) bool { return after(parts[i]) < after(parts[j]) })
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func after(s string) string { return s[strings.IndexByte(s, ' ')+1:] }

// upper is how text reports spell a type.
func upper(t record.Type) string { return strings.ToUpper(t.String()) }
