package appender

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/textfile"
)

// maxTold is how many refused lines are named one by one.
const maxTold = 20

// refusals are the lines that were refused.
type refusals struct {
	Lines int64            `json:"lines"`
	Types map[string]int64 `json:"types"`
	// First are the first ones.
	First []refusedLine `json:"first,omitempty"`

	notes io.Writer
	prog  string
	tell  bool // as they come
}

type refusedLine struct {
	Line   int64  `json:"line"` // of the input, from 1
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

func (l refusedLine) String() string {
	return fmt.Sprintf("line %d refused: %s: %s", l.Line, strings.ToUpper(l.Type), safetext.String(l.Reason))
}

func (r *refusals) take(line int64, why refusal) {
	r.Lines++
	r.Types[why.fault.String()]++
	if len(r.First) == maxTold {
		return
	}
	l := refusedLine{line, why.fault.String(), why.reason}
	r.First = append(r.First, l)
	if r.tell {
		fmt.Fprintf(r.notes, "%s: %s\n", r.prog, l)
		if len(r.First) == maxTold {
			fmt.Fprintf(r.notes, "%s: further refused lines are only counted\n", r.prog)
		}
	}
}

// explain puts the line that ended the run in the place of errRefused.
func (r *refusals) explain(err error) error {
	if !errors.Is(err, errRefused) || len(r.First) == 0 {
		return err
	}
	text := r.First[len(r.First)-1].String() + "; nothing from there on was appended (--on-invalid skip goes on)"
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all := []error{errors.New(text)}
		for _, e := range joined.Unwrap() {
			if !errors.Is(e, errRefused) {
				all = append(all, e)
			}
		}
		return errors.Join(all...)
	}
	return errors.New(text)
}

// document is the JSON report.
type document struct {
	report.Head
	report.Log
	Sync string `json:"sync"`
	tally
	Refused refusals `json:"refused"`
}

func (c *Command) report(env *cli.Env, path string, e *engine, r *refusals, err error) *document {
	d := &document{Head: report.NewHead(env.Prog, cli.Version()), Log: report.Log{Path: path}, Sync: c.Sync.String(), tally: e.tally, Refused: *r}
	d.Fail(r.explain(err))
	return d
}

// count takes the run into what monitoring is told. To be stopped is no
// failure, if all that was read is safe.
func (d *document) count(r *report.Run, stopped bool) {
	failed := d.Err != nil && (!stopped || d.NotWritten+d.Unknown.Records+int64(d.Torn) > 0)
	written := count{d.Acknowledged.Records + d.Unsynced.Records, d.Acknowledged.Bytes + d.Unsynced.Bytes}
	r.Metrics.RecordsWritten, r.Metrics.BytesWritten = written.Records, written.Bytes
	if failed {
		r.Metrics.WriteErrors = 1
	}
	c := textfile.Change(d.Path, nil)
	if failed {
		c = textfile.Change(d.Path, d.Err)
	}
	c.Changed, c.Lines = written.Bytes > 0, d.Refused.Types
	c.Bytes, c.Records = map[string]int64{"appended": written.Bytes}, map[string]int64{"appended": written.Records}
	r.Change(c)
}

// show writes the report: what a person reads on standard error, JSON on
// standard output unless that carries the acknowledgements.
func (d *document) show(env *cli.Env, c *Command) error {
	if c.Format == "text" {
		w := env.Notes(&c.Output)
		if d.Failure != "" {
			w = env.Stderr // what is safe belongs to the error
		}
		for _, line := range d.lines(c.Sync.word) {
			fmt.Fprintln(w, line)
		}
		return nil
	}
	w := env.Stdout
	if c.Ack {
		w = env.Stderr
	}
	return report.WriteObject(w, d)
}

// lines are what a person is told; the last one is about what is safe.
func (d *document) lines(sync string) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if d.BOM {
		say("the byte order mark at the start of the input was left out")
	}
	if d.Completed > 0 {
		say("%s completed with what was missing", humanize.Count(d.Completed, "record"))
	}
	if d.Refused.Lines > 0 {
		say("%s refused (%s)", humanize.Count(d.Refused.Lines, "line"), list(d.Refused.Types))
	}
	if d.Unfinished > 0 {
		say("%s of an unfinished line were not appended", humanize.Count(int64(d.Unfinished), "byte"))
	}
	if d.NotWritten > 0 {
		say("%s found good but not appended", humanize.Count(d.NotWritten, "record"))
	}
	if d.Torn > 0 {
		say("%s of a torn line stay in the log; the next append starts on a new line", humanize.Count(int64(d.Torn), "byte"))
	}
	if d.Unknown.Records > 0 {
		say("unknown durability: %s, %s: they may be in the log or not", humanize.Count(d.Unknown.Records, "record"), humanize.Count(d.Unknown.Bytes, "byte"))
	}
	name := safetext.String(d.Path)
	if sync == "never" {
		say("written without fsync: %s, %s, to %s; none is acknowledged", humanize.Count(d.Unsynced.Records, "record"), humanize.Count(d.Unsynced.Bytes, "byte"), name)
	} else {
		say("acknowledged: %s, %s, in %s", humanize.Count(d.Acknowledged.Records, "record"), humanize.Count(d.Acknowledged.Bytes, "byte"), name)
	}
	return lines
}

// list writes counts by name, in a fixed order.
func list(m map[string]int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%d %s", m[name], name))
	}
	return strings.Join(parts, ", ")
}
