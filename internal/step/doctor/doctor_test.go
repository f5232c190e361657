package doctor_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/doctor"
)

// call runs a command on a log with that content and returns the exit code,
// what it printed and what the log holds then.
func call(t *testing.T, command any, content string, args ...string) (code int, stdout, after string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	var out bytes.Buffer
	env := &cli.Env{Ctx: t.Context(), Stdout: &out, Stderr: io.Discard, Now: time.Now, Getenv: func(string) string { return "" }}
	// The operator's promise keeps the test off leases, which are tried
	// elsewhere.
	code = cli.Run(env, "papyra", "", command, append(args, "--offline", "--settle", "0", path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return code, out.String(), string(text)
}

// Each mode on each state of a log: the exit code of each command, and a log
// that only recovery changes.
func TestModes(t *testing.T) {
	const good = `{"kind":"event","timestamp":1}` + "\n"
	const kept = `{"kind":"unheard of","timestamp":1}` + "\n"
	for _, tt := range []struct {
		mode, content string
		run, startup  int
		says, after   string
	}{
		{"ignore", good + "x\n", 0, 0, "skipped", ""},
		{"scan_only", good, 0, 0, "Persistence is healthy", ""},
		{"scan_only", good + "x\n", 0, 0, "- CORRUPTED_LINE: ", ""},
		{"fail_on_anomaly", good, 0, 0, "Persistence is healthy", ""},
		{"fail_on_anomaly", "", 0, 0, "Persistence is healthy", ""},
		{"fail_on_anomaly", good + "x\n", 1, 4, "Found 1 persistence anomalies:", ""},
		{"fail_on_anomaly", good + good[:9], 1, 4, "- TRUNCATED_LINE: ", ""},
		{"Recover", good, 0, 0, "Persistence is healthy", ""},
		{"RECOVER", good + good + "x\n" + good[:9], 0, 0, "Recovery successful", good + good},
		{"RECOVER", good + "x\n" + good[:9], 1, 1, "more than half of the lines", ""},
		{"recover", good + good[:30], 0, 0, "Recovery successful", good + good},
		{"recover", kept, 2, 5, "anomalies still exist", ""},
		{"recover", kept + "x\n", 2, 5, "anomalies still exist", kept},
	} {
		t.Run(tt.mode+"/"+strings.TrimSpace(tt.content), func(t *testing.T) {
			if tt.after == "" {
				tt.after = tt.content
			}
			code, said, after := call(t, &doctor.RunCommand{}, tt.content, "--mode", tt.mode)
			require.Equal(t, tt.run, code, said)
			require.Contains(t, said, tt.says)
			require.Equal(t, tt.after, after)
			code, said, after = call(t, &doctor.StartupCheckCommand{}, tt.content, "--mode", tt.mode)
			require.Equal(t, tt.startup, code, said)
			require.Contains(t, said, tt.says)
			require.Equal(t, tt.after, after)
		})
	}
}

// Recovering twice equals recovering once.
func TestRecoverIsIdempotent(t *testing.T) {
	const damaged = "x\n" + `{"kind":"event","timestamp":1}` + "\n\n"
	_, _, once := call(t, &doctor.RunCommand{}, damaged, "--mode", "recover")
	code, said, twice := call(t, &doctor.RunCommand{}, once, "--mode", "recover")
	require.Equal(t, cli.ExitOK, code)
	require.NotContains(t, said, "Recovery")
	require.Equal(t, once, twice)
}
