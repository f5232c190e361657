package report

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxAnnotations is how many annotations are written in full. GitHub shows ten
// of a kind for a step: the tenth says how many more there are.
const maxAnnotations = 9

// gitHubWriter writes workflow commands that GitHub shows as annotations: logs
// without a verdict first, then what is picked.
type gitHubWriter struct {
	picker
	w      *bufio.Writer
	d      *Document
	failed int
}

func (g *gitHubWriter) file(f *survey.Result) error {
	if f.Failure != "" && g.failed < maxAnnotations {
		annotate(g.w, "error", f.Path, 0, "no verdict", "No verdict on "+label(f.Path)+": "+clean(f.Failure))
		g.failed++
	}
	g.add(f)
	return nil
}

func (g *gitHubWriter) end() error {
	shown := map[record.Severity]int64{}
	for _, p := range g.pick(maxAnnotations - g.failed) {
		a := &p.a
		text := strings.ToUpper(a.Type.String()) + ": " + label(p.path()) + " (" + detail(a, false) + ")"
		annotate(g.w, g.d.level(a), p.path(), a.Line, strings.ReplaceAll(a.Type.String(), "_", " "), text)
		shown[p.a.Severity]++
	}
	sum := &g.d.Total
	failures := max(0, sum.Failures-maxAnnotations)
	errors, warnings := sum.Errors-shown[record.Error], sum.Warnings-shown[record.Warning]
	more := add(add(errors, warnings), failures)
	if more <= 0 {
		return nil
	}
	level := "warning"
	if errors+failures > 0 || g.d.Strict {
		level = "error"
	}
	text := fmt.Sprintf("%d more: %s, %s", more, humanize.Count(errors, "error"), humanize.Count(warnings, "warning"))
	if failures > 0 {
		text += ", " + humanize.Count(failures, "log") + " without a verdict"
	}
	annotate(g.w, level, "-", 0, fmt.Sprintf("%d more", more), text)
	return nil
}

// annotate writes one command. Standard input has no file to point at.
func annotate(w *bufio.Writer, level, path string, line int64, title, text string) {
	w.WriteString("::" + level + " ")
	if path != "-" {
		w.WriteString("file=" + property(filepath.ToSlash(safetext.String(path))) + ",")
		if line > 0 {
			fmt.Fprintf(w, "line=%d,", line)
		}
	}
	w.WriteString("title=" + property("papyra: "+title) + "::" + message(text) + "\n")
}

// message escapes the text of a command. What can end it, a line break, is
// escaped already; this is for the percent sign, so that %0A in a log is shown
// and not obeyed.
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a command.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(s))
}
