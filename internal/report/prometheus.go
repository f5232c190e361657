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
	all := r.looks
	gauge := func(name, help string, value func(s *series) (float64, bool)) {
		e.metric(name, "gauge", help)
		for i := range all {
			if v, ok := value(&all[i]); ok {
				e.sample(name, v, "step", r.Step, "path", all[i].path)
			}
		}
	}
	failed := func(f *survey.Result) bool { return f.Failure != "" }
	bad := func(f *survey.Result) bool { return f.Failure != "" || f.Unhealthy(r.Strict) }
	gauge("papyra_scan_success", "1 if there is a verdict on the log, 0 if it could not be read to its end.", none(failed))
	gauge("papyra_scan_healthy", "1 if the log is healthy, 0 if it is not or if there is no verdict.", none(bad))
	gauge("papyra_scan_missing", "1 if there is no such log.", some(func(f *survey.Result) bool { return f.Missing }))
	gauge("papyra_scan_in_flight", "1 if the last line was being written during the scan.",
		some(func(f *survey.Result) bool { return f.InFlight != nil }))
	gauge("papyra_scan_bytes", "Bytes of text in the log.", number(func(f *survey.Result) int64 { return f.Bytes }))
	gauge("papyra_scan_lines", "Lines in the log.", number(func(f *survey.Result) int64 { return f.Lines }))
	r.byLabel(e, "papyra_scan_records", "Records in the log, by kind.", "kind",
		func(f *survey.Result) map[string]int64 { return f.Kinds })
	gauge("papyra_scan_errors", "Anomalies that make the log unhealthy.", number(func(f *survey.Result) int64 { return f.Errors }))
	gauge("papyra_scan_warnings", "Anomalies that do not make the log unhealthy.", number(func(f *survey.Result) int64 { return f.Warnings }))
	r.byLabel(e, "papyra_scan_anomalies", "Anomalies in the log, by type.", "type",
		func(f *survey.Result) map[string]int64 { return f.Counts })
	gauge("papyra_scan_first_record_timestamp_seconds", "Lowest timestamp of a record, in Unix seconds.",
		extreme(func(f *survey.Result) *float64 { return f.First }, func(a, b float64) float64 { return min(a, b) }))
	gauge("papyra_scan_last_record_timestamp_seconds", "Highest timestamp of a record, in Unix seconds.",
		extreme(func(f *survey.Result) *float64 { return f.Last }, func(a, b float64) float64 { return max(a, b) }))
	gauge("papyra_scan_duration_seconds", "How long the scan of the log took.", func(s *series) (v float64, ok bool) {
		for _, f := range s.files {
			v += f.Elapsed.Seconds()
		}
		return v, true
	})
}

func number(of func(f *survey.Result) int64) func(s *series) (float64, bool) {
	return func(s *series) (float64, bool) {
		n := int64(0)
		for _, f := range s.files {
			n += of(f)
		}
		return float64(n), true
	}
}

// some is 1 if one of the files is so, none is 1 if none is.
func some(is func(f *survey.Result) bool) func(s *series) (float64, bool) {
	return func(s *series) (float64, bool) { return bit(slices.ContainsFunc(s.files, is)), true }
}

func none(is func(f *survey.Result) bool) func(s *series) (float64, bool) {
	return func(s *series) (float64, bool) { return bit(!slices.ContainsFunc(s.files, is)), true }
}

// extreme is the lowest or the highest of the values that there are.
func extreme(of func(f *survey.Result) *float64, choose func(a, b float64) float64) func(s *series) (float64, bool) {
	return func(s *series) (v float64, ok bool) {
		for _, f := range s.files {
			if p := of(f); p != nil && ok {
				v = choose(v, *p)
			} else if p != nil {
				v, ok = *p, true
			}
		}
		return v, ok
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// byLabel writes one sample for each name that a path counts. Names that look
// the same once escaped are summed.
func (r *Run) byLabel(e *exposition, name, help, key string, counts func(f *survey.Result) map[string]int64) {
	e.metric(name, "gauge", help)
	shown := map[string]int64{}
	for _, s := range r.looks {
		clear(shown)
		for _, f := range s.files {
			for k, n := range counts(f) {
				shown[clean(k)] += n
			}
		}
		for _, k := range sortedKeys(maps.Keys(shown)) {
			labels := []string{"step", r.Step, "path", s.path, key, k}
			var t record.Type
			if key == "type" && t.UnmarshalText([]byte(k)) == nil {
				labels = append(labels, "severity", t.Severity().String())
			}
			e.sample(name, float64(shown[k]), labels...)
		}
	}
}
