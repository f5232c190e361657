package durable_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
)

// An appender has the lock for moments, again and again. That is no maintenance
// run, and no reason to send a rewrite away, even one that is not to wait.
func TestBeginBesideAnAppender(t *testing.T) {
	path := newLog(t, "one\n")
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, unix.Flock(int(f.Fd()), unix.LOCK_EX))
	released := make(chan error, 1)
	go func() {
		time.Sleep(20 * time.Millisecond)
		released <- unix.Flock(int(f.Fd()), unix.LOCK_UN)
	}()
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, <-released)
	require.NoError(t, err)
	_, err = durable.Begin(t.Context(), path, quick())
	require.ErrorIs(t, err, durable.ErrLocked)
	require.NoError(t, s.Close())
}
