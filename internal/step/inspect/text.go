package inspect

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// text writes the report for a person. The lines in the words of the Python
// tool come first, and scripts that look for them find them; pictures and
// tables follow. The first error sticks.
type text struct {
	w     io.Writer
	width int
	paint safetext.Painter
	logs  int
	err   error
}

func (t *text) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// tie is a space at which a line is not folded. It can't come from a log:
// safetext escapes it.
const tie = "\x00"

// line prints "name: value", folded to the width of the terminal. Both are
// safe.
func (t *text) line(name, value string) {
	room := max(t.width, 20)
	used := len(name) + 1
	t.printf("%s:", t.paint.Bold(name))
	for i, word := range strings.Fields(value) {
		word = strings.ReplaceAll(word, tie, " ")
		if n := safetext.Width(word); i > 0 && used+1+n > room {
			t.printf("\n    %s", word)
			used = 4 + n
		} else {
			t.printf(" %s", word)
			used += 1 + n
		}
	}
	t.printf("\n")
}

// log writes the report on one log.
func (t *text) log(d *head, f *logReport) error {
	if t.logs++; t.logs > 1 {
		t.printf("\n")
	}
	t.head(d, f)
	t.facts(f)
	t.pictures(f)
	for _, top := range f.Top.named() {
		t.busiest(top.title(), &top.heavy)
	}
	t.preview(&f.Preview)
	return t.err
}

// metrics writes the counters of this process.
func (t *text) metrics(m report.Metrics) error {
	t.printf("\nmetrics:\n")
	if t.err == nil {
		t.err = m.WriteText(t.w, "  ")
	}
	return t.err
}

// head is what the Python tool prints. These lines are not folded: scripts read
// them.
func (t *text) head(d *head, f *logReport) {
	t.printf("%s\n------------------\n", t.paint.Bold("Persistence Inspect"))
	if w := f.Words; w != nil {
		t.printf("profile: %s\n", nameOf(w.Profile))
	} else {
		t.printf("backend: %s\n", d.Backend)
	}
	r := d.Retention
	t.printf("retention: max_records=%s max_age_seconds=%s max_total_bytes=%s%s\n", none(r.MaxRecords, decimal), none(r.MaxAgeSeconds, plain), none(r.MaxTotalBytes, decimal),
		safetext.String(r.ByKind(" ")))
	if f.Words != nil {
		return // what is sampled are Papyra's
	}
	for _, s := range []struct {
		name string
		sample
	}{{"events", f.Sampled.Events}, {"audits", f.Sampled.Audits}, {"dead_letters", f.Sampled.DeadLetters}} {
		suffix := ""
		if s.Capped {
			suffix = " (capped)"
		}
		t.printf("%s_sampled: %d%s\n", s.name, s.Count, suffix)
	}
}

