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

// families parses the text as Prometheus does, which fails on double samples too.
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

func TestPrometheus(t *testing.T) {
	now := time.UnixMilli(1710000100250)
	text := show(t, Prometheus, all(), Options{Now: func() time.Time { return now }, Previous: &Textfile{LastSuccess: 1700000000, Metrics: Metrics{Scans: 5, Reads: 2}}})
	f := families(t, text)
	path := func(p string, more ...string) map[string]string {
		m := map[string]string{"path": p}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
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
		{"papyra_scan_run_failures", nil, 1},
		{"papyra_scan_last_run_timestamp_seconds", nil, 1710000100.25},
		{"papyra_scan_last_success_timestamp_seconds", nil, 1700000000},
		{"papyra_build_info", map[string]string{"tool": "papyra-scan", "version": "1.2.3"}, 1},
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
	previous := &Textfile{LastSuccess: 1}
	f := families(t, show(t, Prometheus, document(result("a", torn())), Options{Now: func() time.Time { return time.Unix(99, 0) }, Previous: previous}))
	require.Equal(t, 99.0, sampleOf(t, f, lastSuccessName, nil), "a verdict is a success, whatever it is")
	f = families(t, show(t, Prometheus, document(failed()), Options{Now: func() time.Time { return time.Unix(99, 0) }}))
	require.NotContains(t, f, lastSuccessName)
	f = families(t, show(t, Prometheus, document(), Options{}))
	require.NotContains(t, f, "papyra_scan_last_run_timestamp_seconds")
}

func TestPrometheusHostile(t *testing.T) {
	text := show(t, Prometheus, nasty(), Options{})
	requireSafe(t, text)
	f := families(t, text)
	require.Equal(t, 0.0, sampleOf(t, f, "papyra_scan_healthy", map[string]string{"path": "logs/" + clean(hostile)}))
}

func TestPrometheusOnePathTwice(t *testing.T) {
	a, b := result("x\n", torn()), result(`x\n`)
	b.Kinds = map[string]int64{"\n": 1, `\n`: 2}
	f := families(t, show(t, Prometheus, document(a, b), Options{}))
	require.Equal(t, 20.0+4, sampleOf(t, f, "papyra_scan_lines", map[string]string{"path": `x\n`}))
	require.Equal(t, 0.0, sampleOf(t, f, "papyra_scan_healthy", map[string]string{"path": `x\n`}))
	require.Equal(t, 3.0, sampleOf(t, f, "papyra_scan_records", map[string]string{"path": `x\n`, "kind": `\n`}))
}

func TestMetricsThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<50)
		var m Metrics
		for _, c := range m.counters() {
			*c.n = n.Draw(t, c.name)
		}
		var b bytes.Buffer
		require.NoError(t, m.WritePrometheus(&b))
		for name, f := range families(t, b.String()) {
			require.Equal(t, dto.MetricType_COUNTER, f.GetType(), name)
		}
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
	b.Reset()
	require.NoError(t, m.WriteJSON(&b))
	require.JSONEq(t, `{"records_written":11,"bytes_written":0,"scans":0,"anomalies_detected":0,"recoveries":0,"compactions":0,
		"write_errors":0,"scan_errors":0,"recovery_errors":0,"compaction_errors":2,"reads":3}`, b.String())
}

func TestParseTextfile(t *testing.T) {
	got, err := ParseTextfile(strings.NewReader(show(t, Prometheus, nasty(), Options{Now: func() time.Time { return time.Unix(7, 0) }, Previous: &Textfile{LastSuccess: 3}})))
	require.NoError(t, err)
	require.Equal(t, &Textfile{LastSuccess: 3, Metrics: Metrics{Scans: 2, AnomaliesDetected: 3, ScanErrors: 1}}, got)

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
