package live_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// stalled starts a repair that waits, with the names exchanged, for a writer
// that stopped itself.
func stalled(t testing.TB, path string) (repair, writer *process) {
	writer = start(t, role("pause", writerArgs(path, "stopped", 1, 1, 0, 0)...))
	until(t, "the writer stops", func() bool { return stoppedNow(writer.cmd.Process.Pid) })
	before := inode(t, path)
	repair = start(t, exec.Command(testtool.Program(t, "papyra-repair"), "--no-ledger", "--stall-budget", "20s", "--linger", "1ms", path))
	until(t, "the names are exchanged", func() bool { return inode(t, path) != before })
	return repair, writer
}

// TestHalfLineDuringRecovery: a rewrite is killed after the exchange, and what
// was appended to the old file waits to be brought over. A writer that has
// written half a line to the new one is waited for, or the recovery is refused
// and names it: nothing comes between the halves.
func TestHalfLineDuringRecovery(t *testing.T) {
	t.Parallel()
	path := damagedLog(t)
	repair, stopped := stalled(t, path)
	require.NoError(t, repair.cmd.Process.Kill())
	<-repair.done
	require.NoError(t, unix.Kill(stopped.cmd.Process.Pid, unix.SIGCONT))
	stopped.wait()

	half := start(t, role("half", writerArgs(path, "half", 1, 1, 0, 0)...))
	pid := half.cmd.Process.Pid
	until(t, "the writer stops in the middle of its line", func() bool { return stoppedNow(pid) })
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.False(t, bytes.HasSuffix(before, []byte("\n")))
	got := run(t, nil, "papyra-repair", "--no-ledger", "--stall-budget", "300ms", "--linger", "1ms", path)
	require.Equal(t, 1, got.code, got.errout)
	require.Contains(t, got.errout, fmt.Sprintf("process %d (", pid))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NotEmpty(t, ours(entries(t, filepath.Dir(path))), "the next run has something to finish")

	next := start(t, exec.Command(testtool.Program(t, "papyra-repair"), "--no-ledger", "--stall-budget", "20s", "--linger", "1ms", path))
	until(t, "the next run looks at the log", func() bool { return holds(next.cmd.Process.Pid, path) })
	require.NoError(t, unix.Kill(pid, unix.SIGCONT))
	half.wait()
	next.wait()
	require.Contains(t, next.out.String(), "an interrupted rewrite was finished")
	sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "stopped": 1, "half": 1}, nil)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	require.Equal(t, []string{filepath.Base(path)}, entries(t, filepath.Dir(path)))
}

// TestTortureLeaseBroken: a rewrite stands still under its lease until the
// kernel lets a waiting writer in, some 45 s later. The report does not claim
// that nobody came in.
func TestTortureLeaseBroken(t *testing.T) {
	if !testtool.Torture() {
		t.Skip("only in torture: 45 s")
	}
	path := damagedLog(t)
	repair, stopped := stalled(t, path)
	require.NoError(t, repair.cmd.Process.Signal(unix.SIGSTOP))
	until(t, "the repair stands still", func() bool { return stoppedNow(repair.cmd.Process.Pid) })
	began := time.Now()
	waiting := start(t, role("write", writerArgs(path, "waiting", 1, 1, 0, 0)...))
	waiting.wait()
	t.Logf("the writer was let in after %s", time.Since(began).Round(time.Second))
	require.Greater(t, time.Since(began), 5*time.Second, "nothing held it back")
	require.NoError(t, stopped.cmd.Process.Kill()) // before it has written
	<-stopped.done
	require.NoError(t, repair.cmd.Process.Signal(unix.SIGCONT))
	repair.wait()
	require.Contains(t, repair.out.String(), "guarantee: raced\n")
	sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "waiting": 1}, nil)
	require.NoError(t, err)
	require.NoError(t, sum.err())
}

// interrupted is a writer in Python with a timer of two milliseconds and a
// handler without SA_RESTART. It goes round Python's own open, which tries
// again by itself, and counts how often the system call was interrupted.
const interrupted = `
import ctypes, errno, os, signal, sys, time
path, count = sys.argv[1].encode(), int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
signal.signal(signal.SIGALRM, lambda *a: None)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
hit = 0
for n in range(1, count + 1):
    while True:
        fd = libc.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        if fd >= 0:
            break
        if ctypes.get_errno() != errno.EINTR:
            sys.exit("open: %d" % ctypes.get_errno())
        hit += 1
    os.write(fd, b'{"kind":"event","timestamp":%f,"w":"timer","n":%d}\n' % (time.time(), n))
    os.close(fd)
signal.setitimer(signal.ITIMER_REAL, 0)
print(hit)
`

// TestWriterWithTimers: an open that waits for the lease is interrupted by
// signals. Who tries again loses nothing.
func TestWriterWithTimers(t *testing.T) {
	python := testtool.Need(t, "python3")
	path := damagedLog(t)
	count := amount(t, "PAPYRA_TORTURE_TIMERS", 500, 20_000)
	writer := start(t, exec.Command(python, "-c", interrupted, path, fmt.Sprint(count)))
	swaps := 0
	for round := 0; writer.running(); round++ {
		if programSwap(t, path, round) {
			swaps++
		}
	}
	writer.wait()
	sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "timer": count}, isInjected)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	require.Positive(t, swaps)
	t.Logf("%s opens of %d were interrupted, during %d swaps", strings.TrimSpace(writer.out.String()), count, swaps)
}
