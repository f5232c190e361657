package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// answer is what one of the tools does: its exit code, words that it prints,
// and how many lines the log has then.
type answer struct {
	code  int
	words string
	lines int
}

// TestBesidePython holds the words, exit codes and differences of
// docs/COMPATIBILITY.md to these tools, and to the Python tool where that is
// the next papyra on the PATH.
func TestBesidePython(t *testing.T) {
	testtool.OnlyInCI(t, "what it compares does not depend on the machine")
	const one = `{"kind":"event","timestamp":1}` + "\n"
	logs := map[string]string{
		"healthy":       one,
		"torn":          one + `{"ki`,
		"byte order":    "\xef\xbb\xbf" + one + one,
		"large integer": `{"kind":"event","timestamp":1,"n":` + strings.Repeat("1", 5000) + "}\n",
		"not UTF-8":     one + one + strings.Replace(one, "event", "event\",\"payload\":\"caf\xe9", 1),
		"odd kind":      strings.Replace(one, "event", "snapshot", 1),
	}
	python := pythonTool(t)
	for _, tt := range []struct {
		log, args    string
		here, python answer
	}{
		{"healthy", "-v", answer{0, "papyra ", 1}, answer{0, "version", 1}},
		{"healthy", "persistence scan --path", answer{0, "Persistence is healthy", 1}, answer{0, "Persistence is healthy", 1}},
		{"healthy", "persistence recover --path", answer{0, "Recovery completed", 1}, answer{0, "Recovery completed", 1}},
		{"healthy", "persistence compact --path", answer{0, "Compaction completed", 1}, answer{0, "Compaction completed", 1}},
		{"torn", "persistence scan --path", answer{2, "- TRUNCATED_LINE: ", 2}, answer{2, "- TRUNCATED_LINE: ", 2}},
		{"torn", "persistence recover --path", answer{0, "repaired ", 1}, answer{0, "repaired ", 1}},
		{"torn", "persistence compact --path", answer{0, "Compaction completed", 2}, answer{0, "Compaction completed", 1}},
		{"torn", "doctor run --path", answer{1, "Persistence anomalies detected: ", 2}, answer{1, "Persistence anomalies detected: ", 2}},
		{"torn", "doctor run --mode ignore --path", answer{0, "check skipped", 2}, answer{0, "Persistence anomalies detected (ignored): ", 2}},
		{"torn", "doctor run --mode scan_only --path", answer{0, "- TRUNCATED_LINE: ", 2}, answer{0, "Recovery successful", 1}},
		{"torn", "doctor run --mode recover --path", answer{0, "Recovery successful", 1}, answer{0, "Recovery successful", 1}},
		{"torn", "persistence startup-check --path", answer{4, "Persistence anomalies detected: ", 2}, answer{1, "Persistence anomalies detected: ", 2}},
		{"torn", "persistence startup-check --mode scan_only --path", answer{0, "- TRUNCATED_LINE: ", 2}, answer{0, "", 2}},
		{"torn", "persistence startup-check --mode recover --recovery-mode repair --path", answer{0, "Recovery successful", 1}, answer{0, "Recovery successful", 1}},
		{"byte order", "persistence scan --path", answer{0, "- BYTE_ORDER_MARK: ", 2}, answer{2, "- CORRUPTED_LINE: ", 2}},
		{"byte order", "persistence recover --path", answer{0, "repaired ", 2}, answer{0, "repaired ", 1}},
		{"large integer", "persistence scan --path", answer{0, "- UNREADABLE_BY_PRODUCER: ", 1}, answer{2, "- CORRUPTED_LINE: ", 1}},
		{"large integer", "persistence recover --path", answer{0, "not touched", 1}, answer{0, "repaired ", 0}},
		{"large integer", "persistence compact --path", answer{0, "Compaction completed", 1}, answer{0, "Compaction completed", 0}},
		{"not UTF-8", "persistence scan --path", answer{2, "- INVALID_UTF8: ", 3}, answer{1, "UnicodeDecodeError", 3}},
		{"not UTF-8", "doctor run --mode ignore --path", answer{0, "check skipped", 3}, answer{1, "UnicodeDecodeError", 3}},
		{"not UTF-8", "persistence recover --path", answer{0, "repaired ", 2}, answer{1, "UnicodeDecodeError", 3}},
		{"not UTF-8", "persistence inspect --path", answer{0, "events_sampled: 2", 3}, answer{0, "counts: <unavailable>", 3}},
		{"odd kind", "persistence scan --path", answer{2, "- UNKNOWN_KIND: ", 1}, answer{0, "Persistence is healthy", 1}},
		{"odd kind", "doctor run --mode recover --path", answer{2, "Recovery attempted but anomalies still exist", 1}, answer{0, "Persistence is healthy", 1}},
	} {
		t.Run(tt.log+"/"+tt.args, func(t *testing.T) {
			require.Contains(t, logs, tt.log)
			ask(t, testtool.Program(t, "papyra"), tt.args, logs[tt.log], tt.here)
			if python != "" {
				ask(t, python, tt.args, logs[tt.log], tt.python)
			}
		})
	}
	if python == "" {
		t.Skip("no Python tool is on the PATH: only the answers of these tools were compared")
	}
}

func ask(t *testing.T, program, args, log string, want answer) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(name, []byte(log), 0o600))
	words := strings.Fields(args)
	if strings.HasSuffix(args, "--path") {
		words = append(words, name)
	}
	cmd := exec.Command(program, words...)
	cmd.Env = append(os.Environ(), "COLUMNS=1000", "PAPYRA_CONFIG=none", "PAPYRA_SETTLE=1ms", "PAPYRA_LINGER=1ms")
	said, _ := cmd.CombinedOutput()
	require.Equal(t, want.code, cmd.ProcessState.ExitCode(), "%s: %s", program, said)
	require.Contains(t, string(said), want.words, program)
	left, err := os.ReadFile(name)
	require.NoError(t, err)
	lines := bytes.Count(left, []byte("\n"))
	if len(left) > 0 && !bytes.HasSuffix(left, []byte("\n")) {
		lines++
	}
	require.Equal(t, want.lines, lines, "%s: lines of the log", program)
}

// pythonTool is the Python tool's papyra, "" if the PATH has none.
func pythonTool(t *testing.T) string {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		name := filepath.Join(dir, "papyra")
		if out, err := exec.CommandContext(t.Context(), name, "--version").Output(); err == nil && strings.HasPrefix(string(out), "Papyra, version") {
			return name
		}
	}
	return ""
}
