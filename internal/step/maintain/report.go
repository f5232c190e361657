package maintain

import (
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// head opens the JSON report.
type head struct {
	report.Head
	DryRun bool `json:"dry_run"`
}

// tail closes it.
type tail struct {
	Code int `json:"exit_code"`
}

// output shows the report as it grows, a row for each log. It is the data.
type output struct {
	c      *Command
	env    *cli.Env
	stream *report.Stream
	logs   map[string]int64 // by result
	err    error
}

// widths are those of the columns before the name of the log.
const row = "%-8s  %7s  %7s  %7s  %20s  "

func (o *output) file(f *fileReport) error {
	switch {
	case f.Err != nil:
		verb := "error: "
		if f.Result == skipped {
			verb = "skipped: "
		}
		fmt.Fprintf(o.env.Stderr, "%s: %s%s\n", o.env.Prog, verb, safetext.String(f.Failure))
	case f.Code != cli.ExitOK:
		fmt.Fprintf(o.env.Stderr, "%s: found anomalies in %s: papyra-scan says where\n", o.env.Prog, safetext.String(f.Path))
	}
	if o.logs == nil {
		o.logs = map[string]int64{}
		o.say(row+"%s\n", "result", "found", "mended", "removed", "bytes", "log")
	}
	o.logs[f.Result]++
	o.say("%s%s\n", o.row(f), o.name(f.Path))
	if o.err != nil {
		return o.err
	}
	return o.stream.File(f)
}

// say prints to a person.
func (o *output) say(format string, args ...any) {
	if o.c.Format == string(report.Text) && !o.c.Quiet && o.err == nil {
		if _, err := fmt.Fprintf(o.env.Stdout, format, args...); err != nil {
			o.err = fmt.Errorf("write report: %w", err)
		}
	}
}

func (o *output) row(f *fileReport) string {
	found, removed, bytes := "-", "-", "-"
	about := ""
	if o.c.DryRun && f.lines() > 0 {
		about = "~" // reckoned with the damage still in the log
	}
	var n, before int64
	for _, r := range f.Scan {
		n += r.Total()
		before += max(r.SizeBytes, 0)
	}
	if len(f.Scan) > 0 && !f.Missing {
		found = humanize.Comma(n)
	}
	after := before
	for _, r := range f.Repair {
		after += r.Grown()
	}
	if c := f.Compaction; c != nil && c.Err() == nil && !f.Missing {
		was, is := c.Bytes()
		switch {
		case len(f.Scan) != 1: // a set is told of as the text that it holds
			before, after = was, was
		case o.c.DryRun && is != was: // that of a log which was not repaired
			after = before
		}
		after += is - was
		removed = "some" // a limit by count or size reads only what is kept
		if n, counted := c.Removed(); counted {
			removed = about + humanize.Comma(n)
		}
	}
	switch {
	case before != after:
		bytes = humanize.IBytes(uint64(before)) + " -> " + about + humanize.IBytes(uint64(max(after, 0)))
	case before > 0:
		bytes = humanize.IBytes(uint64(before))
	}
	text := fmt.Sprintf(row, f.Result, found, humanize.Comma(f.lines()), removed, bytes)
	paint := o.env.Painter(&o.c.Coloring)
	switch f.Result {
	case failed, damaged:
		return paint.Red(text[:8]) + text[8:]
	case repaired, skipped:
		return paint.Yellow(text[:8]) + text[8:]
	}
	return text
}

// name is that of a log: its end, if there is no room for more on a terminal.
func (o *output) name(path string) string {
	name := safetext.String(path)
	width := o.env.TableWidth()
	if room := max(width-len(fmt.Sprintf(row, "", "", "", "", "")), 12); width > 0 && safetext.Width(name) > room {
		r := []rune(name)
		name = "…" + string(r[max(len(r)-room+1, 0):])
	}
	return name
}

// end says how it ended.
func (o *output) end(code int) error {
	var counts []string
	var all int64
	for _, result := range []string{ok, missing, repaired, damaged, skipped, failed} {
		if n := o.logs[result]; n > 0 {
			all += n
			counts = append(counts, humanize.Comma(n)+" "+result)
		}
	}
	if o.c.DryRun {
		o.say("dry run: nothing was changed; this is what would be\n")
	}
	o.say("logs: %s; exit code %d\n", strings.Join(append(counts, humanize.Comma(all)+" in all"), ", "), code)
	if o.err != nil {
		return o.err
	}
	return o.stream.End(tail{code})
}
