package report

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/record"
)

// writeJUnit writes one suite with a case for each log: an error is a log without a verdict, a failure one that is unhealthy.
// What comes from logs and paths is escaped, which leaves no character that XML forbids. The totals are known beforehand, so
// that one case at a time is encoded.
func writeJUnit(w *bufio.Writer, d *Document) error {
	var took time.Duration
	for _, f := range d.Files {
		took += f.Elapsed
	}
	w.WriteString(xml.Header)
	enc := xml.NewEncoder(w)
	enc.Indent("", "\t")
	attributes := []xml.Attr{
		attribute("name", clean(d.Tool)), attribute("tests", d.Total.Files), attribute("failures", d.Total.Unhealthy),
		attribute("errors", d.Total.Failures), attribute("time", seconds(took)),
	}
	suites := xml.StartElement{Name: xml.Name{Local: "testsuites"}, Attr: attributes}
	suite := xml.StartElement{Name: xml.Name{Local: "testsuite"}, Attr: append(attributes[:5:5], attribute("id", 0))}
	if err := errors.Join(enc.EncodeToken(suites), enc.EncodeToken(suite)); err != nil {
		return err
	}
	for _, f := range d.Files {
		if err := enc.EncodeElement(testcase(f, d), xml.StartElement{Name: xml.Name{Local: "testcase"}}); err != nil {
			return err
		}
	}
	if err := errors.Join(enc.EncodeToken(suite.End()), enc.EncodeToken(suites.End()), enc.Close()); err != nil {
		return err
	}
	return w.WriteByte('\n')
}

func attribute(name string, value any) xml.Attr {
	return xml.Attr{Name: xml.Name{Local: name}, Value: fmt.Sprint(value)}
}

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
