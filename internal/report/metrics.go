package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// Metrics are the counters of one process, by the names that the Python tool
// gives them. The zero value is ready to count. They are plain numbers: guard
// them where several goroutines count.
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

// counter is one of the metrics: its name, its help, where it is kept, and the
// steps that count it in a textfile.
type counter struct {
	name, help string
	n          *int64
	steps      string
}

func (m *Metrics) counters() []counter {
	return []counter{
		{"records_written", "Records appended to logs.", &m.RecordsWritten, "append"},
		{"bytes_written", "Bytes appended to logs.", &m.BytesWritten, "append"},
		{"scans", "Scans of a log, those that failed included.", &m.Scans, "scan doctor maintain"},
		{"anomalies_detected", "Anomalies found by scans.", &m.AnomaliesDetected, "scan doctor maintain"},
		{"recoveries", "Repairs of a log that were carried out.", &m.Recoveries, "repair doctor maintain"},
		{"compactions", "Compactions of a log that were carried out.", &m.Compactions, "compact maintain"},
		{"write_errors", "Appends that failed.", &m.WriteErrors, "append"},
		{"scan_errors", "Scans that failed.", &m.ScanErrors, "scan doctor maintain"},
		{"recovery_errors", "Repairs that failed.", &m.RecoveryErrors, "repair doctor maintain"},
		{"compaction_errors", "Compactions that failed.", &m.CompactionErrors, "compact maintain"},
		{"reads", "Logs read to show what is in them.", &m.Reads, ""},
	}
}

// Add adds the counters of other to m.
func (m *Metrics) Add(other Metrics) {
	theirs := other.counters()
	for i, c := range m.counters() {
		*c.n += *theirs[i].n
	}
}

// WriteText writes a line "name: number" for each counter, each line behind
// indent.
func (m Metrics) WriteText(w io.Writer, indent string) error {
	var b strings.Builder
	for _, c := range m.counters() {
		fmt.Fprintf(&b, "%s%s: %d\n", indent, c.name, *c.n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Look counts one look at a log.
func (m *Metrics) Look(f *survey.Result) {
	one := Metrics{Scans: 1, AnomaliesDetected: f.Total()}
	if f.Failure != "" {
		one.ScanErrors = 1
	}
	m.Add(one)
}

// expose writes the counters as papyra_persistence_NAME_total, but for those
// that neither the step counts nor one before it did.
func (m Metrics) expose(e *exposition, step string, before map[string]bool) {
	for _, c := range m.counters() {
		if name := metricName(c.name); before[name] || slices.Contains(strings.Fields(c.steps), step) {
			e.metric(name, "counter", c.help)
			e.sample(float64(*c.n))
		}
	}
}

func metricName(counter string) string { return "papyra_persistence_" + counter + "_total" }
