package durable

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A rewrite that is running has the same files beside the log as one that was
// killed, and must not be taken for it.
func TestInterruptedLeavesARunningRewriteAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))
	require.NoError(t, os.WriteFile(path+".compact.tmp", nil, 0o600))
	s, err := Begin(context.Background(), path, Options{Offline: true})
	require.NoError(t, err)
	_, err = s.Create()
	require.NoError(t, err)

	all, err := Leftovers(path)
	require.NoError(t, err)
	require.Len(t, all, 2)
	dead, err := Interrupted(path)
	require.NoError(t, err)
	require.Len(t, dead, 1)
	require.Equal(t, "producer", dead[0].Kind)

	require.NoError(t, s.Close())
	require.NoError(t, os.WriteFile(journalName(path), nil, 0o600))
	dead, err = Interrupted(path)
	require.NoError(t, err)
	require.Len(t, dead, 2)
	require.Equal(t, "journal", dead[0].Kind)
}
