package report

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// jUnitWriter writes one suite with a case for each log: an error is a log
// without a verdict, a failure one that is unhealthy. What comes from logs and
// paths is escaped, which leaves no character that XML forbids. The cases wait
// for the totals, which stand before them, and what is said of healthy logs for
// the end, for readers differ: by the schema of Jenkins a case may have output
// of its own, by that of Ant only a suite, of which it asks for all the
// attributes and elements here, in this order.
type jUnitWriter struct {
	w          *bufio.Writer
	d          *Document
	now        func() time.Time
	took       time.Duration
	cases, out spool.Spool
}

func newJUnit(w *bufio.Writer, d *Document, now func() time.Time) *jUnitWriter {
	if now == nil {
		now = func() time.Time { return time.Unix(0, 0) }
	}
	return &jUnitWriter{w: w, d: d, now: now}
}

func (j *jUnitWriter) file(f *survey.Result) error {
	j.took += f.Elapsed
	outcome, said := outcome(f, j.d)
	if _, err := j.out.Write([]byte(html.EscapeString(said))); err != nil {
		return err
	}
	_, err := fmt.Fprintf(&j.cases, "\t\t<testcase%s>%s</testcase>\n",
		attributes("name", label(f.Path), "classname", clean(j.d.Tool), "time", seconds(f.Elapsed)), outcome)
	return err
}

func (j *jUnitWriter) end() error {
	sum, host := &j.d.Total, j.d.Host
	if host == "" {
		host = "localhost"
	}
	fmt.Fprintf(j.w, `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
	<testsuite%s>
		<properties/>
`, attributes("id", 0, "name", clean(j.d.Tool), "package", clean(j.d.Tool), "timestamp", j.now().UTC().Format("2006-01-02T15:04:05"), "hostname", clean(host),
		"tests", sum.Files, "failures", sum.Unhealthy, "errors", sum.Failures, "time", seconds(j.took)))
	err := j.cases.CopyTo(j.w)
	j.w.WriteString("\t\t<system-out>")
	err = errors.Join(err, j.out.CopyTo(j.w))
	j.w.WriteString("</system-out>\n\t\t<system-err/>\n\t</testsuite>\n</testsuites>\n")
	return err
}

// Close lets go of what was held back.
func (j *jUnitWriter) Close() error { return errors.Join(j.cases.Close(), j.out.Close()) }

// outcome is the element that tells how a case ended, none if it is well, and
// what there is to say of it then. Viewers group failures by their type.
func outcome(f *survey.Result, d *Document) (element, said string) {
	list := listing(f)
	switch {
	case f.Failure != "":
		return problem("error", "no verdict: "+clean(f.Failure), "failure", list), ""
	case f.Unhealthy(d.Strict):
		return problem("failure", humanize.Count(f.Errors, "error")+", "+humanize.Count(f.Warnings, "warning"), decisive(f), list), ""
	}
	return "", label(f.Path) + ": " + facts(f) + "\n" + list
}

func problem(name, message, group, text string) string {
	return "\n\t\t\t<" + name + attributes("message", message, "type", group) + ">" + html.EscapeString(text) + "</" + name + ">\n\t\t"
}

func attributes(pairs ...any) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, ` %s="%s"`, pairs[i], html.EscapeString(fmt.Sprint(pairs[i+1])))
	}
	return b.String()
}

// listing has a line for each anomaly, as in the text form.
func listing(f *survey.Result) string {
	var b strings.Builder
	for i := range f.Anomalies {
		a := &f.Anomalies[i]
		fmt.Fprintf(&b, "- %s: %s\n", strings.ToUpper(a.Type.String()), detail(a, true))
	}
	if f.Omitted > 0 {
		fmt.Fprintf(&b, "- and %d more\n", f.Omitted)
	}
	return b.String()
}

// decisive is the type that comes first among those found. A report that is
// merged may know more types.
func decisive(f *survey.Result) string {
	all := byType(f.Counts)
	if len(all) == 0 {
		return "none"
	}
	return clean(all[0].name)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
