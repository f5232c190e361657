package report

import (
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Opening is what is known of a scan before the first log is looked at.
type Opening struct {
	Head
	// Host is the machine on which the logs were looked at.
	Host string `json:"host"`
	// Strict says that warnings make a log unhealthy too.
	Strict bool `json:"strict"`
	// Settings are the limits as they were understood, by the name of their
	// flag: "max_skew": "5s".
	Settings map[string]string `json:"settings,omitempty"`
}

// Closing is what is known of a scan after the last log.
type Closing struct {
	// Healthy says that there is a verdict on every log and that all of them
	// are healthy under Strict.
	Healthy bool `json:"healthy"`
	// Total sums the files.
	Total Total `json:"total"`
	// Tree sums up the logs of folders; nil for others.
	Tree *Tree `json:"tree,omitempty"`
}

// Document sums the findings on any number of logs as they come, and hands them
// on to the forms in which they are shown. It keeps none of them, so that a
// report may be as long as it likes.
type Document struct {
	Opening
	Closing
	forms []*Form
	// broken says why the scan as a whole came to nothing.
	broken error
}

// NewDocument returns the document on no logs; [Document.Add] adds some.
func NewDocument(tool, version string, strict bool) *Document {
	return &Document{Opening: Opening{Head: NewHead(tool, version), Strict: strict}, Closing: Closing{Healthy: true}}
}

// Add takes one more result into the totals and the open forms, in the order in
// which it is called. Where the verdict of f and its reasons differ, the worse
// of both is taken: errors and failures are not healthy, and what is neither
// healthy nor has a reason not to be is a failure.
func (d *Document) Add(f *survey.Result) {
	switch {
	case f.Errors > 0 || f.Failure != "":
		f.Healthy = false
	case !f.Healthy:
		f.Failure = "no verdict was given"
	}
	d.Total.add(f, d.Strict)
	if d.Tree != nil {
		d.Tree.add(f)
	}
	d.Healthy = d.Total.Failures == 0 && d.Total.Unhealthy == 0
	for _, form := range d.forms {
		form.file(f)
	}
}

// grave reports whether an anomaly makes a log unhealthy.
func (d *Document) grave(a *anomaly) bool { return a.Severity == record.Error || d.Strict }

// level is the word for that in most formats.
func (d *Document) level(a *anomaly) string {
	if d.grave(a) {
		return "error"
	}
	return "warning"
}

// Failed reports whether there is a log on which no verdict was possible. The
// command must then fail, whatever else was found.
func (d *Document) Failed() bool { return d.Total.Failures > 0 }

// Unhealthy reports whether there is a log with errors, or with warnings under
// Strict.
func (d *Document) Unhealthy() bool { return d.Total.Unhealthy > 0 }
