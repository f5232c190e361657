package live_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestWriterDoesNotWaitForASlowDisk delays every fsync of a repair beside a
// writer, and looks at the order of its system calls: none comes between the
// exchange and the end of the lease that makes writers wait. What a slow disk
// takes is not waited for, however long that is.
func TestWriterDoesNotWaitForASlowDisk(t *testing.T) {
	t.Parallel()
	strace := testtool.Need(t, "strace")
	path := damagedLog(t)
	require.NoError(t, appendOnce(path, garbage[0]))
	bg := startBackground(path, "bg", time.Millisecond)
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command(strace, "-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync,fcntl,renameat2",
		"-e", "inject=fsync,fdatasync:delay_enter=100000",
		testtool.Program(t, "papyra-repair"), "--no-ledger", "--stall-budget", "20s", "--linger", "100ms", path)
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "ptrace") {
		testtool.Missing(t, "strace: %s", out)
	}
	require.NoError(t, err, string(out))
	n, err := bg.stop()
	require.NoError(t, err)
	sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "bg": n}, nil)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	calls, err := os.ReadFile(trace)
	require.NoError(t, err)
	before, after := underLease(t, string(calls))
	require.Greater(t, before, 1, "fsyncs before the exchange")
	require.Greater(t, after, 1, "fsyncs after the lease")
	t.Logf("%d fsyncs before the exchange, %d after the lease; %s", before, after, sum)
}

var leaseCall = regexp.MustCompile(`fcntl\((\d+), F_SETLEASE, (F_WRLCK|F_UNLCK)`)

// underLease counts fsyncs before the exchange and after the new file is let
// go. There must be none between.
func underLease(t *testing.T, calls string) (before, after int) {
	t.Helper()
	leased, count := "", &before
	held := 0
	for line := range strings.Lines(calls) {
		call := leaseCall.FindStringSubmatch(line)
		switch {
		case strings.Contains(line, "fsync(") || strings.Contains(line, "fdatasync("):
			*count++
			require.Zero(t, held, "while writers wait: %s", line)
		case call != nil && call[2] == "F_WRLCK" && count == &before:
			leased = call[1] // the last one before the exchange is that of the new file
		case strings.Contains(line, "RENAME_EXCHANGE"):
			require.NotEmpty(t, leased, "the names are exchanged without a lease")
			count = &held
		case call != nil && call[1] == leased && count == &held:
			count = &after
		}
	}
	require.Equal(t, &after, count, "the lease is never let go:\n%s", calls)
	return before, after
}

// TestOutputIsALog: what is piped into a log by --output replaces it as a
// rewrite does, beside papyra-append and a writer that takes no lock: whatever
// they append once the log is locked stays.
func TestOutputIsALog(t *testing.T) {
	t.Parallel()
	path := damagedLog(t)
	reached := map[string]int{"seed": seedRecords}
	for round := range 5 {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		cmd := exec.Command(testtool.Program(t, "papyra-compact"), "--max-records", "1000000", "--linger", "1ms", "--quiet", "--output", path)
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		compact := start(t, cmd)
		_, err = in.Write(data) // it looks at the first bytes before it locks
		require.NoError(t, err)
		until(t, "the log is locked", func() bool { return len(entries(t, filepath.Dir(path))) > 1 })
		name := fmt.Sprint("bg", round)
		bg := startBackground(path, name, 200*time.Microsecond)
		add := exec.Command(testtool.Program(t, "papyra-append"), "--quiet", path)
		add.Stdin = bytes.NewReader(appendInput(fmt.Sprint("append", round), 20))
		appender := start(t, add)
		time.Sleep(20 * time.Millisecond) // some come before the exchange, some after
		require.NoError(t, in.Close())
		compact.wait()
		appender.wait()
		n, err := bg.stop()
		require.NoError(t, err)
		reached[name], reached[fmt.Sprint("append", round)] = n, 20
		sum, err := tallyFile(path, reached, isGarbage)
		require.NoError(t, err)
		require.NoError(t, sum.err())
	}
}
