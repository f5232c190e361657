package report

import (
	"bufio"
	"io"
	"path/filepath"

	"encoding/json"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// gitLabWriter writes the list of issues that GitLab takes for a report on code
// quality: one for each anomaly, and one for each log without a verdict.
type gitLabWriter struct {
	w io.Writer
	d *Document
	n int
	prints
}

type gitLabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitLabLocation `json:"location"`
}

type gitLabLocation struct {
	Path  string           `json:"path"`
	Lines map[string]int64 `json:"lines"`
}

func newGitLab(w *bufio.Writer, d *Document) *gitLabWriter {
	w.WriteString("[")
	return &gitLabWriter{w: SafeJSON(w), d: d}
}

func (g *gitLabWriter) file(f *survey.Result) error {
	g.prints.reset()
	if f.Failure != "" {
		if err := g.issue(f.Path, 0, "no_verdict", "blocker", "No verdict: "+clean(f.Failure), "no verdict"); err != nil {
			return err
		}
	}
	for i := range f.Anomalies {
		at := picked{f.Path, f.Anomalies[i]}
		severity := "minor"
		if g.d.grave(&at.a) {
			severity = "critical"
		}
		if err := g.issue(at.path(), at.a.Line, at.a.Type.String(), severity, described(&at.a), g.prints.next(&at.a)); err != nil {
			return err
		}
	}
	return nil
}

// issue writes one. GitLab knows one again by its fingerprint alone, so the
// path is part of that, and it wants a line.
func (g *gitLabWriter) issue(path string, line int64, check, severity, text, print string) error {
	path = filepath.ToSlash(filepath.Clean(path))
	id := digestOf(path, print)
	issue, err := json.Marshal(gitLabIssue{text, check, hexOf(id), severity, gitLabLocation{path, map[string]int64{"begin": max(line, 1)}}})
	if err != nil {
		return err
	}
	_, err = io.WriteString(g.w, comma(g.n)+"\n"+string(issue))
	g.n++
	return err
}

func (g *gitLabWriter) end() error {
	_, err := io.WriteString(g.w, "\n]\n")
	return err
}
