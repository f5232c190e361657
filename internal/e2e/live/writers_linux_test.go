package live_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// damagedLog makes a log of seeds with damage between them.
func damagedLog(t testing.TB) (path string) {
	t.Helper()
	testtool.Programs(t) // built before the clock of any writer starts
	path = filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, seeds(seedRecords), 0o644))
	return path
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "%s: not within half a minute", what)
	}
}

// holds reports whether the process has the file open.
func holds(pid int, path string) bool {
	want, err := os.Stat(path)
	if err != nil {
		return false
	}
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		if got, err := os.Stat(fd); err == nil && os.SameFile(want, got) {
			return true
		}
	}
	return false
}

func inode(t testing.TB, path string) uint64 {
	t.Helper()
	var st unix.Stat_t
	require.NoError(t, unix.Stat(path, &st))
	return st.Ino
}

// refused wants the repair to be refused with the name of the writer, and the
// log to be what it was, save for what was appended.
func refused(t testing.TB, path string, pid int) {
	t.Helper()
	before := inode(t, path)
	got := run(t, nil, "papyra-repair", "--no-ledger", "--stall-budget", "300ms", "--linger", "1ms", path)
	require.Equal(t, 1, got.code, got.errout)
	require.Contains(t, got.errout, "process "+strconv.Itoa(pid)+" (")
	require.Contains(t, got.errout, "keeps it open for writing as descriptor ")
	require.Equal(t, before, inode(t, path), "the log is another file")
	require.Equal(t, []string{filepath.Base(path)}, entries(t, filepath.Dir(path)), got.errout)
}

// repaired wants the repair to succeed and nothing to be left of the damage.
func repaired(t testing.TB, path string, reached map[string]int) {
	t.Helper()
	got := run(t, nil, "papyra-repair", "--no-ledger", "--linger", "1ms", path)
	require.Zero(t, got.code, got.errout)
	require.Contains(t, got.errout, "exclusive")
	sum, err := tallyFile(path, reached, nil)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	require.Equal(t, []string{filepath.Base(path)}, entries(t, filepath.Dir(path)), got.errout)
}

// TestWriterKeepsLogOpen: a writer that keeps its descriptor stands in the way;
// the repair is refused, names it, and loses nothing, of the holder or of
// anybody else. Once it is gone the repair goes through.
func TestWriterKeepsLogOpen(t *testing.T) {
	t.Parallel()
	path := damagedLog(t)
	const records = 500
	holder := start(t, role("hold", writerArgs(path, "holder", 1, records, 0, 2*time.Millisecond)...))
	until(t, "the holder opens the log", func() bool { return holds(holder.cmd.Process.Pid, path) })
	other := startBackground(path, "other", time.Millisecond)
	refused(t, path, holder.cmd.Process.Pid)
	require.True(t, holder.running(), "the holder ended before the repair was refused")
	holder.wait()
	n, err := other.stop()
	require.NoError(t, err)
	reached := map[string]int{"seed": seedRecords, "holder": records, "other": n}
	// A rewrite that was taken back may have moved records of a writer that
	// went on meanwhile.
	sum, err := tallyFile(path, reached, isGarbage)
	require.NoError(t, err)
	sum.disorder -= sum.moved["other"]
	require.NoError(t, sum.err())
	got := run(t, nil, "papyra-repair", "--no-ledger", "--linger", "1ms", path)
	require.Zero(t, got.code, got.errout)
	sum, err = tallyFile(path, reached, nil)
	require.NoError(t, err)
	sum.disorder -= sum.moved["other"]
	require.NoError(t, sum.err())
}

// TestWriterStopped: a writer is stopped between open and write. It is waited
// for, then named; once it goes on, its record is there, and the repair goes
// through.
func TestWriterStopped(t *testing.T) {
	t.Parallel()
	path := damagedLog(t)
	stopped := start(t, role("pause", writerArgs(path, "stopped", 1, 1, 0, 0)...))
	pid := stopped.cmd.Process.Pid
	until(t, "the writer stops", func() bool { return stoppedNow(pid) })
	refused(t, path, pid)
	require.NoError(t, unix.Kill(pid, unix.SIGCONT))
	stopped.wait()
	repaired(t, path, map[string]int{"seed": seedRecords, "stopped": 1})
}

