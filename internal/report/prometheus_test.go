package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// families parses the text as Prometheus does, which fails on double samples
// too.
func families(t require.TestingT, text string) map[string]*dto.MetricFamily {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	f, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	seen := map[string]bool{}
	for name, family := range f {
		require.NotEmpty(t, family.GetMetric())
		require.NotEmpty(t, family.GetHelp())
		for _, m := range family.GetMetric() {
			require.Nil(t, m.TimestampMs)
			key := name + m.String()[:strings.LastIndex(m.String()+"gauge:", "gauge:")]
			require.False(t, seen[key] && len(m.GetLabel()) > 0, "two samples of %s", key)
			seen[key] = true
		}
	}
	return f
}

// sampleOf returns the value of the sample with these labels.
func sampleOf(t require.TestingT, f map[string]*dto.MetricFamily, name string, labels map[string]string) float64 {
	require.Contains(t, f, name)
	for _, m := range f[name].GetMetric() {
		got := map[string]string{}
		for _, l := range m.GetLabel() {
			got[l.GetName()] = l.GetValue()
		}
		same := len(got) == len(labels)
		for k, v := range labels {
			same = same && got[k] == v
		}
		if same {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	require.Fail(t, "no sample", "%s%v", name, labels)
	return 0
}

// scanRun begins the run of a scan that replaces a file with that text.
func scanRun(now time.Time, old string) func() *Run {
	return func() *Run {
		return &Run{Head: NewHead("papyra-scan", "1.2.3"), Step: "scan", Now: func() time.Time { return now }, Previous: func() *Textfile {
			t, _ := ParseTextfile(strings.NewReader(old))
			return t
		}}
	}
}

const oldSuccess = "# HELP " + lastSuccessName + " x\n" + lastSuccessName + "{step=\"scan\"} 1700000000\n"

func TestPrometheus(t *testing.T) {
	now := time.UnixMilli(1710000100250)
	text := show(t, Prometheus, all(), Options{Run: scanRun(now, oldSuccess+"papyra_persistence_scans_total 5\npapyra_persistence_reads_total 2\n")})
	f := families(t, text)
	path := func(p string, more ...string) map[string]string {
		m := map[string]string{"step": "scan", "path": p}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	run := map[string]string{"step": "scan"}
	for _, tt := range []struct {
		name   string
		labels map[string]string
		want   float64
	}{
		{"papyra_scan_healthy", path("events.ndjson"), 0},
		{"papyra_scan_healthy", path("fine.ndjson"), 1},
		{"papyra_scan_healthy", path("bad.ndjson"), 0},
		{"papyra_scan_success", path("bad.ndjson"), 0},
		{"papyra_scan_success", path("many.ndjson"), 1},
		{"papyra_scan_missing", path("gone.ndjson"), 1},
		{"papyra_scan_in_flight", path("busy.ndjson"), 1},
		{"papyra_scan_bytes", path("events.ndjson.2.gz"), 3141592},
		{"papyra_scan_records", path("events.ndjson", "kind", "audit"), 2},
		{"papyra_scan_errors", path("many.ndjson"), 2002},
		{"papyra_scan_warnings", path("events.ndjson"), 1},
		{"papyra_scan_anomalies", path("many.ndjson", "type", "corrupted_line", "severity", "error"), 2002},
		{"papyra_scan_anomalies", path("events.ndjson", "type", "blank_line", "severity", "warning"), 1},
		{"papyra_scan_last_record_timestamp_seconds", path("fine.ndjson"), 1710000009.5},
		{"papyra_scan_duration_seconds", path("fine.ndjson"), 0.25},
		{"papyra_run_failures", run, 1},
		{"papyra_run_success", run, 0},
		{"papyra_run_last_timestamp_seconds", run, 1710000100.25},
		{lastSuccessName, run, 1700000000},
		{"papyra_build_info", map[string]string{"step": "scan", "tool": "papyra-scan", "version": "1.2.3"}, 1},
		{"papyra_persistence_scans_total", nil, 12},
		{"papyra_persistence_scan_errors_total", nil, 1},
		{"papyra_persistence_anomalies_detected_total", nil, 2006},
		{"papyra_persistence_reads_total", nil, 2},
	} {
		require.Equal(t, tt.want, sampleOf(t, f, tt.name, tt.labels), "%s%v", tt.name, tt.labels)
	}
	golden(t, "all.prom", text)
}

func TestPrometheusSuccess(t *testing.T) {
	run := map[string]string{"step": "scan"}
	f := families(t, show(t, Prometheus, document(result("a", torn())), Options{Run: scanRun(time.Unix(99, 0), oldSuccess)}))
	require.Equal(t, 99.0, sampleOf(t, f, lastSuccessName, run), "a verdict is a success, whatever it is")
	require.Equal(t, 1.0, sampleOf(t, f, "papyra_run_success", run))
	f = families(t, show(t, Prometheus, document(failed()), Options{Run: scanRun(time.Unix(99, 0), "")}))
	require.NotContains(t, f, lastSuccessName)
	f = families(t, show(t, Prometheus, document(), Options{}))
	require.NotContains(t, f, "papyra_run_last_timestamp_seconds")
}

func TestPrometheusHostile(t *testing.T) {
	text := show(t, Prometheus, nasty(), Options{})
	requireSafe(t, text)
	f := families(t, text)
	require.Equal(t, 0.0, sampleOf(t, f, "papyra_scan_healthy", map[string]string{"step": "scan", "path": "logs/" + clean(hostile)}))
}

func TestPrometheusOnePathTwice(t *testing.T) {
	a, b := result("x\n", torn()), result(`x\n`)
	b.Kinds = map[string]int64{"\n": 1, `\n`: 2}
	f := families(t, show(t, Prometheus, document(a, b), Options{}))
	require.Equal(t, 20.0+4, sampleOf(t, f, "papyra_scan_lines", map[string]string{"step": "scan", "path": `x\n`}))
	require.Equal(t, 0.0, sampleOf(t, f, "papyra_scan_healthy", map[string]string{"step": "scan", "path": `x\n`}))
	require.Equal(t, 3.0, sampleOf(t, f, "papyra_scan_records", map[string]string{"step": "scan", "path": `x\n`, "kind": `\n`}))
}

// changesRun is a run of every sort of change.
func changesRun(step string, at int64, failed bool, old string) string {
	r := &Run{Head: NewHead("papyra-"+step, "1.2.3"), Step: step, Now: func() time.Time { return time.Unix(at, 0) }, Previous: func() *Textfile {
		t, _ := ParseTextfile(strings.NewReader(old))
		return t
	}}
	r.Metrics.Recoveries = 1
	r.Change(Change{Path: "a \"quoted\\\n", Failed: failed, Changed: true, Guarantee: "exclusive", Bytes: map[string]int64{"before": 9, "after": 7},
		Records: map[string]int64{"after": 3}, Lines: map[string]int64{"corrupted_line": 2}})
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

// Steps share a file: each replaces what it wrote itself, and nothing else.
func TestRunsShareOneFile(t *testing.T) {
	text := changesRun("repair", 100, false, "")
	text = changesRun("compact", 200, true, text)
	text = show(t, Prometheus, document(result("a", torn())), Options{Run: scanRun(time.Unix(300, 0), text)})
	text = changesRun("repair", 400, true, text)
	f := families(t, text)
	for step, want := range map[string][3]float64{"repair": {0, 400, 100}, "compact": {0, 200, 0}, "scan": {1, 300, 300}} {
		run := map[string]string{"step": step}
		require.Equal(t, want[0], sampleOf(t, f, "papyra_run_success", run), step)
		require.Equal(t, want[1], sampleOf(t, f, "papyra_run_last_timestamp_seconds", run), step)
		if want[2] > 0 {
			require.Equal(t, want[2], sampleOf(t, f, lastSuccessName, run), step)
		}
	}
	require.Len(t, f[lastSuccessName].GetMetric(), 2)
	for _, step := range []string{"repair", "compact"} {
		log := map[string]string{"step": step, "path": `a "quoted\\n`}
		require.Equal(t, 0.0, sampleOf(t, f, "papyra_change_success", log))
		log["type"] = "corrupted_line"
		require.Equal(t, 2.0, sampleOf(t, f, "papyra_change_lines", log))
		delete(log, "type")
		log["guarantee"] = "exclusive"
		require.Equal(t, 1.0, sampleOf(t, f, "papyra_change_guarantee", log))
	}
	require.Equal(t, 1.0, sampleOf(t, f, "papyra_scan_errors", map[string]string{"step": "scan", "path": "a"}))
	require.Equal(t, 3.0, f["papyra_persistence_recoveries_total"].GetMetric()[0].GetCounter().GetValue(), "every run of the three")
	require.NotContains(t, f, "papyra_persistence_reads_total", "nobody counts it")
	require.NotContains(t, f, "papyra_persistence_records_written_total")
	again := changesRun("repair", 400, true, text)
	require.Equal(t, strings.ReplaceAll(text, "recoveries_total 3", "recoveries_total 4"), again)
}

// Whatever a file holds, what comes of it is read by others.
func TestTextfileOfAnybody(t *testing.T) {
	line := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"# HELP papyra_x y", "# TYPE papyra_x counter", `papyra_x{step="compact"} 1`, `papyra_x{step="compact",step="repair"} 1`,
			`papyra_x{step="compact",a="\"} 2`, `papyra_x{step="compact" 1`, `papyra_x{step="compact"} 1 1710000000000`, `papyra_x{a-b="1",step="compact"} 1`, `papyra_x{step="compact"} NaN`,
			`papyra_run_success{step="compact"} 0`, "# HELP papyra_run_success z", `papyra_run_success{step="scan"} 7`, "go_info 1"}).Draw(t, "line")
	})
	rapid.Check(t, func(rt *rapid.T) {
		old := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(rt, "lines"), "\n")
		f := families(rt, changesRun("repair", 1, false, old))
		require.Equal(rt, 1.0, sampleOf(rt, f, "papyra_run_success", map[string]string{"step": "repair"}))
		require.NotContains(rt, f, "go_info")
	})
}

func TestMetricsThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<50)
		var m Metrics
		for _, c := range m.counters() {
			*c.n = n.Draw(t, c.name)
		}
		var b bytes.Buffer
		r := &Run{Metrics: m, Previous: func() *Textfile {
			all := &Textfile{counted: map[string]bool{}}
			for _, c := range m.counters() {
				all.counted[metricName(c.name)] = true
			}
			return all
		}}
		require.NoError(t, r.Write(&b))
		families(t, b.String())
		got, err := ParseTextfile(&b)
		require.NoError(t, err)
		require.Equal(t, m, got.Metrics)
	})
}

func TestMetricsForms(t *testing.T) {
	m := Metrics{RecordsWritten: 1, CompactionErrors: 2}
	m.Add(Metrics{RecordsWritten: 10, Reads: 3})
	var b bytes.Buffer
	require.NoError(t, m.WriteText(&b, "  "))
	require.Equal(t, "  records_written: 11\n  bytes_written: 0\n  scans: 0\n  anomalies_detected: 0\n  recoveries: 0\n  compactions: 0\n"+
		"  write_errors: 0\n  scan_errors: 0\n  recovery_errors: 0\n  compaction_errors: 2\n  reads: 3\n", b.String())
}

func TestParseTextfile(t *testing.T) {
	got, err := ParseTextfile(strings.NewReader(show(t, Prometheus, nasty(), Options{Run: scanRun(time.Unix(7, 0), oldSuccess)})))
	require.NoError(t, err)
	require.Equal(t, Metrics{Scans: 2, AnomaliesDetected: 3, ScanErrors: 1}, got.Metrics)
	last, ok := got.of(lastSuccessName, "scan")
	require.True(t, ok)
	require.Equal(t, 1700000000.0, last)

	got, err = ParseTextfile(strings.NewReader("papyra_persistence_scans_total{a=\"} 5\",b=\"\\\"\"} 2 123\r\n\n# x\npapyra_persistence_scans_total 3\nother{ 1\nother\n"))
	require.NoError(t, err)
	require.Equal(t, int64(5), got.Metrics.Scans)

	_, err = ParseTextfile(strings.NewReader("other 1\n"))
	require.ErrorIs(t, err, ErrNoMetrics)
	for _, bad := range []string{"-1", "0.5", "NaN", "+Inf", "1e300"} {
		_, err = ParseTextfile(strings.NewReader("papyra_persistence_scans_total " + bad + "\n"))
		require.ErrorContains(t, err, "no count")
	}
	_, err = ParseTextfile(strings.NewReader(strings.Repeat("x", 2<<20)))
	require.ErrorContains(t, err, "too long")
}
