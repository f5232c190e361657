package report

import (
	"bufio"
	"maps"

	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/record"
)

// lastSuccessName is read back from the file that is replaced.
const lastSuccessName = "papyra_scan_last_success_timestamp_seconds"

// series is what monitoring learns of one path. Paths that look the same once they are escaped share one: a file with two
// samples of one name is refused as a whole.
type series struct {
	path   string
	failed bool
	bad    bool
	total  Total

	first, last *float64
	seconds     float64
}

// writePrometheus writes gauges for each log and for the run, and the counters of [Metrics]. Everything is escaped once more by
// [clean], since labels turn up in messages to people.
func writePrometheus(w *bufio.Writer, d *Document, o Options) error {
	e := &exposition{w: w}
	all := seriesOf(d)
	gauge := func(name, help string, value func(s *series) (float64, bool)) {
		e.metric(name, "gauge", help)
		for _, s := range all {
			if v, ok := value(s); ok {
				e.sample(name, v, "path", s.path)
			}
		}
	}
	number := func(n func(t *Total) int64) func(s *series) (float64, bool) {
		return func(s *series) (float64, bool) { return float64(n(&s.total)), true }
	}
	gauge("papyra_scan_success", "1 if there is a verdict on the log, 0 if it could not be read to its end.",
		func(s *series) (float64, bool) { return bit(!s.failed), true })
	gauge("papyra_scan_healthy", "1 if the log is healthy, 0 if it is not or if there is no verdict.",
		func(s *series) (float64, bool) { return bit(!s.failed && !s.bad), true })
	gauge("papyra_scan_missing", "1 if there is no such log.", number(func(t *Total) int64 { return t.Missing }))
	gauge("papyra_scan_in_flight", "1 if the last line was being written during the scan.", number(func(t *Total) int64 { return t.InFlight }))
	gauge("papyra_scan_bytes", "Bytes of text in the log.", number(func(t *Total) int64 { return t.Bytes }))
	gauge("papyra_scan_lines", "Lines in the log.", number(func(t *Total) int64 { return t.Lines }))
	byLabel(e, all, "papyra_scan_records", "Records in the log, by kind.", "kind", func(t *Total) map[string]int64 { return t.Kinds })
	gauge("papyra_scan_errors", "Anomalies that make the log unhealthy.", number(func(t *Total) int64 { return t.Errors }))
	gauge("papyra_scan_warnings", "Anomalies that do not make the log unhealthy.", number(func(t *Total) int64 { return t.Warnings }))
	byLabel(e, all, "papyra_scan_anomalies", "Anomalies in the log, by type.", "type", func(t *Total) map[string]int64 { return t.Counts })
	gauge("papyra_scan_first_record_timestamp_seconds", "Lowest timestamp of a record, in Unix seconds.",
		func(s *series) (float64, bool) { return value(s.first) })
	gauge("papyra_scan_last_record_timestamp_seconds", "Highest timestamp of a record, in Unix seconds.",
		func(s *series) (float64, bool) { return value(s.last) })
	gauge("papyra_scan_duration_seconds", "How long the scan of the log took.",
		func(s *series) (float64, bool) { return s.seconds, true })
	runMetrics(e, d, o)
	return nil
}

// runMetrics writes what concerns the run as a whole.
func runMetrics(e *exposition, d *Document, o Options) {
	single := func(name, kind, help string, v float64, labels ...string) {
		e.metric(name, kind, help)
		e.sample(name, v, labels...)
	}
	single("papyra_scan_run_logs", "gauge", "Logs that the run looked at.", float64(d.Total.Files))
	single("papyra_scan_run_failures", "gauge", "Logs on which the run reached no verdict.", float64(d.Total.Failures))
	if !o.Now.IsZero() {
		single("papyra_scan_last_run_timestamp_seconds", "gauge", "When the last run ended, in Unix seconds.", unix(o))
	}
	switch {
	case !d.Failed() && !o.Now.IsZero():
		single(lastSuccessName, "gauge", lastSuccessHelp, unix(o))
	case o.Previous != nil && o.Previous.LastSuccess > 0:
		single(lastSuccessName, "gauge", lastSuccessHelp, o.Previous.LastSuccess)
	}
	single("papyra_build_info", "gauge", "Which tool wrote this file.", 1, "tool", clean(d.Tool), "version", clean(d.Version))
	m := d.Metrics()
	if o.Previous != nil {
		m.Add(o.Previous.Metrics)
	}
	m.expose(e)
}

const lastSuccessHelp = "When a run last reached a verdict on every log, healthy or not, in Unix seconds."

func unix(o Options) float64 { return float64(o.Now.UnixMilli()) / 1000 }

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func value(p *float64) (float64, bool) {
	if p == nil {
		return 0, false
	}
	return *p, true
}

// byLabel writes one sample for each name that a path counts. Names that look the same once escaped are summed.
func byLabel(e *exposition, all []*series, name, help, key string, counts func(t *Total) map[string]int64) {
	e.metric(name, "gauge", help)
	for _, s := range all {
		shown := map[string]int64{}
		for k, n := range counts(&s.total) {
			shown[clean(k)] += n
		}
		for _, k := range sortedKeys(maps.Keys(shown)) {
			labels := []string{"path", s.path, key, k}
			var t record.Type
			if key == "type" && t.UnmarshalText([]byte(k)) == nil {
				labels = append(labels, "severity", t.Severity().String())
			}
			e.sample(name, float64(shown[k]), labels...)
		}
	}
}

// seriesOf sums the files of each path, in the order of the document.
func seriesOf(d *Document) []*series {
	var all []*series
	index := map[string]*series{}
	for _, f := range d.Files {
		path := clean(f.Path)
		s := index[path]
		if s == nil {
			s = &series{path: path}
			index[path] = s
			all = append(all, s)
		}
		s.take(f, d.Strict)
	}
	return all
}

func (s *series) take(f *survey.Result, strict bool) {
	s.failed = s.failed || f.Failure != ""
	s.bad = s.bad || f.Unhealthy(strict)
	s.total.add(f, strict)
	s.total.Missing, s.total.InFlight = min(s.total.Missing, 1), min(s.total.InFlight, 1)
	if f.First != nil && (s.first == nil || *f.First < *s.first) {
		s.first = f.First
	}
	if f.Last != nil && (s.last == nil || *f.Last > *s.last) {
		s.last = f.Last
	}
	s.seconds += f.Elapsed.Seconds()
}
