package live_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

const (
	hammerPython = 4 // writers of each language, at least what the promise names
	hammerGo     = 4
	// hammerPause is what each writer sleeps between two records: without it
	// eight of them leave a machine of few cores no time to swap.
	hammerPause = 200 * time.Microsecond
)

// swapper replaces the log once, and reports whether it did. A rewrite that was
// refused since a writer did not get the processor for the whole stall budget
// between its open and its close is no fault: it replaced nothing.
type swapper func(t testing.TB, path string, round int) bool

// programSwap puts something into the log that is to go, and has the programs
// take it out: garbage for the repair, or a record out of old times for the
// compaction by age.
func programSwap(t testing.TB, path string, round int) bool {
	var got result
	if round%2 == 1 && has(t, "papyra-compact") {
		require.NoError(t, appendOnce(path, oldRecord))
		got = run(t, nil, "papyra-compact", "--quiet", "--linger", "1ms", "--max-age", "30d", path)
	} else {
		require.NoError(t, appendOnce(path, garbage[round/2%len(garbage)]))
		got = run(t, nil, "papyra-repair", "--no-ledger", "--quiet", "--linger", "1ms", path)
	}
	if got.code == 1 {
		require.Contains(t, got.errout, "keeps it open for writing", "round %d", round)
		t.Logf("round %d: %s", round, got.errout)
		return false
	}
	require.Zero(t, got.code, "round %d: %s%s", round, got.out, got.errout)
	return true
}

// oldRecord is what a compaction by age drops.
var oldRecord = []byte(`{"kind":"metric","timestamp":1,"name":"old"}` + "\n")

func isInjected(line []byte) bool { return isGarbage(line) || string(line) == string(oldRecord) }

// hammer has all writers append count records each while the log is replaced
// again and again, and counts.
func hammer(t testing.TB, count int, swap swapper) (got *tally, swaps, refused int) {
	t.Helper()
	testtool.Programs(t) // built before the clock of any writer starts
	path := filepath.Join(t.TempDir(), "events.ndjson")
	// A log of nothing but old records makes a compaction by age doubt the
	// clock.
	require.NoError(t, os.WriteFile(path, appendInput("seed", 1), 0o644))
	reached := map[string]int{"seed": 1}
	var writers []*process
	for i := range hammerGo {
		name := fmt.Sprintf("go%d", i)
		reached[name] = count
		writers = append(writers, start(t, role("write", writerArgs(path, name, 1, count, 40*i, hammerPause)...)))
	}
	for i := range hammerPython {
		name := fmt.Sprintf("py%d", i)
		reached[name] = count
		writers = append(writers, start(t, pythonWriter(t, writerArgs(path, name, 1, count, 200*i, hammerPause))))
	}
	alive := func() bool {
		for _, w := range writers {
			if w.running() {
				return true
			}
		}
		return false
	}
	for round := 0; alive(); round++ {
		if swap(t, path, round) {
			swaps++
		} else {
			refused++
		}
	}
	for _, w := range writers {
		w.wait()
	}
	got, err := tallyFile(path, reached, isInjected)
	require.NoError(t, err)
	require.Subset(t, []string{"events.ndjson", "events.ndjson.tmp"}, entries(t, filepath.Dir(path)))
	return got, swaps, refused
}

// TestHammer sets four writers in Python and four in Go, none of which takes a
// lock, against repairs and compactions that run all the time. Every record
// must be there once, whole, and in the order of its writer unless a run was
// refused. It runs in epochs, each with a log of its own, so that the log stays
// small and the swaps frequent.
//
//	PAPYRA_TORTURE=1 PAPYRA_TORTURE_APPENDS=10000000 PAPYRA_TORTURE_SWAPS=10000 go test ./internal/e2e/live -run 'TestHammer$' -timeout 0 -v
func TestHammer(t *testing.T) {
	testtool.Need(t, "python3")
	appends := amount(t, "PAPYRA_TORTURE_APPENDS", 24_000, 10_000_000)
	swaps := amount(t, "PAPYRA_TORTURE_SWAPS", 20, 10_000)
	const writers = hammerPython + hammerGo
	count := min(appends/writers, 4000)
	began := time.Now()
	doneAppends, doneSwaps, refused := 0, 0, 0
	for epoch := 0; doneAppends < appends || doneSwaps < swaps; epoch++ {
		t.Run(fmt.Sprint("epoch", epoch), func(t *testing.T) {
			got, n, no := hammer(t, count, programSwap)
			require.NoError(t, got.beside(no).err())
			doneAppends += writers * count
			doneSwaps += n
			refused += no
		})
		require.False(t, t.Failed())
		if epoch%50 == 49 {
			t.Logf("%d appends, %d swaps, %d refused so far", doneAppends, doneSwaps, refused)
		}
	}
	t.Logf("%d appends by %d writers during %d swaps (%d refused) in %s: 0 lost, 0 twice, 0 torn, in order where none was refused",
		doneAppends, writers, doneSwaps, refused, time.Since(began).Round(time.Second))
}

// TestHammerCatchesPlanted has the hammer look at a swap that is known to lose
// records: read, write a temporary file, rename. A hammer that did not see it
// would prove nothing.
func TestHammerCatchesPlanted(t *testing.T) {
	testtool.OnlyInCI(t, "a test of the test")
	testtool.Need(t, "python3")
	naive := func(t testing.TB, path string, _ int) bool {
		require.NoError(t, appendOnce(path, garbage[0]))
		require.NoError(t, renameSwap(path))
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
		return true
	}
	for try := 1; ; try++ {
		got, swaps, _ := hammer(t, 1000, naive)
		t.Logf("read-then-rename, %d swaps: %s", swaps, got)
		if got.lost > 0 {
			require.Error(t, got.err())
			return
		}
		require.Less(t, try, 20, "the hammer never saw a lost record of a swap that loses them")
	}
}