// none is a number, or None for none, as Python prints it.
func none[T any](v *T, format func(T) string) string {
	if v == nil {
		return "None"
	}
	return format(*v)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func shortest(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// nameOf is a name from a log, safe to print and never invisible.
func nameOf(s string) string {
	if s == "" {
		return `""`
	}
	return safetext.String(s)
}

// facts is one line for each thing that can be said in a line.
func (t *text) facts(f *logReport) {
	t.line("path", pathName(f.Path))
	if len(f.Members) > 0 {
		t.line("rotated files", strconv.Itoa(len(f.Members)))
	}
	if f.Missing {
		t.line("size", "no such file")
		if f.Failure != "" {
			t.line("health", t.paint.Red("unknown:")+" "+safetext.String(f.Failure))
		}
		return
	}
	t.line("size", sizeText(f))
	t.line("records", fmt.Sprintf("%s in %s", humanize.Comma(f.Records), plural(f.Lines, "line")))
	if f.First != nil {
		if f.Words != nil {
			t.line("times", fmt.Sprintf("%s (%s), shown in %s", safetext.String(string(f.Words.Time)), f.Words.Format, zoneName(f.zone())))
		}
		t.line("first", fmt.Sprintf("%s (%s)", f.shownTime(*f.First), seconds(*f.First)))
		t.line("last", fmt.Sprintf("%s (%s), %s later", f.shownTime(*f.Last), seconds(*f.Last), lasting(*f.Last-*f.First)))
	}
	t.line("longest line", plural(f.LongestLine, "byte"))
	if len(f.Lengths.Percentiles) > 0 {
		var parts []string
		for _, p := range f.Lengths.Percentiles {
			parts = append(parts, fmt.Sprintf("p%s%s%d", shortest(p.P), tie, p.Length))
		}
		t.line("line length", fmt.Sprintf("%s, mean %.0f bytes; percentiles within %.1f %%", strings.Join(parts, ", "), f.Lengths.Mean, 100*f.Lengths.Error))
	}
	if r := f.Rate; r != nil && r.Mean > 0 {
		t.line("rate", fmt.Sprintf("%s records/s on average; at most %s/s, in the %s from %s on",
			number(r.Mean), number(r.Peak), lasting(r.PeakWidth), f.shownTime(r.PeakStart)))
	}
	t.health(f)
}

// zoneName is what a person calls the zone.
func zoneName(zone *time.Location) string {
	if zone == time.UTC {
		return "UTC"
	}
	return "the local zone"
}

func sizeText(f *logReport) string {
	if f.SizeBytes < 0 {
		return fmt.Sprintf("%s (%d bytes) read", humanize.IBytes(uint64(f.Bytes)), f.Bytes)
	}
	s := fmt.Sprintf("%s (%d bytes)", humanize.IBytes(uint64(f.SizeBytes)), f.SizeBytes)
	if f.Bytes != f.SizeBytes && f.Failure == "" {
		s += fmt.Sprintf(", %s (%d bytes) of text", humanize.IBytes(uint64(f.Bytes)), f.Bytes)
	}
	return s
}

// health is the anomalies in brief.
func (t *text) health(f *logReport) {
	switch {
	case f.Failure != "":
		t.line("health", t.paint.Red("unknown:")+" "+safetext.String(f.Failure))
	case f.Total() == 0:
		t.line("health", t.paint.Green("no anomalies"))
	default:
		s := plural(f.Errors, "error") + ", " + plural(f.Warnings, "warning") + ":"
		if f.Errors > 0 {
			s = t.paint.Red(s)
		} else {
			s = t.paint.Yellow(s)
		}
		t.line("health", s+" "+strings.Join(countedTypes(f.Counts), ", ")+"; papyra-scan tells where")
	}
	if f.InFlight != nil {
		t.line("in flight", fmt.Sprintf("the last line, %s so far, is being written", plural(f.InFlight.Length, "byte")))
	}
}

// countedTypes is "3 corrupted_line", the most frequent first.
func countedTypes(counts map[string]int64) []string {
	names := ranked(counts)
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = humanize.Comma(counts[n]) + tie + n
	}
	return out
}

func plural(n int64, word string) string {
	if n != 1 {
		word += "s"
	}
	return humanize.Comma(n) + " " + word
}

// seconds is a timestamp with milliseconds, as the readers print it.
func seconds(s float64) string {
	if math.Abs(s) > 1e15 {
		return shortest(s)
	}
	return strconv.FormatFloat(s, 'f', 3, 64)
}

// number has three digits that matter.
func number(f float64) string {
	switch {
	case f >= 100:
		return humanize.Comma(int64(math.Round(f)))
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'g', 3, 64)
}

// lasting is a length of time in its two largest units.
func lasting(s float64) string {
	switch {
	case s < 1e-3:
		return number(s*1e6) + " µs"
	case s < 1:
		return number(s*1e3) + " ms"
	case s < 120:
		return number(s) + " s"
	case s >= 1e12:
		return number(s/31557600) + " years"
	}
	n := int64(math.Round(s))
	for _, u := range []struct {
		size, sub   int64
		name, lower string
	}{{86400, 3600, "d", "h"}, {3600, 60, "h", "min"}, {60, 1, "min", "s"}} {
		if n < u.size {
			continue
		}
		out := fmt.Sprintf("%s %s", humanize.Comma(n/u.size), u.name)
		if rest := n % u.size / u.sub; rest > 0 {
			out += fmt.Sprintf(" %d %s", rest, u.lower)
		}
		return out
	}
	return number(s) + " s"
}
