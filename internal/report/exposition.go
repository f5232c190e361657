package report

import (
	"bufio"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// A sample is a name, labels in braces, a value, and perhaps a timestamp.
var samplePattern = sync.OnceValues(func() (sample, label *regexp.Regexp) {
	const pair = `([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"`
	return regexp.MustCompile(`^([a-zA-Z_]\w*)(?:\{((?:` + pair + `,?)*)\}\s*|\s+)(\S+)(\s.*)?$`), regexp.MustCompile(pair)
})

// maxLabels is more than any sample of ours has.
const maxLabels = 16

// parseSample reads a line of the text format, and says whether it has a
// timestamp. It reports false for a comment, for what is no sample, and for one
// with labels that are too many or come twice.
func parseSample(line string) (s sample, timed, ok bool) {
	whole, label := samplePattern()
	m := whole.FindStringSubmatch(strings.TrimSpace(line))
	if m == nil {
		return s, false, false
	}
	s.name = m[1]
	pairs := label.FindAllStringSubmatch(m[2], maxLabels+1)
	for _, pair := range pairs {
		if len(pairs) > maxLabels || s.label(pair[1]) != "" {
			return s, false, false
		}
		s.labels = append(s.labels, pair[1], unescape.Replace(pair[2]))
	}
	value, err := strconv.ParseFloat(m[5], 64)
	s.value = value
	return s, m[6] != "", err == nil
}
