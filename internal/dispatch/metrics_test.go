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

const textfile = `# TYPE papyra_persistence_scans_total counter
papyra_persistence_scans_total{path="a.ndjson"} 2
papyra_persistence_scans_total{path="c.ndjson"} 1 1710000000000
papyra_persistence_anomalies_detected_total 7
papyra_scan_errors{path="a.ndjson"} 5
go_goroutines NaN
`

// runMetrics runs the command with a textfile ("" for none) and returns exit
// code, output and errors.
func runMetrics(t *testing.T, content string, args ...string) (int, string, string) {
	t.Helper()
	if content != "" {
		name := filepath.Join(t.TempDir(), "papyra.prom")
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		args = append(args, "--textfile", name)
	}
	var out, errs bytes.Buffer
	env := &cli.Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	code := cli.Run(env, Step.Binary, Step.Description, Step.New(), append([]string{"metrics", "persistence"}, args...))
	return code, out.String(), errs.String()
}

func TestMetrics(t *testing.T) {
	code, out, errs := runMetrics(t, textfile)
	require.Equal(t, 0, code, errs)
	require.True(t, strings.HasPrefix(out, "Persistence Metrics\nrecords_written: 0\n"), out)
	require.Contains(t, out, "\nscans: 3\nanomalies_detected: 7\n")
	require.Contains(t, out, "\nscan_errors: 0\n", "the errors that a scan found are no errors of the scan")
}

func TestMetricsJSON(t *testing.T) {
	code, out, errs := runMetrics(t, textfile, "--json")
	require.Equal(t, 0, code, errs)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Equal(t, 3.0, got["scans"])
	require.Equal(t, 1.0, got["schema"])
	require.Len(t, got, 15)
	for _, name := range strings.Fields("records_written bytes_written scans anomalies_detected recoveries compactions write_errors scan_errors recovery_errors compaction_errors reads") {
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
		"papyra_persistence_scans_total -1\n": "no count",
		"go_goroutines 3\n":                   "no papyra metrics",
		strings.Repeat("x", 1<<21):            "too long",
	} {
		code, out, errs := runMetrics(t, content)
		require.Equal(t, cli.ExitFailed, code)
		require.Contains(t, errs, want)
		require.Empty(t, out)
	}
	code, _, errs := runMetrics(t, "", "--textfile", t.TempDir())
	require.Equal(t, cli.ExitFailed, code, errs)
}
