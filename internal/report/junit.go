package report

import (
	"bufio"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// jUnitWriter writes one suite with a case for each log: an error is a log without a verdict, a failure one that is unhealthy.
// What comes from logs and paths is escaped, which leaves no character that XML forbids. The cases wait for the totals, which
// stand before them.
type jUnitWriter struct {
	w     *bufio.Writer
	d     *Document
	took  time.Duration
	cases spool
}

func newJUnit(w *bufio.Writer, d *Document) *jUnitWriter { return &jUnitWriter{w: w, d: d} }

func (j *jUnitWriter) file(f *survey.Result) error {
	j.took += f.Elapsed
	_, err := fmt.Fprintf(&j.cases, "\t\t<testcase%s>\n\t\t\t%s\n\t\t</testcase>\n",
		attributes("name", label(f.Path), "classname", clean(j.d.Tool), "time", seconds(f.Elapsed)), outcome(f, j.d))
	return err
}

func (j *jUnitWriter) end() error {
	sum := &j.d.Total
	all := attributes("name", clean(j.d.Tool), "tests", sum.Files, "failures", sum.Unhealthy, "errors", sum.Failures, "time", seconds(j.took))
	fmt.Fprintf(j.w, `<?xml version="1.0" encoding="UTF-8"?>
<testsuites%s>
	<testsuite%[1]s id="0">
`, all)
	err := j.cases.copyTo(j.w)
	j.w.WriteString("\t</testsuite>\n</testsuites>\n")
	return err
}

// Close lets go of what was held back.
func (j *jUnitWriter) Close() error { return j.cases.close() }

// outcome is the element that tells how a case ended.
func outcome(f *survey.Result, d *Document) string {
	list := listing(f)
	switch {
	case f.Failure != "":
		return element("error", attributes("message", "no verdict: "+clean(f.Failure), "type", "failure"), list)
	case f.Unhealthy(d.Strict):
		return element("failure", attributes("message", count(f.Errors, "error")+", "+count(f.Warnings, "warning"), "type", decisive(f)), list)
	}
	return element("system-out", "", join("\n", facts(f), list))
}

func element(name, attributes, text string) string {
	return "<" + name + attributes + ">" + html.EscapeString(text) + "</" + name + ">"
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

// decisive is the type that comes first among those found, by which a viewer groups failures.
func decisive(f *survey.Result) string {
	var found record.Set
	for _, t := range record.Types() {
		if f.Counts[t.String()] > 0 {
			found = found.With(t)
		}
	}
	return found.First().String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
