package report

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

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
	enc   *xml.Encoder
}

func newJUnit(w *bufio.Writer, d *Document) *jUnitWriter {
	j := &jUnitWriter{w: w, d: d}
	j.enc = xml.NewEncoder(&j.cases)
	j.enc.Indent("\t\t", "\t")
	return j
}

func (j *jUnitWriter) file(f *survey.Result) error {
	j.took += f.Elapsed
	return j.enc.EncodeElement(testcase(f, j.d), xml.StartElement{Name: xml.Name{Local: "testcase"}})
}

func (j *jUnitWriter) end() error {
	sum := &j.d.Total
	var attributes bytes.Buffer
	for _, a := range [][2]any{{"name", clean(j.d.Tool)}, {"tests", sum.Files}, {"failures", sum.Unhealthy}, {"errors", sum.Failures}, {"time", seconds(j.took)}} {
		fmt.Fprintf(&attributes, ` %s="`, a[0])
		if err := xml.EscapeText(&attributes, fmt.Append(nil, a[1])); err != nil {
			return err
		}
		attributes.WriteByte('"')
	}
	fmt.Fprintf(j.w, "%s<testsuites%s>\n\t<testsuite%[2]s id=\"0\">", xml.Header, &attributes)
	if sum.Files > 0 {
		j.w.WriteByte('\n')
	}
	err := errors.Join(j.enc.Close(), j.cases.copyTo(j.w))
	if sum.Files > 0 {
		j.w.WriteString("\n\t")
	}
	j.w.WriteString("</testsuite>\n</testsuites>\n")
	return err
}

// Close lets go of what was held back.
func (j *jUnitWriter) Close() error { return j.cases.close() }

func testcase(f *survey.Result, d *Document) junit.Testcase {
	c := junit.Testcase{Name: label(f.Path), Classname: clean(d.Tool), Time: seconds(f.Elapsed)}
	list := listing(f)
	switch {
	case f.Failure != "":
		c.Error = &junit.Result{Message: "no verdict: " + clean(f.Failure), Type: "failure", Data: list}
	case f.Unhealthy(d.Strict):
		c.Failure = &junit.Result{Message: count(f.Errors, "error") + ", " + count(f.Warnings, "warning"), Type: decisive(f), Data: list}
	default:
		c.SystemOut = &junit.Output{Data: join("\n", facts(f), list)}
	}
	return c
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
