package live_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestFollow: `papyra-filter --follow` prints each record once and in the order
// of its writer, while the log is compacted, repaired, rotated, and copied and
// truncated. Between two changes it gets to look, which is what it promises
// for; the writers don't wait. What is cut off by a truncation before anybody
// saw it is lost to every follower, so that only for this the writers pause
// until it is even.
//
//	PAPYRA_TORTURE=1 go test ./internal/e2e/live -run 'TestFollow$' -timeout 0 -v
func TestFollow(t *testing.T) {
	t.Parallel()
	rounds := amount(t, "PAPYRA_TORTURE_FOLLOW", 12, 1000)
	path := damagedLog(t)
	var seen screen
	cmd := exec.Command(testtool.Program(t, "papyra-filter"), "--follow", path)
	cmd.Stdout = &seen
	follower := start(t, cmd)
	until(t, "the follower is at it", func() bool { return len(seen.bytes()) > 0 })

	var pause sync.RWMutex
	stop := make(chan struct{})
	var writers sync.WaitGroup
	reached := map[string]int{"seed": seedRecords}
	var mu sync.Mutex
	for i := range 4 {
		writers.Go(func() {
			name, n := fmt.Sprint("w", i), 0
			for ; ; n++ {
				select {
				case <-stop:
					mu.Lock()
					reached[name] = n
					mu.Unlock()
					return
				default:
				}
				pause.RLock()
				err := appendOnce(path, eventLine(name, n+1, 40*i))
				pause.RUnlock()
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	markers := 0
	sees := func() {
		markers++
		marker := eventLine("marker", markers, 0)
		require.NoError(t, appendOnce(path, marker))
		until(t, "the follower sees what is appended", func() bool { return bytes.Contains(seen.bytes(), marker) })
	}
	refused, done := 0, map[string]int{}
	change := func(name string, args ...string) {
		got := run(t, nil, name, append(args, "--quiet", "--linger", "1ms", path)...)
		if got.code == 1 {
			require.Contains(t, got.errout, "keeps it open for writing")
			refused++
			return
		}
		require.Zero(t, got.code, got.errout)
		done[name]++
	}
	for round := range rounds {
		switch round % 5 {
		case 0:
			require.NoError(t, appendOnce(path, garbage[round/5%len(garbage)]))
			change("papyra-repair", "--no-ledger")
		case 1, 3:
			reached["gone"]++
			line := bytes.Replace(eventLine("gone", reached["gone"], 0), []byte(`"event"`), []byte(`"metric"`), 1)
			require.NoError(t, appendOnce(path, line))
			change("papyra-compact", "--drop-kind", "metric", "--max-records", "200")
		case 2:
			for n := 4; n > 0; n-- {
				_ = os.Rename(fmt.Sprint(path, ".", n), fmt.Sprint(path, ".", n+1))
			}
			require.NoError(t, os.Rename(path, path+".1"))
			done["rotation"]++
		case 4:
			pause.Lock()
			sees()
			require.NoError(t, os.Truncate(path, 0))
			pause.Unlock()
			done["truncation"]++
		}
		sees()
	}
	close(stop)
	writers.Wait()
	reached["marker"] = markers
	var got *tally
	until(t, "the follower has seen every record", func() bool {
		got = tallyBytes(seen.bytes(), reached, nil)
		return got.lost == 0
	})
	require.NoError(t, got.beside(refused).err())
	require.True(t, follower.running(), follower.out.String())
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	until(t, "the follower ends", func() bool { return !follower.running() })
	require.Equal(t, 130, cmd.ProcessState.ExitCode())
	total := 0
	for _, n := range reached {
		total += n
	}
	t.Logf("%v, %d refused; each of %d records once", done, refused, total)
	leftovers, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	require.NoError(t, err)
	require.Empty(t, leftovers)
}
