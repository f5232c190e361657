package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/goccy/go-json"
)

// Metrics are the counters of one process, by the names that the Python tool gives them. The zero value is ready to count.
// They are plain numbers: guard them where several goroutines count.
type Metrics struct {
	RecordsWritten    int64 `json:"records_written"`
	BytesWritten      int64 `json:"bytes_written"`
	Scans             int64 `json:"scans"`
	AnomaliesDetected int64 `json:"anomalies_detected"`
	Recoveries        int64 `json:"recoveries"`
	Compactions       int64 `json:"compactions"`
	WriteErrors       int64 `json:"write_errors"`
	ScanErrors        int64 `json:"scan_errors"`
	RecoveryErrors    int64 `json:"recovery_errors"`
	CompactionErrors  int64 `json:"compaction_errors"`
	Reads             int64 `json:"reads"`
}

// counter is one of the metrics: its name, its help and where it is kept.
type counter struct {
	name, help string
	n          *int64
}

func (m *Metrics) counters() []counter {
	return []counter{
		{"records_written", "Records appended to logs.", &m.RecordsWritten},
		{"bytes_written", "Bytes appended to logs.", &m.BytesWritten},
		{"scans", "Scans of a log, those that failed included.", &m.Scans},
		{"anomalies_detected", "Anomalies found by scans.", &m.AnomaliesDetected},
		{"recoveries", "Repairs of a log that were carried out.", &m.Recoveries},
		{"compactions", "Compactions of a log that were carried out.", &m.Compactions},
		{"write_errors", "Appends that failed.", &m.WriteErrors},
		{"scan_errors", "Scans that failed.", &m.ScanErrors},
		{"recovery_errors", "Repairs that failed.", &m.RecoveryErrors},
		{"compaction_errors", "Compactions that failed.", &m.CompactionErrors},
		{"reads", "Logs read to show what is in them.", &m.Reads},
	}
}

// Add adds the counters of other to m.
func (m *Metrics) Add(other Metrics) {
	theirs := other.counters()
	for i, c := range m.counters() {
		*c.n += *theirs[i].n
	}
}

// WriteText writes a line "name: number" for each counter, each line behind indent.
func (m Metrics) WriteText(w io.Writer, indent string) error {
	var b strings.Builder
	for _, c := range m.counters() {
		fmt.Fprintf(&b, "%s%s: %d\n", indent, c.name, *c.n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes the counters as one object.
func (m Metrics) WriteJSON(w io.Writer) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// WritePrometheus writes the counters as papyra_persistence_NAME_total.
func (m Metrics) WritePrometheus(w io.Writer) error {
	buf := bufio.NewWriter(w)
	m.expose(newExposition(buf))
	return buf.Flush()
}

func (m Metrics) expose(e *exposition) {
	for _, c := range m.counters() {
		name := metricName(c.name)
		e.metric(name, "counter", c.help)
		e.sample(name, float64(*c.n))
	}
}

func metricName(counter string) string { return "papyra_persistence_" + counter + "_total" }

// Metrics are the counters of the scan that the document is about.
func (d *Document) Metrics() Metrics {
	return Metrics{Scans: d.Total.Files, AnomaliesDetected: d.Total.Anomalies(), ScanErrors: d.Total.Failures}
}

// Textfile is what an earlier run left in a Prometheus file.
type Textfile struct {
	Metrics Metrics
	// LastSuccess is when a run last reached a verdict on every log, in Unix seconds; 0 means never.
	LastSuccess float64
}

// ErrNoMetrics is what ParseTextfile returns for a text without any of the counters.
var ErrNoMetrics = errors.New("no papyra metrics in it")

// maxTextLine is the longest line of a textfile that is looked at.
const maxTextLine = 1 << 20

// ParseTextfile reads back what the Prometheus form wrote. Other metrics are skipped, samples of one counter with different
// labels are summed. It fails with [ErrNoMetrics] if there is none of the counters, and on one that is no whole number.
func ParseTextfile(r io.Reader) (*Textfile, error) {
	t := &Textfile{}
	wanted := map[string]*int64{}
	for _, c := range t.Metrics.counters() {
		wanted[metricName(c.name)] = c.n
	}
	found := false
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxTextLine)
	for lines.Scan() {
		name, v, ok := parseSample(lines.Text())
		if !ok {
			continue
		}
		if name == lastSuccessName && v > 0 && !math.IsInf(v, 0) {
			t.LastSuccess = max(t.LastSuccess, v)
		}
		if n := wanted[name]; n != nil {
			if v < 0 || v >= 1<<63 || v != math.Trunc(v) {
				return nil, fmt.Errorf("read metrics: %s is %v, which is no count", name, v)
			}
			*n += int64(v)
			found = true
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	if !found {
		return nil, fmt.Errorf("read metrics: %w", ErrNoMetrics)
	}
	return t, nil
}
