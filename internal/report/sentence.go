package report

import (
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// anomaly is what most files here are about.
type anomaly = record.Anomaly

// wholeFile reports whether an anomaly is about a file as such and not about a
// place in it.
func wholeFile(a *anomaly) bool {
	return a.Line == 0 && a.Offset == 0 && a.ErrorOffset < 0
}

// where says where an anomaly is: "line 3, offset 120, fault at byte 155".
func where(a *anomaly) string {
	var parts []string
	if a.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", a.Line))
	}
	if !wholeFile(a) {
		parts = append(parts, fmt.Sprintf("offset %d", a.Offset))
	}
	if a.Type == record.NULBytes || a.Type == record.OversizedLine || wholeFile(a) && a.Length > 0 {
		parts = append(parts, humanize.Count(a.Length, "byte"))
	}
	if a.ErrorOffset >= 0 && a.ErrorOffset != a.Offset {
		parts = append(parts, fmt.Sprintf("fault at byte %d", a.ErrorOffset))
	}
	return strings.Join(parts, ", ")
}

// detail says where and why, and with all set what else is wrong with the line.
// It is escaped.
func detail(a *anomaly, all bool) string {
	text := where(a)
	if a.Severity == record.Warning {
		text = join(", ", "warning", text)
	}
	text = join(": ", text, clean(a.Reason))
	if all && len(a.Also) > 0 {
		var also []string
		for _, t := range a.Also {
			also = append(also, strings.ToUpper(t.String()))
		}
		text += "; also " + strings.Join(also, ", ")
	}
	return text
}

// described says what is wrong, where and why, in one sentence. It is escaped.
func described(a *anomaly) string {
	text := a.Type.Info().What
	if d := detail(a, true); d != "" {
		text = strings.TrimSuffix(text, ".") + " (" + d + ")."
	}
	return text
}

// facts is what there is to say about a log besides its anomalies. It is
// escaped.
func facts(f *survey.Result) string {
	switch {
	case f.Missing && f.Failure != "":
		return "no verdict; there is no such file"
	case f.Missing:
		return "there is no such file, which is healthy"
	case f.Failure != "":
		if f.Bytes == 0 {
			return "no verdict; nothing could be read"
		}
		return "no verdict; read up to there: " + amount(f)
	}
	return amount(f) + inFlight(f)
}

func amount(f *survey.Result) string {
	if f.Bytes == 0 && f.Lines == 0 {
		return "empty"
	}
	text := fmt.Sprintf("%s in %s, %s", humanize.Count(f.Records, "record"), humanize.Count(f.Lines, "line"), size(f.Bytes))
	if f.Compression != "" && f.SizeBytes >= 0 {
		text += fmt.Sprintf(" (%s as %s)", size(f.SizeBytes), clean(f.Compression))
	}
	if f.Errors > 0 {
		text += ", " + humanize.Count(f.Errors, "error")
	}
	if f.Warnings > 0 {
		text += ", " + humanize.Count(f.Warnings, "warning")
	}
	return text
}

// inFlight tells of a last line that is being written. It is a fact, no fault.
func inFlight(f *survey.Result) string {
	if f.InFlight == nil {
		return ""
	}
	return fmt.Sprintf("; the last line (line %d, offset %d, %d bytes so far) is being written and was not judged",
		f.InFlight.Line, f.InFlight.Offset, f.InFlight.Length)
}

// label is the path of a log as people read it. It is escaped, and never cut:
// what is left would be the path of another file.
func label(path string) string {
	if path == "-" {
		return "standard input"
	}
	return safetext.String(path)
}

// size is a number of bytes, exact as long as it is small.
func size(n int64) string {
	if n < 1024 {
		return humanize.Count(max(n, 0), "byte")
	}
	return humanize.IBytes(uint64(n))
}

func join(sep, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}
