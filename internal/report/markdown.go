package report

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// The Markdown form is for reading: a step summary is cut at 1 MiB.
const (
	maxRows     = 200 // logs in the table
	maxExamples = 50  // anomalies shown one by one
)

// markdownWriter writes GitHub-flavoured Markdown. It is put together by hand
// because no table writer at hand escapes more than the bar: text from a log
// must not become markup.
type markdownWriter struct {
	picker
	w         *bufio.Writer
	d         *Document
	bad, fine []string // rows
}

func (m *markdownWriter) file(f *survey.Result) error {
	m.add(f)
	rows := &m.fine
	if f.Failure != "" || f.Unhealthy(m.d.Strict) {
		rows = &m.bad
	}
	if len(*rows) < maxRows {
		*rows = append(*rows, fmt.Sprintf("| %s | %s | %d | %s | %d | %d |\n", code(clean(label(f.Path))), verdictCell(f, m.d.Strict), f.Records, size(f.Bytes), f.Errors, f.Warnings))
	}
	return nil
}

func (m *markdownWriter) end() error {
	w, d, t := m.w, m.d, &m.d.Total
	fmt.Fprintf(w, "### %s\n\n", headline(d))
	fmt.Fprintf(w, "%s: %d healthy (%d missing), %d unhealthy, %d without a verdict; %s in %s, %s.\n",
		humanize.Count(t.Files, "log"), t.Healthy(), t.Missing, t.Unhealthy, t.Failures, humanize.Count(t.Records, "record"), humanize.Count(t.Lines, "line"), size(t.Bytes))
	if t.Files > 0 {
		m.logs()
	}
	if len(t.Counts) > 0 {
		fmt.Fprint(w, "\n| anomaly | number | what it means |\n|---|---:|---|\n")
		for _, c := range byType(t.Counts) {
			var t record.Type
			_ = t.UnmarshalText([]byte(c.name)) // a report that is merged may know more types
			fmt.Fprintf(w, "| %s | %d | %s |\n", code(c.name), c.n, t.Info().What)
		}
		m.examples()
	}
	return nil
}

func headline(d *Document) string {
	t := &d.Total
	switch {
	case t.Files == 0:
		return "No logs to look at"
	case d.Failed() && t.Anomalies() == 0:
		return "No verdict"
	case d.Failed():
		return fmt.Sprintf("No verdict on %s; found %s", humanize.Count(t.Failures, "log"), humanize.Count(t.Anomalies(), "anomaly"))
	case d.Unhealthy():
		return fmt.Sprintf("Found %d persistence anomalies", t.Anomalies())
	case t.Warnings > 0:
		return "Persistence is healthy (" + humanize.Count(t.Warnings, "warning") + ")"
	}
	return "Persistence is healthy"
}

// logs lists the logs, those with something to say first.
func (m *markdownWriter) logs() {
	fmt.Fprint(m.w, "\n| log | verdict | records | size | errors | warnings |\n|---|---|---:|---:|---:|---:|\n")
	rows := append(m.bad, m.fine...)
	rows = rows[:min(len(rows), maxRows)]
	for _, row := range rows {
		m.w.WriteString(row)
	}
	if more := m.d.Total.Files - int64(len(rows)); more > 0 {
		fmt.Fprintf(m.w, "\nand %s more.\n", humanize.Count(more, "log"))
	}
}

func verdictCell(f *survey.Result, strict bool) string {
	switch {
	case f.Failure != "":
		return "**no verdict:** " + code(clean(f.Failure))
	case f.Unhealthy(strict):
		return "**unhealthy**"
	case f.Missing:
		return "healthy (no such file)"
	case f.InFlight != nil:
		return "healthy (the last line is being written)"
	}
	return "healthy"
}

func (m *markdownWriter) examples() {
	w := m.w
	fmt.Fprint(w, "\n<details><summary>Where</summary>\n\n| anomaly | log | where | why |\n|---|---|---|---|\n")
	examples := m.pick(maxExamples)
	for _, p := range examples {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", code(p.a.Type.String()), code(clean(label(p.path()))), where(&p.a), markdownText(clean(p.a.Reason)))
	}
	if more := m.d.Total.Anomalies() - int64(len(examples)); more > 0 {
		fmt.Fprintf(w, "\nand %d more.\n", more)
	}
	fmt.Fprint(w, "\n</details>\n")
}

// code shows text from outside in the type of code. It is an element, not a
// code span: within a span, neither a backtick nor a bar can be escaped, and
// only elements keep names and links in it from becoming live.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "<code>" + markdownText(s) + "</code>"
}

// markdownText writes everything that could be markup, in Markdown or HTML, as
// a character reference.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 0x80, r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" ,;'/", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}
