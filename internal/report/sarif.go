package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/pkg/record"
)

// maxResults is how many results a SARIF report has at most. Code scanning takes no more than 5,000 of a run.
const maxResults = 5000

const homepage = "https://github.com/papyra-tools/papyra"

// writeSARIF writes one run with a rule for each type of anomaly. What is not among the results, for a failure or for length,
// is a notification of the run's invocation.
func writeSARIF(w *bufio.Writer, d *Document) error {
	driver := sarifDriver{InformationURI: homepage, Name: clean(d.Tool), Version: clean(d.Version)}
	index := map[record.Type]int{}
	for i, t := range record.Types() {
		index[t] = i
		driver.Rules = append(driver.Rules, rule(t))
	}
	call := sarifInvocation{ExecutionSuccessful: !d.Failed()}
	for _, f := range d.Files {
		if f.Failure != "" && len(call.ToolExecutionNotifications) < maxResults {
			call.notify("error", "No verdict on "+label(f.Path)+": "+clean(f.Failure), sarifLocation{place(f.Path)})
		}
	}
	if more := d.Total.Anomalies() - int64(min(d.held, maxResults)); more > 0 {
		call.notify("warning", fmt.Sprintf("%d more anomalies are not listed.", more))
	}
	run := sarifRun{Tool: sarifTool{driver}, Invocations: []sarifInvocation{call}, Results: []sarifResult{}}
	return writeResults(w, d, &sarifLog{Version: sarifVersion, Schema: sarifSchema, Runs: []sarifRun{run}}, index)
}

// writeResults writes the report with its results, which are encoded one at a time.
func writeResults(w *bufio.Writer, d *Document, report *sarifLog, index map[record.Type]int) error {
	frame, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	// Quotes within a string are escaped, so that this can only be the empty list.
	before, after, ok := bytes.Cut(frame, []byte(`"results": []`))
	if !ok {
		return errors.New("no place for the results")
	}
	out := &safeJSON{w: w}
	fmt.Fprintf(out, `%s"results": [`, before)
	n := 0
	for _, f := range d.Files {
		for i := 0; i < len(f.Anomalies) && n < maxResults; i++ {
			p := picked{f, &f.Anomalies[i]}
			text, err := json.MarshalIndent(finding(p, d.Strict, index), "        ", "  ")
			if err != nil {
				return err
			}
			sep := ","
			if n == 0 {
				sep = ""
			}
			fmt.Fprintf(out, "%s\n        %s", sep, text)
			n++
		}
	}
	if n > 0 {
		fmt.Fprint(out, "\n      ")
	}
	_, err = fmt.Fprintf(out, "]%s\n", after)
	return err
}

func rule(t record.Type) sarifRule {
	i := t.Info()
	return sarifRule{
		ID: t.String(), Name: camel(t.String()), ShortDescription: sarifMessage{Text: i.What},
		DefaultConfiguration: sarifConfig{Enabled: true, Level: t.Severity().String()},
		HelpURI:              homepage + "/blob/main/docs/FORMAT.md#" + t.String(),
		Help: sarifMessage{Text: fmt.Sprintf("%s Likely cause: %s. Repair: %s.", i.What, i.Cause, i.Remedy),
			Markdown: fmt.Sprintf("%s\n\n**Likely cause:** %s.\n\n**Repair:** %s.", i.What, i.Cause, i.Remedy)},
	}
}

// finding is one anomaly. Its region is the line as a whole; where the fault in it is stands in the properties.
func finding(at picked, strict bool, index map[record.Type]int) *sarifResult {
	level, a := "warning", at.a
	if a.Severity == record.Error || strict {
		level = "error"
	}
	p := place(at.path())
	if !wholeFile(a) {
		p.Region = &sarifRegion{StartLine: a.Line, ByteOffset: a.Offset, ByteLength: a.Length}
	}
	text := a.Type.Info().What
	if d := detail(a, true); d != "" {
		text = strings.TrimSuffix(text, ".") + " (" + d + ")."
	}
	// [, ] and \ make links and escapes in a message.
	text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	res := &sarifResult{RuleID: a.Type.String(), RuleIndex: index[a.Type], Level: level, Message: sarifMessage{Text: text},
		Locations: []sarifLocation{{p}}}
	if a.ErrorOffset >= 0 {
		res.Properties = &sarifProperties{ErrorOffset: a.ErrorOffset}
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

// uri is a path as a URI reference: relative to the working directory, or file: for an absolute one. Each byte that may not
// stand in a URI is written as %XX, so that a path of any bytes survives.
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
