package durable_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
)

// overlay mounts an overlay whose lower layer holds a log, as a container image
// may.
func overlay(t *testing.T, content string) (path string) {
	t.Helper()
	dir := smallDisk(t, "4m") // an upper layer cannot itself be on an overlay
	for _, d := range []string{"lower", "upper", "work", "merged"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lower", "events.ndjson"), []byte(content), 0o644))
	merged := filepath.Join(dir, "merged")
	options := "lowerdir=" + dir + "/lower,upperdir=" + dir + "/upper,workdir=" + dir + "/work"
	if err := unix.Mount("overlay", merged, "overlay", 0, options); err != nil {
		t.Skip("cannot mount an overlay: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(merged, unix.MNT_DETACH) })
	return filepath.Join(merged, "events.ndjson")
}

// A log that only the lower layer has is copied up by its first writer, after
// the session opened it for reading: what is appended then must be seen, and
// writers must be noticed.
func TestLogInALowerLayer(t *testing.T) {
	path := overlay(t, "a\nb\n")
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	defer s.Close()
	out, err := s.Create()
	require.NoError(t, err)
	require.NoError(t, appendOnce(path, "c\n"))
	_, err = io.WriteString(out, "b\n")
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), 4)
	require.NoError(t, err)
	require.Equal(t, "b\nc\n", read(t, path))
}

func TestAppendToALowerLayer(t *testing.T) {
	path := overlay(t, "a\ntorn")
	a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{})
	require.NoError(t, err)
	defer a.Close()
	for range 2 {
		_, err = a.Append([]byte("b\n"))
		require.NoError(t, err)
	}
	require.NoError(t, a.Sync())
	require.Equal(t, "a\ntorn\nb\nb\n", read(t, path))
}

func TestHeldInALowerLayer(t *testing.T) {
	path := overlay(t, "a\nb\n")
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	defer s.Close()
	_, err = s.Create()
	require.NoError(t, err)
	h := hold(t, path)
	_, err = s.Commit(t.Context(), 4)
	var held *durable.WriterHoldsLogError
	require.ErrorAs(t, err, &held)
	require.Contains(t, pids(held.Holders), h.cmd.Process.Pid)
	h.write(t, "c")
	require.Equal(t, "a\nb\nc\n", read(t, path))
}
