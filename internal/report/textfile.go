package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Textfile is what earlier runs left in a Prometheus file.
type Textfile struct {
	Metrics Metrics
	counted map[string]bool // the counters that are in it
	// families are the gauges that have the label step, by name: what the runs
	// of other steps wrote stays when one of them replaces the file.
	families map[string]*family
}

// family is all samples of one metric.
type family struct {
	help    string
	samples []sample
}

// of returns the value of the metric for the step.
func (t *Textfile) of(name, step string) (float64, bool) {
	if f := t.families[name]; f != nil {
		for _, s := range f.samples {
			if s.label("step") == step {
				return s.value, true
			}
		}
	}
	return 0, false
}

// ErrNoMetrics is what ParseTextfile returns for a text without any of the
// counters.
var ErrNoMetrics = errors.New("no papyra metrics in it")

// maxTextLine is the longest line of a textfile that is looked at, and
// maxCarried how many bytes of samples are taken over.
const (
	maxTextLine = 1 << 20
	maxCarried  = 8 << 20
)

// ParseTextfile reads back what the Prometheus form wrote. Other metrics are
// skipped, samples of one counter with different labels are summed. It fails
// with [ErrNoMetrics] if there is none of ours, and on a counter that is no
// whole number.
func ParseTextfile(r io.Reader) (*Textfile, error) {
	t := &Textfile{counted: map[string]bool{}, families: map[string]*family{}}
	wanted := map[string]*int64{}
	for _, c := range t.Metrics.counters() {
		wanted[metricName(c.name)] = c.n
	}
	help, seen, room := "", map[string]bool{}, maxCarried
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxTextLine)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "# HELP "); ok {
			help = text
			continue
		}
		s, timed, ok := parseSample(lines.Text())
		if !ok {
			continue
		}
		if n := wanted[s.name]; n != nil {
			if s.value < 0 || s.value >= 1<<63 || s.value != math.Trunc(s.value) {
				return nil, fmt.Errorf("read metrics: %s is %v, which is no count", s.name, s.value)
			}
			*n += int64(s.value)
			t.counted[s.name] = true
			continue
		}
		name, text, _ := strings.Cut(help, " ")
		if timed || name != s.name || !strings.HasPrefix(name, "papyra_") || s.label("step") == "" {
			continue
		}
		key := strings.Join(append([]string{s.name}, s.labels...), "\x00")
		if room -= len(key); seen[key] || room < 0 {
			continue
		}
		seen[key] = true
		f := t.families[name]
		if f == nil {
			f = &family{help: unescape.Replace(text)}
			t.families[name] = f
		}
		f.samples = append(f.samples, s)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	if len(t.counted)+len(t.families) == 0 {
		return nil, fmt.Errorf("read metrics: %w", ErrNoMetrics)
	}
	return t, nil
}

// others leaves what steps other than that one wrote.
func (t *Textfile) others(step string) map[string]*family {
	for name, f := range t.families {
		f.samples = slices.DeleteFunc(f.samples, func(s sample) bool { return s.label("step") == step })
		if len(f.samples) == 0 {
			delete(t.families, name)
		}
	}
	return t.families
}
