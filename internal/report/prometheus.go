package report

import (
	"bufio"
	"maps"
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// series is what monitoring learns of one path. Paths that look the same once
// they are escaped share one: a file with two samples of one name is refused as
// a whole.
type series struct {
	path  string
	files []*survey.Result
}

// prometheusWriter writes what a scan came to.
type prometheusWriter struct {
	w   *bufio.Writer
	run *Run
}

func (p *prometheusWriter) file(f *survey.Result) error {
	p.run.Look(f)
	return nil
}

func (p *prometheusWriter) end() error { return p.run.write(p.w) }

// exposeLooks writes gauges for each log that was looked at.
func (r *Run) exposeLooks(e *exposition) {
	total := func(a, b float64) float64 { return a + b }
	lowest := func(a, b float64) float64 { return min(a, b) }
	highest := func(a, b float64) float64 { return max(a, b) }
	// of is nil where a log has no such value; values of logs that share a path
	// are joined.
	gauge := func(name, help string, join func(a, b float64) float64, of func(f *survey.Result) *float64) {
		e.metric(name, "gauge", help)
		for _, s := range r.looks {
			var value *float64
			for _, f := range s.files {
				if v := of(f); value == nil {
					value = v
				} else if v != nil {
					value = new(join(*value, *v))
				}
			}
			if value != nil {
				e.sample(*value, "step", r.Step, "path", s.path)
			}
		}
	}
	gauge("papyra_scan_success", "1 if there is a verdict on the log, 0 if it could not be read to its end.", lowest,
		func(f *survey.Result) *float64 { return bit(f.Failure == "") })
	gauge("papyra_scan_healthy", "1 if the log is healthy, 0 if it is not or if there is no verdict.", lowest,
		func(f *survey.Result) *float64 { return bit(f.Failure == "" && !f.Unhealthy(r.Strict)) })
	gauge("papyra_scan_missing", "1 if there is no such log.", highest, func(f *survey.Result) *float64 { return bit(f.Missing) })
	gauge("papyra_scan_in_flight", "1 if the last line was being written during the scan.", highest,
		func(f *survey.Result) *float64 { return bit(f.InFlight != nil) })
	gauge("papyra_scan_bytes", "Bytes of text in the log.", total, func(f *survey.Result) *float64 { return new(float64(f.Bytes)) })
	gauge("papyra_scan_lines", "Lines in the log.", total, func(f *survey.Result) *float64 { return new(float64(f.Lines)) })
	r.byLabel(e, "papyra_scan_records", "Records in the log, by kind.", "kind",
		func(f *survey.Result) map[string]int64 { return f.Kinds })
	gauge("papyra_scan_errors", "Anomalies that make the log unhealthy.", total, func(f *survey.Result) *float64 { return new(float64(f.Errors)) })
	gauge("papyra_scan_warnings", "Anomalies that do not make the log unhealthy.", total, func(f *survey.Result) *float64 { return new(float64(f.Warnings)) })
	r.byLabel(e, "papyra_scan_anomalies", "Anomalies in the log, by type.", "type",
		func(f *survey.Result) map[string]int64 { return f.Counts })
	gauge("papyra_scan_first_record_timestamp_seconds", "Lowest timestamp of a record, in Unix seconds.", lowest, func(f *survey.Result) *float64 { return f.First })
	gauge("papyra_scan_last_record_timestamp_seconds", "Highest timestamp of a record, in Unix seconds.", highest, func(f *survey.Result) *float64 { return f.Last })
	gauge("papyra_scan_duration_seconds", "How long the scan of the log took.", total, func(f *survey.Result) *float64 { return new(f.Elapsed.Seconds()) })
}

func bit(b bool) *float64 {
	if b {
		return new(1.0)
	}
	return new(0.0)
}

// byLabel writes one sample for each name that a path counts. Names that look
// the same once escaped are summed.
func (r *Run) byLabel(e *exposition, name, help, key string, counts func(f *survey.Result) map[string]int64) {
	e.metric(name, "gauge", help)
	for _, s := range r.looks {
		shown := map[string]int64{}
		for _, f := range s.files {
			for k, n := range counts(f) {
				shown[clean(k)] += n
			}
		}
		for _, k := range slices.Sorted(maps.Keys(shown)) {
			labels := []string{"step", r.Step, "path", s.path, key, k}
			var t record.Type
			if key == "type" && t.UnmarshalText([]byte(k)) == nil {
				labels = append(labels, "severity", t.Severity().String())
			}
			e.sample(float64(shown[k]), labels...)
		}
	}
}
