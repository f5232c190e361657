package simfs_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// contents returns what path may hold after a power loss; "-" where it is missing.
func contents(fs *simfs.FS, path string) map[string]bool {
	out := map[string]bool{}
	fs.Crashes(func(c *simfs.FS) {
		got, ok := c.Get(path)
		if !ok {
			got = "-"
		}
		out[got] = true
	})
	return out
}

func create(t *testing.T, fs *simfs.FS, path string) durable.File {
	t.Helper()
	f, err := fs.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	require.NoError(t, err)
	return f
}

func TestWhatAPowerLossLeaves(t *testing.T) {
	fs := simfs.New("/d")
	f := create(t, fs, "/d/a")
	data := strings.Repeat("x", 512) + strings.Repeat("y", 100)
	_, err := f.WriteAt([]byte(data), 0)
	require.NoError(t, err)
	nul := strings.Repeat("\x00", 512)
	require.Equal(t, map[string]bool{
		"-": true, "": true, data: true,
		nul + nul[:100]:                          true, // the size without the data
		data[:512]:                               true, // a size on the way
		nul:                                      true,
		nul + data[512:]:                         true, // one sector missing, or the other
		data[:512] + strings.Repeat("\x00", 100): true,
	}, contents(fs, "/d/a"))

	require.NoError(t, f.Sync())
	require.Equal(t, map[string]bool{"-": true, data: true}, contents(fs, "/d/a"), "the name is not safe yet")
	require.NoError(t, fs.SyncDir("/d"))
	require.Equal(t, map[string]bool{data: true}, contents(fs, "/d/a"))

	fs.Put("/d/b", "bee")
	require.NoError(t, fs.Exchange("/d/a", "/d/b"))
	require.Equal(t, map[string]bool{data: true, "bee": true}, contents(fs, "/d/a"))
	require.NoError(t, fs.Remove("/d/b"))
	require.Equal(t, map[string]bool{data: true, "bee": true, "-": true}, contents(fs, "/d/b"))
}

func TestAFailedSyncLosesThePages(t *testing.T) {
	fs := simfs.New("/d")
	f := create(t, fs, "/d/a")
	require.NoError(t, fs.SyncDir("/d"))
	_, _, err := f.Append([]byte("lost"))
	require.NoError(t, err)
	fs.Fault = func(op simfs.Op) simfs.Fault { return simfs.Fault{Err: syscall.EIO} }
	require.ErrorIs(t, f.Sync(), syscall.EIO)
	fs.Fault = nil
	require.NoError(t, f.Sync(), "as if all were well")
	require.Equal(t, map[string]bool{"": true}, contents(fs, "/d/a"))
	got, _ := fs.Get("/d/a")
	require.Equal(t, "lost", got, "readers see it until the power is gone")
}

func TestLeases(t *testing.T) {
	fs := simfs.New("/d")
	fs.Put("/d/a", "")
	f, err := fs.OpenFile("/d/a", os.O_RDONLY, 0)
	require.NoError(t, err)
	w := fs.Writer()
	require.True(t, w.Lookup("/d/a"))
	require.True(t, w.Open())
	require.ErrorIs(t, f.SetLease(durable.ReadLease), durable.ErrBusy)
	w.Close()
	require.NoError(t, f.SetLease(durable.ReadLease))
	require.ErrorIs(t, f.SetLease(durable.WriteLease), nil, "alone, it may be made stronger")
	require.NoError(t, f.SetLease(durable.ReadLease))
	require.False(t, w.Open(), "it has to wait")
	l, err := f.Lease()
	require.NoError(t, err)
	require.Equal(t, durable.NoLease, l, "a break has begun")
	kept, err := f.Unlease()
	require.NoError(t, err)
	require.True(t, kept)
	require.True(t, w.Open())
	w.Close()
	_, err = fs.OpenFile("/d/a", os.O_RDWR, 0)
	require.NoError(t, err)
	require.ErrorIs(t, f.SetLease(durable.WriteLease), durable.ErrBusy, "somebody else has it open")
}
