package appendlog_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/appendlog"
)

// Several writers, one log: every acknowledged line is there once and whole.
func TestAppendBesideOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte(`{"torn":`), 0o600))
	var wg sync.WaitGroup
	for w := range 4 {
		log, err := appendlog.Open(t.Context(), path)
		require.NoError(t, err)
		wg.Go(func() {
			for i := range 10 {
				assert.NoError(t, log.Append(fmt.Appendf(nil, "{\"w\":%d,\"i\":%d}\n", w, i)))
			}
			assert.NoError(t, log.Close())
		})
	}
	wg.Wait()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for w := range 4 {
		for i := range 10 {
			require.Equal(t, 1, bytes.Count(text, fmt.Appendf(nil, "\n{\"w\":%d,\"i\":%d}\n", w, i)))
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	log, err := appendlog.Open(t.Context(), filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	require.Error(t, log.Append([]byte("half a line")))
	require.NoError(t, log.Close())
	_, err = appendlog.Open(t.Context(), t.TempDir())
	require.Error(t, err, "a directory is no log")
	require.ErrorIs(t, log.Append([]byte("{}\n")), os.ErrClosed)
}
