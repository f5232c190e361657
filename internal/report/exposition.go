package report

import (
	"bufio"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// exposition writes the Prometheus text format, version 0.0.4. All samples of a
// metric must follow each other, those that are carried over included.
type exposition struct {
	w       *bufio.Writer
	head    string // of the metric that has no sample yet
	name    string // of the metric
	carried map[string]*family
}

// sample is one value. Its labels are names and values in turn.
type sample struct {
	name   string
	labels []string
	value  float64
}

func (s *sample) label(name string) string {
	for i := 0; i+1 < len(s.labels); i += 2 {
		if s.labels[i] == name {
			return s.labels[i+1]
		}
	}
	return ""
}

var (
	escape     = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	escapeHelp = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	unescape   = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`)
)

// metric starts a metric. kind is "gauge" or "counter". Nothing is written of a
// metric without samples.
func (e *exposition) metric(name, kind, help string) {
	e.carry()
	e.name = name
	e.head = "# HELP " + name + " " + escapeHelp.Replace(help) + "\n# TYPE " + name + " " + kind + "\n"
}

// carry ends a metric with the samples of it that others wrote.
func (e *exposition) carry() {
	if f := e.carried[e.name]; f != nil {
		delete(e.carried, e.name)
		for _, s := range f.samples {
			e.sample(s.value, s.labels...)
		}
	}
}

// end ends the last metric and writes those that others alone have.
func (e *exposition) end() {
	e.carry()
	for _, name := range slices.Sorted(maps.Keys(e.carried)) {
		e.metric(name, "gauge", e.carried[name].help)
		e.carry()
	}
}

// sample writes one value of the metric. labels are names and values in turn.
// There is no timestamp: a collector refuses files with any.
func (e *exposition) sample(value float64, labels ...string) {
	e.w.WriteString(e.head + e.name)
	e.head = ""
	for i := 0; i+1 < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		e.w.WriteString(sep + labels[i] + `="` + escape.Replace(strings.ToValidUTF8(labels[i+1], "\ufffd")) + `"`)
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

// parseSample reads a line of the text format, and says whether it has a
// timestamp. It reports false for a comment and for what is no sample.
func parseSample(line string) (s sample, timed, ok bool) {
	line = strings.TrimSpace(line)
	end := strings.IndexAny(line, "{ \t")
	if end <= 0 || !isName(line[:end]) {
		return s, false, false
	}
	s.name = line[:end]
	rest := line[end:]
	if rest[0] == '{' {
		if s.labels, rest, ok = parseLabels(rest[1:]); !ok {
			return s, false, false
		}
	}
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return s, false, false
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	s.value = value
	return s, len(fields) > 1, err == nil
}

// parseLabels reads names and values up to the closing brace.
func parseLabels(s string) (labels []string, rest string, ok bool) {
	for {
		if rest, ok = strings.CutPrefix(s, "}"); ok {
			return labels, rest, true
		}
		name, quoted, found := strings.Cut(s, `="`)
		if !found || !isName(name) || (&sample{labels: labels}).label(name) != "" {
			return nil, "", false
		}
		end := 0
		for end < len(quoted) && quoted[end] != '"' {
			if quoted[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(quoted) {
			return nil, "", false
		}
		labels = append(labels, name, unescape.Replace(quoted[:end]))
		s = strings.TrimPrefix(quoted[end+1:], ",")
	}
}

// isName reports whether a metric or a label may have that name.
func isName(s string) bool {
	return s != "" && (s[0] < '0' || s[0] > '9') && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}
