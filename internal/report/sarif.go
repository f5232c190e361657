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
	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/papyra-tools/papyra/pkg/record"
)

// maxResults is how many results a SARIF report has at most. Code scanning takes no more than 5,000 of a run.
const maxResults = 5000

const homepage = "https://github.com/papyra-tools/papyra"

// writeSARIF writes one run with a rule for each type of anomaly. What is not among the results, for a failure or for length,
// is a notification of the run's invocation.
func writeSARIF(w *bufio.Writer, d *Document) error {
	driver := sarif.NewDriver(clean(d.Tool)).WithVersion(clean(d.Version)).WithInformationURI(homepage)
	index := map[record.Type]int{}
	for i, t := range record.Types() {
		index[t] = i
		driver.Rules = append(driver.Rules, rule(t))
	}
	run := sarif.NewRun(sarif.Tool{Driver: driver})
	call := run.AddInvocation(!d.Failed())
	for _, f := range d.Files {
		if f.Failure != "" && len(call.ToolExecutionNotifications) < maxResults {
			notify(call, "error", "No verdict on "+label(f.Path)+": "+clean(f.Failure), sarif.NewLocationWithPhysicalLocation(place(f.Path)))
		}
	}
	if more := d.Total.Anomalies() - int64(min(d.held, maxResults)); more > 0 {
		notify(call, "warning", fmt.Sprintf("%d more anomalies are not listed.", more))
	}
	report, err := sarif.New(sarif.Version210)
	if err != nil {
		return err
	}
	report.AddRun(run)
	return writeResults(w, d, report, index)
}

// writeResults writes the report with its results, which are encoded one at a time.
func writeResults(w *bufio.Writer, d *Document, report *sarif.Report, index map[record.Type]int) error {
	var frame bytes.Buffer
	if err := report.PrettyWrite(&frame); err != nil {
		return err
	}
	// Quotes within a string are escaped, so that this can only be the empty list.
	before, after, ok := bytes.Cut(frame.Bytes(), []byte(`"results": []`))
	if !ok {
		return errors.New("no place for the results")
	}
	out := &safeJSON{w: w}
	fmt.Fprintf(out, `%s"results": [`, before)
	n := 0
	for _, f := range d.Files {
		for i := 0; i < len(f.Anomalies) && n < maxResults; i++ {
			p := picked{f, &f.Anomalies[i]}
			text, err := json.MarshalIndent(finding(p, d.Strict).WithRuleIndex(index[p.a.Type]), "        ", "  ")
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
	_, err := fmt.Fprintf(out, "]%s\n", after)
	return err
}

func rule(t record.Type) *sarif.ReportingDescriptor {
	e := Explain(t)
	return sarif.NewRule(t.String()).
		WithName(camel(t.String())).
		WithDescription(e.What).
		WithTextHelp(e.Text()).
		WithMarkdownHelp(fmt.Sprintf("%s\n\n**Likely cause:** %s\n\n**Repair:** %s", e.What, e.Cause, e.Repair)).
		WithHelpURI(homepage + "/blob/main/docs/FORMAT.md#" + t.String()).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(t.Severity().String()))
}

// finding is one anomaly. Its region is the line as a whole; where the fault in it is stands in the properties.
func finding(at picked, strict bool) *sarif.Result {
	level, a := "warning", at.a
	if a.Severity == record.Error || strict {
		level = "error"
	}
	p := place(at.path())
	if !wholeFile(a) {
		r := sarif.NewRegion().WithByteOffset(int(a.Offset)).WithByteLength(int(a.Length))
		if a.Line > 0 {
			r.WithStartLine(int(a.Line))
		}
		p.WithRegion(r)
	}
	text := Explain(a.Type).What
	if d := detail(a, true); d != "" {
		text = strings.TrimSuffix(text, ".") + " (" + d + ")."
	}
	// [, ] and \ make links and escapes in a message.
	text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	res := sarif.NewRuleResult(a.Type.String()).WithLevel(level).WithMessage(sarif.NewTextMessage(text)).
		WithLocations([]*sarif.Location{sarif.NewLocationWithPhysicalLocation(p)})
	if a.ErrorOffset >= 0 {
		res.Properties = sarif.Properties{"errorOffset": a.ErrorOffset}
	}
	return res
}

func notify(call *sarif.Invocation, level, text string, at ...*sarif.Location) {
	n := sarif.NewNotification().WithLevel(level).WithMessage(sarif.NewTextMessage(text))
	n.Locations = at
	call.ToolExecutionNotifications = append(call.ToolExecutionNotifications, n)
}

func place(path string) *sarif.PhysicalLocation {
	return sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewArtifactLocation().WithUri(uri(path)))
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
