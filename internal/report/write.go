package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Format is one of the forms of a report, by the name under which people ask
// for it.
type Format string

// The formats.
const (
	Text       Format = "text"       // for a person
	JSON       Format = "json"       // the whole document as one object
	NDJSON     Format = "ndjson"     // one object a line: anomalies, files, a summary
	GitHub     Format = "github"     // workflow annotations
	SARIF      Format = "sarif"      // SARIF 2.1.0, for code scanning
	GitLab     Format = "gitlab"     // code quality in GitLab
	JUnit      Format = "junit"      // JUnit XML, one case a log
	Markdown   Format = "markdown"   // for a step summary or a comment
	Prometheus Format = "prometheus" // text format, for a node exporter's textfile collector
)

// Formats returns all formats.
func Formats() []Format {
	return []Format{Text, JSON, NDJSON, GitHub, SARIF, GitLab, JUnit, Markdown, Prometheus}
}

// ParseFormat returns the format of that name, whatever its case. Otherwise the
// error names those that there are.
func ParseFormat(name string) (Format, error) {
	f := Format(strings.ToLower(strings.TrimSpace(name)))
	if slices.Contains(Formats(), f) {
		return f, nil
	}
	return "", fmt.Errorf("unknown report format %q, want one of %s", name, formatList())
}

func formatList() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// Options say how a document is shown. The zero value is fine.
type Options struct {
	// Color paints the text form.
	Color safetext.Painter
	// Verbose makes the text form tell all faults of a line, every log and the
	// settings.
	Verbose bool
	// Quiet leaves of the text form a line on each log that needs a person; the
	// other forms are data and stay.
	Quiet bool
	// Next makes the text form end in the command that looks into the damage.
	Next bool
	// Summary makes the text form sum up without telling of each anomaly and
	// log.
	Summary bool
	// Compact leaves spaces and newlines out of the JSON form.
	Compact bool
	// Now tells when the run ended; nil leaves the run's timestamps out.
	Now func() time.Time
	// Run begins what the Prometheus form tells of a run; nil for a scan that
	// replaces no file.
	Run func() *Run
}

// writer is one format. It gets each log, which it must not keep, and then the
// end; errors of the buffered writer below it are left to that.
type writer interface {
	file(f *survey.Result) error
	end() error
}

// Form is a document that is being shown in one format. Logs are written as
// they come, so that memory does not grow with their number; what has to wait
// for the totals, such as the verdict at the top of a text, waits in a
// temporary file.
type Form struct {
	d      *Document
	o      Options
	format Format
	buf    *bufio.Writer
	w      writer
	err    error
}

// Open has what is added to the document from now on written to w. Nothing is
// written before the first log or the end.
func (d *Document) Open(w io.Writer, format Format, o Options) *Form {
	f := &Form{d: d, o: o, format: format, buf: bufio.NewWriterSize(w, 32<<10)}
	d.forms = append(d.forms, f)
	return f
}

// Close ends the form and returns its first error. Of a scan that failed as a
// whole, no end is written, so that what there is cannot be taken for a report.
func (f *Form) Close() error {
	if f.start(); f.err == nil && f.d.broken == nil {
		f.keep(f.w.end())
		f.keep(f.buf.Flush())
	}
	return f.Discard()
}

// Discard closes the form without an end. Of a text nothing is shown then.
func (f *Form) Discard() error {
	f.d.forms = slices.DeleteFunc(f.d.forms, func(other *Form) bool { return other == f })
	if c, ok := f.w.(io.Closer); ok {
		f.keep(c.Close())
	}
	return f.err
}

func (f *Form) file(r *survey.Result) {
	if f.start(); f.err != nil {
		return
	}
	f.keep(f.w.file(r))
	if f.format == NDJSON {
		f.keep(f.buf.Flush()) // whoever reads it may be waiting
	}
}

func (f *Form) keep(err error) {
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("write %s report: %w", f.format, err)
	}
}

// start waits for the first log, for it is only then that everything which
// opens a report is known.
func (f *Form) start() {
	if f.w != nil || f.err != nil {
		return
	}
	switch f.format {
	case Text:
		f.w = &textWriter{w: f.buf, d: f.d, o: f.o, paint: f.o.Color}
	case JSON:
		indent := "  "
		if f.o.Compact {
			indent = ""
		}
		f.w = &jsonWriter{NewStream(f.buf, JSON, indent, f.d.Opening), f.d}
	case NDJSON:
		f.w = &lineWriter{json.NewEncoder(SafeJSON(f.buf)), f.d}
	case GitHub:
		f.w = &gitHubWriter{w: f.buf, d: f.d, picker: picker{n: maxAnnotations}}
	case SARIF:
		f.w = newSARIF(f.buf, f.d)
	case GitLab:
		f.w = newGitLab(f.buf, f.d)
	case JUnit:
		f.w = newJUnit(f.buf, f.d, f.o.Now)
	case Markdown:
		f.w = &markdownWriter{w: f.buf, d: f.d, picker: picker{n: maxExamples}}
	case Prometheus:
		run := &Run{Head: f.d.Head, Step: "scan", Now: f.o.Now}
		if f.o.Run != nil {
			run = f.o.Run()
		}
		run.Strict = f.d.Strict
		f.w = &prometheusWriter{f.buf, run}
	default:
		f.err = fmt.Errorf("unknown report format %q, want one of %s", f.format, formatList())
	}
}
