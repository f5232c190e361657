package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// mixture asks for damage of every kind; tail is how the log ends.
func mixture(each int, tail string) map[string]int {
	all := map[string]int{}
	for _, name := range gen.DamageNames() {
		all[name] = min(each, perLog(name))
	}
	delete(all, "truncated_line")
	delete(all, "missing_newline")
	if tail != "" {
		all[tail] = 1
	}
	return all
}

var warnings = []string{"timestamp_regression", "duplicate_key", "lone_surrogate", "unreadable_by_producer", "blank_line", "byte_order_mark", "carriage_return"}

// run runs a binary and returns its standard output and exit code.
func run(t *testing.T, stdin []byte, name string, args ...string) (stdout []byte, code int) {
	t.Helper()
	cmd := exec.Command(testtool.Program(t, name), args...)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	t.Logf("%s %q: exit code %d, %s", name, args, cmd.ProcessState.ExitCode(), bytes.TrimSpace(said.Bytes()))
	return out.Bytes(), cmd.ProcessState.ExitCode()
}

// scanned runs papyra-scan --json and returns the places that it reports.
func scanned(t *testing.T, stdin []byte, args ...string) ([]place, int) {
	t.Helper()
	out, code := run(t, stdin, "papyra-scan", append([]string{"--json", "--max-line-bytes", "256KiB", "--max-anomalies", "100000"}, args...)...)
	var report struct {
		Schema int
		Files  []struct {
			Anomalies []struct {
				Type                 string
				Severity             string
				Line, Offset, Length int64
			}
		}
	}
	require.NoError(t, json.Unmarshal(out, &report), "%.500s", out)
	require.Equal(t, 1, report.Schema)
	require.Len(t, report.Files, 1)
	var found []place
	for _, a := range report.Files[0].Anomalies {
		require.Equal(t, slices.Contains(warnings, a.Type), a.Severity == "warning", a.Type)
		found = append(found, place{a.Type, a.Line, a.Offset, a.Length})
	}
	return found, code
}

// What papyra-scan reports, by file and by standard input, is the truth.
func TestScanReportsTheTruth(t *testing.T) {
	for _, tail := range []string{"", "truncated_line", "missing_newline"} {
		t.Run("tail "+tail, func(t *testing.T) {
			o := gen.Options{Seed: 11, Lines: 4000, Damage: mixture(30, tail), MaxLineBytes: limit}
			log, truth := damaged(t, o)
			path := filepath.Join(t.TempDir(), "events.ndjson")
			require.NoError(t, os.WriteFile(path, log, 0o600))

			found, code := scanned(t, nil, path)
			require.Equal(t, 2, code)
			requireTruth(t, log, truth, found)

			found, code = scanned(t, log)
			require.Equal(t, 2, code)
			requireTruth(t, log, truth, found)

			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(log, after), "a scan changes nothing")
		})
	}
	t.Run("each damage alone", func(t *testing.T) {
		for _, name := range gen.DamageNames() {
			log, truth := damaged(t, gen.Options{Seed: 12, Lines: 200, Damage: map[string]int{name: min(28, perLog(name))}, MaxLineBytes: limit})
			found, code := scanned(t, log)
			requireTruth(t, log, truth, found)
			want := 2
			if slices.Contains(warnings, name) {
				want = 0
			}
			require.Equal(t, want, code, name)
			_, code = scanned(t, log, "--strict")
			require.Equal(t, 2, code, name)
		}
	})
	t.Run("default limit", func(t *testing.T) {
		log, truth := damaged(t, gen.Options{Lines: 20, Damage: map[string]int{"oversized_line": 1}})
		found, code := scanned(t, log, "--max-line-bytes", "16MiB")
		require.Equal(t, 2, code)
		requireTruth(t, log, truth, found)
	})
}

// What papyra-repair leaves, by file and as a pipe, is what the truth says is
// to be kept, byte for byte; and a second repair finds nothing more to do.
func TestRepairKeepsWhatTheTruthKeeps(t *testing.T) {
	// The oversized lines outweigh the records, which the guard would stop at.
	args := slices.Clip([]string{"--max-line-bytes", "256KiB", "--force"})
	for i, tail := range []string{"", "truncated_line", "missing_newline"} {
		t.Run("tail "+tail, func(t *testing.T) {
			t.Parallel() // a rewrite waits for late writers
			log, truth := damaged(t, gen.Options{Seed: uint64(i), Lines: 3000, Damage: mixture(60, tail), MaxLineBytes: limit})
			want, err := gen.Repaired(log, truth)
			require.NoError(t, err)

			got, _ := run(t, log, "papyra-repair", args...)
			requireSameLines(t, want, got)

			path := filepath.Join(t.TempDir(), "events.ndjson")
			require.NoError(t, os.WriteFile(path, log, 0o600))
			_, code := run(t, nil, "papyra-repair", append(args, path)...)
			require.Equal(t, 3, code, "kinds that are unknown and the like are kept, and said so")
			got, err = os.ReadFile(path)
			require.NoError(t, err)
			requireSameLines(t, want, got)

			before, err := os.Stat(path)
			require.NoError(t, err)
			_, _ = run(t, nil, "papyra-repair", append(args, path)...)
			after, err := os.Stat(path)
			require.NoError(t, err)
			require.True(t, os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()), "twice equals once")
		})
	}
}

// requireSameLines compares logs and shows the first lines that differ, not all
// of both.
func requireSameLines(t *testing.T, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	w, g := bytes.SplitAfter(want, []byte("\n")), bytes.SplitAfter(got, []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			t.Fatalf("line %d of %d (found %d):\n  want %.400q\n  got  %.400q", i+1, len(w), len(g), w[i], g[i])
		}
	}
	t.Fatalf("want %d lines, got %d", len(w), len(g))
}
