package live_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestAppendBesideProducerAndCompaction is a log as it is in use: the producer
// in Python, papyra-append, and retention by age, all at once. The old records
// go, every other one is there once, in order unless a run was refused, and all
// of those that papyra-append acknowledged.
func TestAppendBesideProducerAndCompaction(t *testing.T) {
	t.Parallel()
	testtool.Program(t, "papyra-append")
	testtool.Program(t, "papyra-compact")
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, appendInput("seed", seedRecords), 0o644))
	count := amount(t, "PAPYRA_TORTURE_BESIDE", 1500, 100_000)
	reached := map[string]int{"seed": seedRecords}
	var writers []*process
	acks := map[string]*screen{}
	for i := range 2 {
		name := fmt.Sprintf("py%d", i)
		reached[name] = count
		writers = append(writers, start(t, pythonWriter(t, writerArgs(path, name, 1, count, 0, 200*time.Microsecond))))
		name = fmt.Sprintf("append%d", i)
		reached[name] = count
		acks[name] = &screen{}
		sync := []string{"batch", "always"}[i]
		cmd := exec.Command(testtool.Program(t, "papyra-append"), "--quiet", "--ack", "--sync", sync, path)
		cmd.Stdin, cmd.Stdout = bytes.NewReader(appendInput(name, count)), acks[name]
		writers = append(writers, start(t, cmd))
	}
	swaps, refused := 0, 0
	for anyRunning(writers) {
		require.NoError(t, appendOnce(path, oldRecord))
		before := inode(t, path)
		got := run(t, nil, "papyra-compact", "--quiet", "--linger", "1ms", "--wait", "30s", "--max-age", "30d", path)
		if got.code == 1 {
			require.Contains(t, got.errout, "keeps it open for writing")
			refused++
			continue
		}
		require.Zero(t, got.code, got.errout)
		require.NotEqual(t, before, inode(t, path))
		swaps++
	}
	for _, w := range writers {
		w.wait()
	}
	require.Positive(t, swaps)
	require.Zero(t, run(t, nil, "papyra-compact", "--quiet", "--linger", "1ms", "--max-age", "30d", path).code)
	sum, err := tallyFile(path, reached, nil)
	require.NoError(t, err)
	require.NoError(t, sum.beside(refused).err())
	for name, ack := range acks {
		acked, err := sumAcks(ack.bytes())
		require.NoError(t, err)
		require.Equal(t, count, acked, name)
	}
	require.Equal(t, []string{"events.ndjson"}, entries(t, filepath.Dir(path)))
	t.Logf("%d compactions (%d refused); %s", swaps, refused, sum)
}
