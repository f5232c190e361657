package report

import (
	"encoding/json"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// jsonWriter writes what --json prints and --merge reads.
type jsonWriter struct {
	*Stream
	d *Document
}

func (j *jsonWriter) file(f *survey.Result) error { return j.File(plain(f)) }
func (j *jsonWriter) end() error                  { return j.End(j.d.Closing) }

// plain returns f with empty collections in place of absent ones, so that no
// reader meets a null where it wants a list.
func plain(f *survey.Result) *survey.Result {
	c := *f
	if c.Kinds == nil {
		c.Kinds = map[string]int64{}
	}
	if c.Counts == nil {
		c.Counts = map[string]int64{}
	}
	if c.Anomalies == nil {
		c.Anomalies = []anomaly{}
	}
	return &c
}

// The values of "record", which every line of the NDJSON form has and which
// says what it is.
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
	Opening
	Closing
}

// lineWriter writes the NDJSON form. A text that does not end in a summary line
// was cut off.
type lineWriter struct {
	*json.Encoder
	d *Document
}

// file writes a line for each anomaly of f and then one for f itself.
func (l *lineWriter) file(f *survey.Result) error {
	for _, a := range f.Anomalies {
		if err := l.Encode(anomalyLine{anomalyRecord, a}); err != nil {
			return err
		}
	}
	return l.Encode(fileLine{Record: fileRecord, Result: plain(f)})
}

func (l *lineWriter) end() error {
	return l.Encode(summaryLine{summaryRecord, l.d.Opening, l.d.Closing})
}
