package live_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// busyTail is how the report says of a log that its last line was being
// written.
var busyTail = regexp.MustCompile(`"in_flight":\s*\{`)

// liveWriters starts writers of both languages, of short lines and of lines of
// 20 kB, which the kernel does not write in one piece as far as a reader can
// see.
func liveWriters(t testing.TB, path string, count int) (writers []*process, reached map[string]int) {
	t.Helper()
	reached = map[string]int{}
	for i, size := range []int{0, 20_000} {
		name := fmt.Sprintf("go%d", i)
		writers = append(writers, start(t, role("write", writerArgs(path, name, 1, count, size, 100*time.Microsecond)...)))
		reached[name] = count
		name = fmt.Sprintf("py%d", i)
		writers = append(writers, start(t, pythonWriter(t, writerArgs(path, name, 1, count, size, 100*time.Microsecond))))
		reached[name] = count
	}
	return writers, reached
}

func anyRunning(writers []*process) bool {
	for _, w := range writers {
		if w.running() {
			return true
		}
	}
	return false
}

// TestLiveFileIsNeverAccused scans a log in a loop while fast writers append to
// it: every scan must end with 0, and see nothing. The log is begun anew from
// time to time, so that scans stay short.
//
//	PAPYRA_TORTURE=1 PAPYRA_TORTURE_SCANS=10000 go test ./internal/e2e/live -run TestLiveFileIsNeverAccused -timeout 0 -v
func TestLiveFileIsNeverAccused(t *testing.T) {
	t.Parallel()
	testtool.Need(t, "python3")
	testtool.Program(t, "papyra-scan")
	want := amount(t, "PAPYRA_TORTURE_SCANS", 200, 10_000)
	scans, inFlight := 0, 0
	for scans < want {
		path := filepath.Join(t.TempDir(), "events.ndjson")
		require.NoError(t, os.WriteFile(path, nil, 0o644))
		writers, reached := liveWriters(t, path, 600)
		for anyRunning(writers) {
			// --strict: not even a warning. A timestamp is taken before the
			// record waits its turn to be appended.
			got := run(t, nil, "papyra-scan", "--strict", "--max-skew", "60s", "--json", path)
			require.Zero(t, got.code, "scan %d: %s%s", scans, got.out, got.errout)
			if busyTail.MatchString(got.out) {
				inFlight++
			}
			scans++
		}
		for _, w := range writers {
			w.wait()
		}
		sum, err := tallyFile(path, reached, nil)
		require.NoError(t, err)
		require.NoError(t, sum.err())
		os.Remove(path)
	}
	t.Logf("%d scans beside 4 writers, every one with exit code 0; %d met a line that was just being written", scans, inFlight)
}

// TestScanBesideRewrites scans while the log is replaced again and again. A
// scan may be told that the log was replaced while it read it (exit 1), but
// must never find damage, nor take the files of a rewrite at work for those of
// a killed one.
func TestScanBesideRewrites(t *testing.T) {
	t.Parallel()
	testtool.Programs(t)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	n := amount(t, "PAPYRA_TORTURE_SCANS", 200, 10_000)
	bg := startBackground(path, "bg", 2*time.Millisecond)
	stop, swaps := make(chan struct{}), make(chan int)
	go func() {
		done := 0
		for {
			select {
			case <-stop:
				swaps <- done
				return
			default:
			}
			// A blank line is a warning only; without --strict it is no
			// anomaly.
			if appendOnce(path, []byte("\n")) == nil {
				if code, _ := exitCode(repairCommand(t, path)); code == 0 {
					done++
				}
			}
		}
	}()
	codes := map[int]int{}
	for range n {
		got := run(t, nil, "papyra-scan", "--max-skew", "60s", path)
		codes[got.code]++
		if got.code != 0 {
			require.Equal(t, 1, got.code, got.out+got.errout)
			require.Contains(t, got.out+got.errout, "while it was read")
		}
	}
	close(stop)
	done := <-swaps
	records, err := bg.stop()
	require.NoError(t, err)
	require.Positive(t, done)
	sum, err := tallyFile(path, map[string]int{"bg": records}, isGarbage)
	require.NoError(t, err)
	require.NoError(t, sum.err())
	t.Logf("%d scans during %d swaps: exit codes %v", n, done, codes)
}
