package report

import (
	"bytes"
	"io"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/survey"
)

// The values of "record", which every line of the NDJSON form has and which says what it is.
const (
	anomalyRecord = "anomaly" // one anomaly
	fileRecord    = "file"    // a log, after its anomalies: the file of the JSON form without them
	summaryRecord = "summary" // the last line: the JSON form without the files
)

type anomalyLine struct {
	Record string `json:"record"`
	anomaly
}

type fileLine struct {
	Record string `json:"record"`
	*survey.Result
	// Anomalies hides those of the result: they have lines of their own.
	Anomalies []anomaly `json:"anomalies,omitempty"`
}

type summaryLine struct {
	Record string `json:"record"`
	head
}

// Lines writes the NDJSON form of a document as it grows, so that a command can show each log when it is done with it.
// A text that does not end in a summary line was cut off.
type Lines struct {
	out *safeJSON
}

// NewLines returns the writer of the NDJSON form to w. It buffers nothing.
func NewLines(w io.Writer) *Lines { return &Lines{&safeJSON{w: w}} }

// File writes a line for each anomaly of f and then one for f itself.
func (l *Lines) File(f *survey.Result) error {
	for _, a := range f.Anomalies {
		if err := l.line(anomalyLine{anomalyRecord, a}); err != nil {
			return err
		}
	}
	return l.line(fileLine{Record: fileRecord, Result: plain(f)})
}

// Summary writes the last line.
func (l *Lines) Summary(d *Document) error { return l.line(summaryLine{summaryRecord, d.head()}) }

func (l *Lines) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.out.Write(append(bytes.TrimRight(text, "\n"), '\n'))
	return err
}

func writeNDJSON(w io.Writer, d *Document) error {
	l := NewLines(w)
	for _, f := range d.Files {
		if err := l.File(f); err != nil {
			return err
		}
	}
	return l.Summary(d)
}
