package live_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// screen is what a reader printed so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.text.Bytes())
}

// TestReaderFollows: `tail -F` follows the log by its name. After a rewrite it
// says that the file has been replaced and prints the new one from its start:
// it sees every record at least once, and what was retained again. It neither
// stands in the way of the rewrite nor is cut off by it.
func TestReaderFollows(t *testing.T) {
	t.Parallel()
	tail := testtool.Need(t, "tail")
	path := damagedLog(t)
	var seen screen
	cmd := exec.Command(tail, "-n", "+1", "-F", path)
	cmd.Stdout = &seen
	reader := start(t, cmd)
	until(t, "the reader is at it", func() bool { return len(seen.bytes()) > 0 })
	bg := startBackground(path, "bg", 500*time.Microsecond)
	const swaps = 5
	for round := range swaps {
		require.True(t, programSwap(t, path, 2*round), "round %d", round)
		marker := eventLine("marker", round+1, 0)
		require.NoError(t, appendOnce(path, marker))
		until(t, "the reader sees what is appended after the swap", func() bool { return bytes.Contains(seen.bytes(), marker) })
	}
	n, err := bg.stop()
	require.NoError(t, err)
	reached := map[string]int{"seed": seedRecords, "bg": n, "marker": swaps}
	log, err := tallyFile(path, reached, nil)
	require.NoError(t, err)
	require.NoError(t, log.err())
	var got *tally
	until(t, "the reader has seen every record", func() bool {
		got = tallyBytes(seen.bytes(), reached, isGarbage)
		return got.lost == 0
	})
	require.True(t, reader.running(), reader.out.String())
	require.Positive(t, got.twice, "nothing was sent again: RELIABILITY.md says that it is")
	require.Zero(t, got.torn, "%v", got.notes)
	t.Logf("%d swaps; the reader saw each of %d records, %d of them again", swaps, len(reached)+n, got.twice)
	require.Equal(t, []string{"events.ndjson"}, entries(t, filepath.Dir(path)))
}
