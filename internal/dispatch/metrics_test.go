package dispatch

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-json"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
)

const textfile = `# HELP papyra_scans_total Scans.
# TYPE papyra_scans_total counter
papyra_scans_total{path="a b\"}.ndjson"} 2
papyra_scans_total{path="c.ndjson"} 1 1710000000000
papyra_anomalies_detected_total 7
papyra_reads 4
papyra_last_run_timestamp_seconds 1.5e9
go_goroutines NaN
`

// runMetrics runs the command with a textfile ("" for none) and returns exit code, output and errors.
func runMetrics(t *testing.T, content string, args ...string) (int, string, string) {
	t.Helper()
	if content != "" {
		name := filepath.Join(t.TempDir(), "papyra.prom")
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		args = append(args, "--textfile", name)
	}
	var out, errs bytes.Buffer
	env := &cli.Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	code := cli.Run(env, "papyra", Description, &Command{}, append([]string{"metrics", "persistence"}, args...))
	return code, out.String(), errs.String()
}

func TestMetrics(t *testing.T) {
	code, out, errs := runMetrics(t, textfile)
	require.Equal(t, 0, code, errs)
	require.True(t, strings.HasPrefix(out, "Persistence Metrics\nrecords_written: 0\n"), out)
	require.Contains(t, out, "\nscans: 3\nanomalies_detected: 7\n")
	require.Contains(t, out, "\nreads: 4\n")
}

func TestMetricsJSON(t *testing.T) {
	code, out, errs := runMetrics(t, textfile, "--json")
	require.Equal(t, 0, code, errs)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Equal(t, 3.0, got["scans"])
	require.Equal(t, 1.0, got["schema"])
	for _, name := range counters {
		require.Contains(t, got, name)
	}
}

func TestMetricsOfThisRun(t *testing.T) {
	for _, args := range [][]string{{}, {"--textfile", filepath.Join(t.TempDir(), "none.prom")}} {
		code, out, errs := runMetrics(t, "", args...)
		require.Equal(t, 0, code, errs)
		require.Contains(t, out, "scans: 0\n")
		_, out, _ = runMetrics(t, "", append(args, "--json")...)
		require.Contains(t, out, `"source":"this run"`)
	}
}

func TestMetricsBadTextfile(t *testing.T) {
	for content, want := range map[string]string{
		"papyra_scans_total x\n":          `line 1: bad value "x"`,
		"# fine\npapyra_scans_total -1\n": "line 2: papyra_scans_total is -1, not a count",
		"papyra_scans_total NaN\n":        "not a count",
		"papyra_scans_total 1.5\n":        "not a count",
		"papyra_scans_total 1e300\n":      "not a count",
		"papyra_scans_total{path=\"a\n":   "labels do not end",
		"papyra_scans_total\n":            "no value",
		"papyra_scans_total 1 2 3\n":      "no value",
		strings.Repeat("x", 1<<21):        "too long",
	} {
		code, out, errs := runMetrics(t, content)
		require.Equal(t, cli.ExitFailed, code)
		require.Contains(t, errs, want)
		require.Empty(t, out)
	}
	code, _, errs := runMetrics(t, "", "--textfile", t.TempDir())
	require.Equal(t, cli.ExitFailed, code, errs)
}

func FuzzReadCounters(f *testing.F) {
	f.Add([]byte(textfile))
	f.Fuzz(func(t *testing.T, data []byte) {
		values := map[string]int64{}
		if err := readCounters(bytes.NewReader(data), values); err == nil {
			for k, v := range values {
				if v < 0 {
					t.Fatalf("%s is %d", k, v)
				}
			}
		}
	})
}
