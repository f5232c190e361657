package report

import (
	"bufio"
	"strconv"
	"strings"
)

// exposition writes the Prometheus text format, version 0.0.4. All samples of a metric must follow each other.
type exposition struct {
	w      *bufio.Writer
	head   string // of the metric that has no sample yet
	escape *strings.Replacer
}

func newExposition(w *bufio.Writer) *exposition {
	return &exposition{w: w, escape: strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)}
}

// metric starts a metric. kind is "gauge" or "counter". Nothing is written of a metric without samples.
func (e *exposition) metric(name, kind, help string) {
	help = strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(help)
	e.head = "# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n"
}

// sample writes one value. labels are names and values in turn. There is no timestamp: a collector refuses files with any.
func (e *exposition) sample(name string, value float64, labels ...string) {
	e.w.WriteString(e.head + name)
	e.head = ""
	for i := 0; i+1 < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		e.w.WriteString(sep + labels[i] + `="` + e.escape.Replace(strings.ToValidUTF8(labels[i+1], "\ufffd")) + `"`)
	}
	if len(labels) > 1 {
		e.w.WriteByte('}')
	}
	form := byte('f')
	if value >= 1e15 || value <= -1e15 || value > -1e-6 && value < 1e-6 && value != 0 {
		form = 'g'
	}
	e.w.WriteString(" " + strconv.FormatFloat(value, form, -1, 64) + "\n")
}

// parseSample splits a line of the text format. It reports false for a comment and for what is no sample.
func parseSample(line string) (name string, value float64, ok bool) {
	line = strings.TrimSpace(line)
	end := strings.IndexAny(line, "{ \t")
	if end <= 0 || line[0] == '#' {
		return "", 0, false
	}
	name, rest := line[:end], line[end:]
	if rest[0] == '{' {
		if rest, ok = afterLabels(rest); !ok {
			return "", 0, false
		}
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return "", 0, false
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	return name, value, err == nil
}

// afterLabels returns what follows the braces, which may stand within the quotes of a value too.
func afterLabels(s string) (string, bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '}' && !quoted:
			return s[i+1:], true
		}
	}
	return "", false
}
