package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Format is one of the forms of a report, by the name under which people ask for it.
type Format string

// The formats.
const (
	Text       Format = "text"       // for a person
	JSON       Format = "json"       // the whole document as one object
	NDJSON     Format = "ndjson"     // one object a line: anomalies, files, a summary
	GitHub     Format = "github"     // workflow annotations
	SARIF      Format = "sarif"      // SARIF 2.1.0, for code scanning
	JUnit      Format = "junit"      // JUnit XML, one case a log
	Markdown   Format = "markdown"   // for a step summary or a comment
	Prometheus Format = "prometheus" // text format, for a node exporter's textfile collector
)

// Formats returns all formats.
func Formats() []Format {
	return []Format{Text, JSON, NDJSON, GitHub, SARIF, JUnit, Markdown, Prometheus}
}

// ParseFormat returns the format of that name, whatever its case. Otherwise the error names those that there are.
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
	Color bool
	// Verbose makes the text form tell all faults of a line, every log and the settings.
	Verbose bool
	// Quiet leaves the text form empty; the other forms are data and stay.
	Quiet bool
	// Now is when the run ended, for the Prometheus form; zero leaves the run's timestamps out.
	Now time.Time
	// Previous is what the Prometheus file held before, or nil: its counters go on, and so does the time of the last success
	// if this run is none. See [ParseTextfile].
	Previous *Textfile
}

// Write shows the document in the given format. On an error something may have been written; nothing is retried.
func Write(w io.Writer, format Format, d *Document, o Options) error {
	buf := bufio.NewWriterSize(w, 32<<10)
	if err := write(buf, format, d, o); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	return nil
}

func write(w *bufio.Writer, format Format, d *Document, o Options) error {
	switch format {
	case Text:
		return writeText(w, d, o)
	case JSON:
		return writeJSON(w, d)
	case NDJSON:
		return writeNDJSON(w, d)
	case GitHub:
		return writeGitHub(w, d)
	case SARIF:
		return writeSARIF(w, d)
	case JUnit:
		return writeJUnit(w, d)
	case Markdown:
		return writeMarkdown(w, d)
	case Prometheus:
		return writePrometheus(w, d, o)
	}
	return fmt.Errorf("unknown report format %q, want one of %s", format, formatList())
}