// stoppedNow reports whether every thread of the process is stopped by a
// signal.
func stoppedNow(pid int) bool {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, task := range tasks {
		stat, err := os.ReadFile(task)
		var id int
		var comm, state string
		if err != nil {
			return false
		}
		if _, err := fmt.Sscanf(string(stat), "%d %s %s", &id, &comm, &state); err != nil || state != "T" {
			return false
		}
	}
	return len(tasks) > 0
}

// TestWriterContinuedInTime: a writer that was stopped goes on within the stall
// budget: the swap waits for it and carries its record over.
func TestWriterContinuedInTime(t *testing.T) {
	t.Parallel()
	path := damagedLog(t)
	stopped := start(t, role("pause", writerArgs(path, "stopped", 1, 1, 0, 0)...))
	pid := stopped.cmd.Process.Pid
	until(t, "the writer stops", func() bool { return stoppedNow(pid) })
	before := inode(t, path)
	repair := start(t, exec.Command(testtool.Program(t, "papyra-repair"), "--no-ledger", "--quiet", "--stall-budget", "20s", "--linger", "1ms", path))
	// The new file has its name, and the old one is waited for.
	until(t, "the names are exchanged", func() bool { return inode(t, path) != before })
	require.NoError(t, unix.Kill(pid, unix.SIGCONT))
	stopped.wait()
	repair.wait()
	sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "stopped": 1}, nil)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	require.NotEqual(t, before, inode(t, path))
}

// TestWriterSlow: a writer that takes its time between the two halves of a
// line, less than the stall budget but in one case more than --settle: half a
// line that is still being written is no damage, and no line is torn, however
// the swaps fall.
func TestWriterSlow(t *testing.T) {
	t.Parallel()
	for pause, records := range map[time.Duration]int{60 * time.Millisecond: 12, 350 * time.Millisecond: 4} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			path := damagedLog(t)
			before, swaps := inode(t, path), 0
			slow := start(t, role("slow", writerArgs(path, "slow", 1, records, 0, pause)...))
			for slow.running() {
				got := run(t, nil, "papyra-repair", "--no-ledger", "--quiet", "--linger", "1ms", path)
				require.Contains(t, []int{0, 3}, got.code, got.errout) // 3: half a line that stands still looks cut off
				if now := inode(t, path); now != before {
					before, swaps = now, swaps+1
				}
			}
			slow.wait()
			require.Positive(t, swaps)
			sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "slow": records}, isGarbage)
			require.NoError(t, err)
			require.NoError(t, sum.err())
			t.Logf("%d swaps: %s", swaps, sum)
		})
	}
}

// TestWriterInOtherMountNamespace: leases go by the inode, not by the path: a
// writer in another mount namespace, who knows the log by another path, is held
// back, waited for and named like any other.
func TestWriterInOtherMountNamespace(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		testtool.Missing(t, "another mount namespace needs root")
	}
	unshare := testtool.Need(t, "unshare")
	if err := exec.Command(unshare, "-m", "true").Run(); err != nil {
		testtool.Missing(t, "unshare -m: %v", err)
	}
	elsewhere := func(part string, path, writer string, count int, pause time.Duration) *exec.Cmd {
		other := t.TempDir()
		inner := role(part, writerArgs(filepath.Join(other, filepath.Base(path)), writer, 1, count, 0, pause)...)
		script := `mount --bind "$1" "$2" && shift 2 && exec "$@"`
		cmd := exec.Command(unshare, append([]string{"-m", "sh", "-c", script, "sh", filepath.Dir(path), other}, inner.Args...)...)
		cmd.Env = inner.Env
		return cmd
	}
	t.Run("appends", func(t *testing.T) {
		path := damagedLog(t)
		records := testtool.Amount(600, 3000, 3000)
		writer := start(t, elsewhere("write", path, "elsewhere", records, 100*time.Microsecond))
		swaps := 0
		for round := 0; writer.running(); round++ {
			if programSwap(t, path, round) {
				swaps++
			}
		}
		writer.wait()
		sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "elsewhere": records}, isInjected)
		require.NoError(t, err)
		require.NoError(t, sum.err())
		t.Logf("%d swaps: %s", swaps, sum)
	})
	t.Run("keeps it open", func(t *testing.T) {
		path := damagedLog(t)
		holder := start(t, elsewhere("hold", path, "holder", 400, 2*time.Millisecond))
		pid := holder.cmd.Process.Pid // sh and the writer are the same process by exec
		until(t, "the holder opens the log", func() bool { return holds(pid, path) })
		refused(t, path, pid)
		holder.wait()
		repaired(t, path, map[string]int{"seed": seedRecords, "holder": 400})
	})
}
