package live_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestWriterDoesNotWaitForASlowDisk delays every fsync of a repair, one after the other more than the stall budget allows: writers must
// not wait for any, and the repair goes through.
func TestWriterDoesNotWaitForASlowDisk(t *testing.T) {
	t.Parallel()
	strace := testtool.Need(t, "strace")
	path := damagedLog(t)
	require.NoError(t, appendOnce(path, garbage[0]))
	const delay = 800 * time.Millisecond
	var longest atomic.Int64
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			began := time.Now()
			if err := appendOnce(path, eventLine("bg", n+1, 0)); err != nil {
				t.Error(err)
			}
			n++
			if took := int64(time.Since(began)); took > longest.Load() {
				longest.Store(took)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	cmd := exec.Command(strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
		"-e", "inject=fsync,fdatasync:delay_enter=800000",
		bin(t, "papyra-repair"), "--no-ledger", "--stall-budget", "300ms", "--linger", "1ms", path)
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "ptrace") {
		testtool.Missing(t, "strace: %s", out)
	}
	require.NoError(t, err, string(out))
	close(stop)
	reached := map[string]int{"seed": seedRecords, "bg": <-done}
	sum, err := tallyFile(path, reached, nil)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	require.Less(t, time.Duration(longest.Load()), delay, "a writer waited for an fsync")
	t.Logf("longest append %s; %s", time.Duration(longest.Load()).Round(time.Millisecond), sum)
}

// TestOutputIsALog: what is piped into a log by --output replaces it as a rewrite does, beside papyra-append and a writer that takes
// no lock: whatever they append once the log is locked stays.
func TestOutputIsALog(t *testing.T) {
	t.Parallel()
	path := damagedLog(t)
	reached := map[string]int{"seed": seedRecords}
	for round := range 5 {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		cmd := exec.Command(bin(t, "papyra-compact"), "--max-records", "1000000", "--linger", "1ms", "--quiet", "--output", path)
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		compact := start(t, cmd)
		_, err = in.Write(data) // it looks at the first bytes before it locks
		require.NoError(t, err)
		until(t, "the log is locked", func() bool { return len(entries(t, filepath.Dir(path))) > 1 })
		name := fmt.Sprint("bg", round)
		bg := startBackground(path, name, 200*time.Microsecond)
		add := exec.Command(bin(t, "papyra-append"), "--quiet", path)
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
