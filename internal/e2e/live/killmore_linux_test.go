package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestKillUndo kills papyra-repair --undo. Afterwards a plain repair finishes,
// whichever of the two states the kill left.
func TestKillUndo(t *testing.T) {
	t.Parallel()
	r := newRewriteSweep(t, func(dir string) *exec.Cmd {
		return repairCommand(t, "--undo", filepath.Join(dir, "ledger"), logPath(dir))
	})
	r.next = func(dir string) *exec.Cmd { return repairCommand(t, logPath(dir)) }
	r.scene = func(dir string) {
		require.NoError(t, os.Mkdir(filepath.Join(dir, "log"), 0o755))
		require.NoError(t, os.WriteFile(logPath(dir), seeds(seedRecords), 0o640))
		code, said := exitCode(repairCommand(t, "--ledger", filepath.Join(dir, "ledger"), logPath(dir)))
		require.Zero(t, code, said)
		r.start(dir)
	}
	settle := r.check
	r.check = func(dir string, killed bool) error {
		if killed {
			return settle(dir, killed)
		}
		r.unscanned, r.mayBe = true, isGarbage // the undo was not killed: the damage is back
		defer func() { r.unscanned, r.mayBe = false, nil }()
		return settle(dir, killed)
	}
	r.mustHold()
}

// TestKillQuarantine kills a repair that keeps the damaged original: by a
// second name where the quarantine is on the same file system, and by a copy
// where it is not. Whatever has a quarantined name must be a whole original.
func TestKillQuarantine(t *testing.T) {
	t.Parallel()
	t.Run("link", func(t *testing.T) {
		t.Parallel()
		killQuarantine(t, func(dir string) string { return filepath.Join(dir, "quarantine") })
	})
	t.Run("copy", func(t *testing.T) {
		t.Parallel()
		if !testtool.Torture() {
			t.Skip("in torture only")
		}
		other, err := os.MkdirTemp("/dev/shm", "papyra-quarantine")
		require.NoError(t, err)
		t.Cleanup(func() { os.RemoveAll(other) })
		killQuarantine(t, func(dir string) string { return filepath.Join(other, filepath.Base(dir)) })
	})
}

func killQuarantine(t *testing.T, quarantine func(dir string) string) {
	r := newRewriteSweep(t, func(dir string) *exec.Cmd {
		return repairCommand(t, "--mode", "quarantine", "--quarantine-dir", quarantine(dir), logPath(dir))
	})
	r.paths = func(dir string) []string { return append(logPaths(dir), quarantine(dir)) }
	settle := r.check
	r.check = func(dir string, killed bool) error {
		return errors.Join(settle(dir, killed), wholeEvidence(quarantine(dir)))
	}
	r.mustHold()
}

// wholeEvidence wants at least one original in the quarantine, and every one
// there to be whole.
func wholeEvidence(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("no evidence in the quarantine: %w", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !strings.Contains(filepath.Base(name), ".quarantine.") {
			return fmt.Errorf("%s is in the quarantine", name)
		}
		if n := bytes.Count(data, []byte(`"w":"seed"`)); n != seedRecords || !bytes.Contains(data, garbage[0]) {
			return fmt.Errorf("%s is not the whole original: %d records", name, n)
		}
	}
	return nil
}

// TestKillCompact kills a compaction by age: the old records are gone after the
// next run, and no other.
func TestKillCompact(t *testing.T) {
	t.Parallel()
	if !has(t, "papyra-compact") {
		t.Skip("there is no papyra-compact yet")
	}
	killCompact(t).mustHold()
}

// TestKillArchive kills one that keeps what it removes: afterwards the old
// records are in one archive, once, and nothing else is there.
func TestKillArchive(t *testing.T) {
	t.Parallel()
	zstd := testtool.Need(t, "zstd")
	r := killCompact(t, "--archive", "old")
	r.paths = func(dir string) []string {
		return append(logPaths(dir), filepath.Join(dir, "old"), filepath.Join(dir, "old", ".events.ndjson.0.papyra-archive"),
			filepath.Join(dir, "log", ".events.ndjson.papyra-account"))
	}
	r.must = append(r.must, "linkat")
	r.stride = stride(4)
	settle := r.check
	r.check = func(dir string, killed bool) error {
		if err := settle(dir, killed); err != nil {
			return err
		}
		names := entries(t, filepath.Join(dir, "old"))
		if len(names) != 1 || !strings.HasSuffix(names[0], ".ndjson.zst") || strings.HasPrefix(names[0], ".") {
			return fmt.Errorf("in the archive: %q", names)
		}
		text, err := exec.Command(zstd, "-dc", filepath.Join(dir, "old", names[0])).Output()
		if want := bytes.Repeat(oldRecord, seedRecords/10); err == nil && !bytes.Equal(text, want) {
			err = fmt.Errorf("%d bytes are in the archive, not %d", len(text), len(want))
		}
		return err
	}
	r.mustHold()
}

// killCompact is a compaction by age of a log in which old records stand
// between new ones.
func killCompact(t *testing.T, args ...string) *rewriteSweep {
	r := newRewriteSweep(t, func(dir string) *exec.Cmd {
		cmd := exec.Command(testtool.Program(t, "papyra-compact"), append([]string{"--quiet", "--linger", "1ms", "--max-age", "30d", logPath(dir)}, args...)...)
		cmd.Dir = dir
		return cmd
	})
	r.scene = func(dir string) {
		var log []byte
		for line := range bytes.Lines(seeds(seedRecords)) {
			if isGarbage(line) {
				line = oldRecord
			}
			log = append(log, line...)
		}
		require.NoError(t, os.Mkdir(filepath.Join(dir, "log"), 0o755))
		require.NoError(t, os.WriteFile(logPath(dir), log, 0o600))
		r.start(dir)
	}
	// What the compaction does to the file must not depend on how it reads it.
	r.must = []string{"openat", "pwrite64", "fsync", "renameat2", "unlinkat", "close", "fcntl", "flock"}
	return r
}

// TestKillCatchesPlanted has the sweep look at two rewriters that are known to
// be wrong: one truncates the log and writes it again, one moves it away before
// the new one is there.
func TestKillCatchesPlanted(t *testing.T) {
	testtool.OnlyInCI(t, "a test of the test")
	t.Parallel()
	for _, plant := range []struct {
		role string
		must []string
	}{{"inplace", []string{"openat", "write", "fsync", "close"}}, {"moveaway", []string{"openat", "write", "renameat", "unlinkat"}}} {
		t.Run(plant.role, func(t *testing.T) {
			t.Parallel()
			r := newRewriteSweep(t, func(dir string) *exec.Cmd { return role(plant.role, logPath(dir)) })
			r.paths = func(dir string) []string { return append(logPaths(dir), logPath(dir)+".old") }
			r.must = plant.must
			r.stride = 1
			// Without a kill and without a writer it does its work, or the
			// sweep would see its mistakes for the wrong reason.
			r.start = func(string) { r.bg = nobody() }
			r.run()
			require.NotEmpty(t, r.failed, "the sweep found nothing wrong with a rewriter that is wrong")
			t.Logf("found: %s", r.failed[0])
		})
	}
}
