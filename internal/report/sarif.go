package report

import (
	"bufio"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxResults is how many results a SARIF report has at most. Code scanning
// takes no more than 5,000 of a run.
const maxResults = 5000

const homepage = "https://github.com/papyra-tools/papyra"

// maxNotified is how many logs without a verdict are named.
const maxNotified = 1000

// sarifWriter writes one run with a rule for each type of anomaly. What is not
// among the results, for a failure or for length, is a notification of the
// run's invocation.
type sarifWriter struct {
	*Stream
	w     *bufio.Writer
	d     *Document
	index map[record.Type]int
	call  sarifInvocation
	n     int64
	prints
}

func newSARIF(w *bufio.Writer, d *Document) *sarifWriter {
	s := &sarifWriter{w: w, d: d, index: map[record.Type]int{}}
	var head sarifOpening
	driver := &head.Tool.Driver
	*driver = sarifDriver{InformationURI: homepage, Name: clean(d.Tool), Version: clean(d.Version)}
	for i, t := range record.Types() {
		s.index[t] = i
		driver.Rules = append(driver.Rules, rule(t))
	}
	fmt.Fprintf(w, `{"version": %q, "$schema": %q, "runs": [`+"\n", sarifVersion, sarifSchema)
	s.Stream = newStream(w, JSON, "  ", "results", head)
	return s
}

func (s *sarifWriter) file(f *survey.Result) error {
	if f.Failure != "" && len(s.call.ToolExecutionNotifications) < maxNotified {
		s.call.notify("error", "No verdict on "+label(f.Path)+": "+clean(f.Failure), sarifLocation{place(f.Path)})
	}
	s.prints.reset()
	for i := 0; i < len(f.Anomalies) && s.n < maxResults; i++ {
		if err := s.File(s.finding(picked{f.Path, f.Anomalies[i]})); err != nil {
			return err
		}
		s.n++
	}
	return nil
}

func (s *sarifWriter) end() error {
	s.call.ExecutionSuccessful = !s.d.Failed()
	if more := s.d.Total.Failures - maxNotified; more > 0 {
		s.call.notify("error", humanize.Count(more, "more log")+" without a verdict.")
	}
	if more := s.d.Total.Anomalies() - s.n; more > 0 {
		s.call.notify("warning", fmt.Sprintf("%d more anomalies are not listed.", more))
	}
	err := s.End(sarifClosing{[]sarifInvocation{s.call}})
	s.w.WriteString("]}\n")
	return err
}

func rule(t record.Type) sarifRule {
	i := t.Info()
	return sarifRule{
		ID: t.String(), Name: camel(t.String()), ShortDescription: sarifMessage{Text: i.What},
		FullDescription:      sarifMessage{Text: fmt.Sprintf("%s Likely cause: %s.", i.What, i.Cause)},
		DefaultConfiguration: sarifConfig{true, t.Severity().String()},
		HelpURI:              homepage + "/blob/main/docs/FORMAT.md#" + t.String(),
		Help: sarifMessage{Text: fmt.Sprintf("%s Likely cause: %s. Repair: %s.", i.What, i.Cause, i.Remedy),
			Markdown: fmt.Sprintf("%s\n\n**Likely cause:** %s.\n\n**Repair:** %s.", i.What, i.Cause, i.Remedy)},
	}
}

// finding is one anomaly. Its region is the line as a whole; where the fault in
// it is stands in the properties.
func (s *sarifWriter) finding(at picked) *sarifResult {
	a := &at.a
	p := place(at.path())
	if !wholeFile(a) {
		p.Region = &sarifRegion{StartLine: a.Line, ByteOffset: a.Offset, ByteLength: a.Length}
	}
	// [, ] and \ make links and escapes in a message.
	text := strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(described(a))
	res := &sarifResult{RuleID: a.Type.String(), RuleIndex: s.index[a.Type], Level: s.d.level(a), Message: sarifMessage{Text: text},
		Locations: []sarifLocation{{p}}, PartialFingerprints: map[string]string{"papyraLine/v1": s.prints.next(a)}}
	if a.ErrorOffset >= 0 {
		res.Properties = map[string]int64{"errorOffset": a.ErrorOffset}
	}
	return res
}

func (call *sarifInvocation) notify(level, text string, at ...sarifLocation) {
	call.ToolExecutionNotifications = append(call.ToolExecutionNotifications,
		sarifNotification{Level: level, Locations: at, Message: sarifMessage{Text: text}})
}

func place(path string) sarifPlace {
	return sarifPlace{ArtifactLocation: sarifArtifact{URI: uri(path)}}
}

// uri is a path as a URI reference: relative to the working directory, or file:
// for an absolute one. Each byte that may not stand in a URI is written as %XX,
// so that a path of any bytes survives.
func uri(path string) string {
	if path == "-" {
		return "stdin"
	}
	slashed := filepath.ToSlash(path)
	if filepath.IsAbs(path) {
		if !strings.HasPrefix(slashed, "/") { // C:/logs
			slashed = "/" + slashed
		}
		return (&url.URL{Scheme: "file", Path: slashed}).String()
	}
	return (&url.URL{Path: slashed}).String()
}

// camel turns truncated_line into TruncatedLine, as rule names are written.
func camel(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
