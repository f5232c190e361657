package report

import (
	"github.com/papyra-tools/papyra/internal/survey"
)

// Document is the findings on any number of logs. Its JSON form is what --json prints and --merge reads.
type Document struct {
	// Schema is the constant of that name.
	Schema int `json:"schema"`
	// Tool and Version say who wrote the report: "papyra-scan", "1.2.3".
	Tool    string `json:"tool"`
	Version string `json:"version"`
	// Strict says that warnings make a log unhealthy too.
	Strict bool `json:"strict"`
	// Healthy says that there is a verdict on every log and that all of them are healthy under Strict.
	Healthy bool `json:"healthy"`
	// Settings are the limits as they were understood, by the name of their flag: "max_skew": "5s".
	Settings map[string]string `json:"settings,omitempty"`
	// Total sums the files.
	Total Total `json:"total"`
	// Files are the findings on each log, in the order in which they were given.
	Files []*survey.Result `json:"files"`

	held int // anomalies in Files
}

// NewDocument returns the document on the given results, which may be none; [Document.Add] adds more.
func NewDocument(tool, version string, strict bool, files []*survey.Result) *Document {
	d := &Document{Schema: Schema, Tool: tool, Version: version, Strict: strict, Healthy: true, Files: []*survey.Result{}}
	for _, f := range files {
		d.Add(f)
	}
	return d
}

// Add takes one more result into the document and its totals. The document keeps f, which must not change afterwards except
// through [Document.Limit]. Where the verdict of f and its reasons differ, the worse of both is taken: errors and failures are not
// healthy, and what is neither healthy nor has a reason not to be is a failure.
func (d *Document) Add(f *survey.Result) {
	switch {
	case f.Errors > 0 || f.Failure != "":
		f.Healthy = false
	case !f.Healthy:
		f.Failure = "no verdict was given"
	}
	d.Files = append(d.Files, f)
	d.held += len(f.Anomalies)
	d.Total.add(f, d.Strict)
	d.Healthy = d.Total.Failures == 0 && d.Total.Unhealthy == 0
}

// Failed reports whether there is a log on which no verdict was possible. The command must then fail, whatever else was found.
func (d *Document) Failed() bool { return d.Total.Failures > 0 }

// Unhealthy reports whether there is a log with errors, or with warnings under Strict.
func (d *Document) Unhealthy() bool { return d.Total.Unhealthy > 0 }

// Limit keeps at most n anomalies in the whole document, the first ones of each file in the order of the files, and counts the
// others as omitted. It bounds the memory that a report on very many damaged logs takes; no total but Omitted changes. It may
// be called after every Add: it costs nothing while there are no more.
func (d *Document) Limit(n int) {
	if d.held <= n {
		return
	}
	d.held = n
	for _, f := range d.Files {
		keep := min(n, len(f.Anomalies))
		if cut := len(f.Anomalies) - keep; cut > 0 {
			f.Anomalies = f.Anomalies[:keep:keep]
			f.Omitted += int64(cut)
			d.Total.Omitted += int64(cut)
		}
		n -= keep
	}
}
