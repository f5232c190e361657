package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

const seedRecords = 40

// logPaths are the names that a rewrite of dir/log/events.ndjson deals with.
func logPaths(dir string) []string {
	d := filepath.Join(dir, "log")
	return []string{d, filepath.Join(d, "events.ndjson"), filepath.Join(d, ".events.ndjson.papyra-new"),
		filepath.Join(d, ".events.ndjson.papyra-journal"), filepath.Join(d, ".events.ndjson.papyra-account"), filepath.Join(dir, "quarantine"), filepath.Join(dir, "ledger")}
}

func logPath(dir string) string { return filepath.Join(dir, "log", "events.ndjson") }

// rewriteSweep is a sweep over a run that rewrites a log, while a writer goes
// on appending to it.
type rewriteSweep struct {
	sweep
	bg *background // the writer
	// start starts the writer.
	start func(dir string)
	// next is the run after the kill; by default the same as the killed one. It
	// must end with 0.
	next func(dir string) *exec.Cmd
	// again is how many runs are killed that recover, and turn says where.
	again, turn int
	mayBe       func(line []byte) bool // lines that may be in the log afterwards, besides records
	unscanned   bool                   // the log is not healthy afterwards, and is not to be
	ledger      bool                   // there is one afterwards, beside the log
}

// settle is the check: the next run completes, and every record is there once.
func (r *rewriteSweep) settle(dir string, killed bool) error {
	r.again = 2
	err := r.recover(dir, killed)
	n, werr := r.bg.stop()
	if err = errors.Join(err, werr); err != nil {
		return err
	}
	got, err := tallyFile(logPath(dir), map[string]int{"seed": seedRecords, "bg": n}, r.mayBe)
	if err != nil {
		return err
	}
	if killed {
		// The leases went with the killed run: what the writer appended to the
		// new file before the next run brought over the last that it had
		// appended to the old one stands before it. Nothing can be done about
		// that.
		got.disorder -= got.moved["bg"]
	}
	return got.err()
}

func (r *rewriteSweep) recover(dir string, killed bool) error {
	left := ours(entries(r.t, filepath.Join(dir, "log")))
	if !killed && len(left) > 0 {
		return fmt.Errorf("a run that was not killed left %q", left)
	}
	if killed {
		if err := r.seen(dir, left); err != nil {
			return err
		}
		for ; r.again > 0 && len(left) > 0; r.again-- {
			// A recovering run makes most calls of the first dozen of each
			// name.
			call := killCalls[r.turn%len(killCalls)]
			n := 1 + r.turn/len(killCalls)%6
			r.turn++
			if arrived, _ := killAt(r.t, r.next(dir), logPaths(dir), call, n); arrived {
				r.kills++
			}
			left = ours(entries(r.t, filepath.Join(dir, "log")))
		}
		if code, said := exitCode(r.next(dir)); code != 0 {
			return fmt.Errorf("the next run: %s", said)
		}
	}
	names := entries(r.t, filepath.Join(dir, "log"))
	if !r.ledger && len(names) != 1 || r.ledger && (len(names) != 2 || !strings.HasSuffix(names[1], ".ledger")) {
		return fmt.Errorf("left over: %q", names)
	}
	if code, said := exitCode(exec.Command(testtool.Program(r.t, "papyra-scan"), logPath(dir))); code != 0 && !r.unscanned {
		return fmt.Errorf("scan afterwards: %s", said)
	}
	return nil
}

// seen asks scan about what the killed run left.
func (r *rewriteSweep) seen(dir string, left []string) error {
	code, said := exitCode(exec.Command(testtool.Program(r.t, "papyra-scan"), logPath(dir)))
	named := strings.Contains(said, "INTERRUPTED_REWRITE")
	switch {
	case len(left) > 0 && (code != 2 || !named):
		return fmt.Errorf("scan does not see the leftovers %q: %s", left, said)
	case len(left) == 0 && named:
		return fmt.Errorf("scan sees leftovers where there are none: %s", said)
	}
	return nil
}

// repairCommand leaves no ledger beside the log, which the checks would take
// for something left over, unless args name one.
func repairCommand(t testing.TB, args ...string) *exec.Cmd {
	if !slices.Contains(args, "--ledger") && !slices.Contains(args, "--undo") {
		args = append([]string{"--no-ledger"}, args...)
	}
	return exec.Command(testtool.Program(t, "papyra-repair"), append([]string{"--quiet", "--linger", "1ms"}, args...)...)
}

func newRewriteSweep(t *testing.T, command func(dir string) *exec.Cmd) *rewriteSweep {
	r := &rewriteSweep{next: command}
	r.start = func(dir string) { r.bg = startBackground(logPath(dir), "bg", 300*time.Microsecond) }
	r.sweep = sweep{t: t, command: command, paths: logPaths, stride: stride(2), check: r.settle,
		must: []string{"openat", "pread64", "pwrite64", "fchmod", "fsync", "renameat2", "unlinkat", "close", "fcntl", "flock"}}
	r.scene = func(dir string) {
		require.NoError(t, os.Mkdir(filepath.Join(dir, "log"), 0o755))
		require.NoError(t, os.WriteFile(logPath(dir), seeds(seedRecords), 0o600))
		require.NoError(t, os.Chmod(logPath(dir), 0o640))
		r.start(dir)
	}
	return r
}

func (r *rewriteSweep) mustHold() {
	r.run()
	require.Empty(r.t, r.failed, strings.Join(r.failed, "\n"))
}

// TestKillRepair kills papyra-repair before each of its system calls on the
// log, while a writer appends; the runs that recover are killed too, twice;
// then one may finish. There is one ledger then, of the run that replaced the
// log, whichever that was: with it every byte goes back to where it stood.
// Short: of calls made often, every second. In torture: every one.
func TestKillRepair(t *testing.T) {
	t.Parallel()
	r := newRewriteSweep(t, func(dir string) *exec.Cmd {
		return exec.Command(testtool.Program(t, "papyra-repair"), "--quiet", "--linger", "1ms", logPath(dir))
	})
	r.ledger = true
	r.stride = stride(3) // undo is one more run for each
	scene := r.scene
	r.scene = func(dir string) {
		scene(dir)
		log, err := os.ReadFile(logPath(dir))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "damaged"), log, 0o600))
	}
	r.check = func(dir string, killed bool) error {
		if err := r.settle(dir, killed); err != nil {
			return err
		}
		names := entries(t, filepath.Join(dir, "log"))
		undo := repairCommand(t, "--undo", filepath.Join(dir, "log", names[len(names)-1]), logPath(dir))
		if code, said := exitCode(undo); code != 0 {
			return fmt.Errorf("undo with %q: %s", names, said)
		}
		damaged, err := os.ReadFile(filepath.Join(dir, "damaged"))
		require.NoError(t, err)
		log, err := os.ReadFile(logPath(dir))
		require.NoError(t, err)
		if damaged = damaged[:bytes.LastIndexByte(damaged, '\n')+1]; !bytes.HasPrefix(log, damaged) {
			return errors.New("the ledger does not give the damaged log back")
		}
		return nil
	}
	r.mustHold()
}
