package simfs_test

import (
	"io"
	iofs "io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// contents returns what path may hold after a power loss; "-" where it is
// missing.
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

// Of many sectors all prefixes are taken, all but one, and one alone; of new
// ones that are missing, what was there before may show.
func TestManySectors(t *testing.T) {
	fs := simfs.New("/d")
	fs.Garbage = true
	f := create(t, fs, "/d/a")
	require.NoError(t, fs.SyncDir("/d"))
	data := strings.Repeat("x", 512*6)
	_, err := f.WriteAt([]byte(data), 0)
	require.NoError(t, err)
	junk := strings.Repeat("#", 512)
	left := contents(fs, "/d/a")
	for i := range 6 {
		at := 512 * i
		require.Contains(t, left, data[:at]+junk+data[at+512:])
		require.Contains(t, left, strings.Repeat(junk, i)+data[:512]+strings.Repeat(junk, 5-i))
		require.Contains(t, left, data[:at]+strings.Repeat(junk, 6-i))
	}
}

// What is done with a descriptor of a process that is dead has no effect; its
// locks and leases go, its writes stay.
func TestWhatAKilledProcessLeaves(t *testing.T) {
	fs := simfs.New("/d")
	fs.Put("/d/a", "a\n")
	f, err := fs.OpenFile("/d/a", os.O_RDWR, 0)
	require.NoError(t, err)
	_, _, err = f.Append([]byte("b\n"))
	require.NoError(t, err)
	require.NoError(t, f.Lock())
	require.NoError(t, f.SetLease(durable.WriteLease))
	key := fs.Key()
	require.Equal(t, key, fs.Clone().Key(), "but for descriptors a copy is the same")
	require.NoError(t, fs.Rename("/d/a", "/d/b"))
	require.NotEqual(t, key, fs.Key())
	w := fs.Writer()
	require.True(t, w.Lookup("/d/b"))
	require.False(t, w.Open())
	w.ForceOpen()
	require.Equal(t, []durable.Holder{{PID: 4711, Command: "producer", FD: 3}}, fs.Holders(durable.Info{Ino: w.Ino()}))
	fs.Die()
	for what, do := range map[string]func() error{
		"write": func() error { _, err := f.WriteAt([]byte("c"), 0); return err },
		"read":  func() error { _, err := f.ReadAt(make([]byte, 1), 0); return err },
		"cut":   func() error { return f.Truncate(0) },
		"chmod": func() error { return f.Chmod(0) },
		"sync":  f.Sync,
		"lock":  f.Lock,
		"close": f.Close,
		"open":  func() error { _, err := fs.OpenFile("/d/b", os.O_RDWR, 0); return err },
		"names": func() error { _, err := fs.Names("/d"); return err },
	} {
		require.Error(t, do(), what)
	}
	fs.Restart()
	got, _ := fs.Get("/d/b")
	require.Equal(t, "a\nb\n", got)
	g, err := fs.OpenFile("/d/b", os.O_RDONLY, 0)
	require.NoError(t, err)
	require.NoError(t, g.Lock())
	require.ErrorIs(t, g.SetLease(durable.ReadLease), durable.ErrBusy, "the writer lives on")
	w.Write("c\n")
	w.Sync()
	w.Close()
	require.NoError(t, g.SetLease(durable.ReadLease))
	require.False(t, fs.Cut("/d/b", 0), "who would cut has to wait")
	require.ErrorIs(t, f.Sync(), iofs.ErrClosed)
}

// TestOthers is what others do, which is no operation of the process under
// test.
func TestOthers(t *testing.T) {
	fs := simfs.New("/d")
	fs.Put("/d/a", "a\nb\n")
	ino, moves := fs.Ino("/d/a"), fs.Moves()
	fs.Hardlink("/d/a", "/d/b")
	fs.MoveAway("/d/a", "/d/c")
	require.True(t, fs.Cut("/d/b", 2))
	require.False(t, fs.Cut("/d/none", 2))
	fs.MoveAway("/d/none", "/d/x")
	fs.Hardlink("/d/none", "/d/x")
	fs.Give("/d/b", 7)
	require.Equal(t, []string{"/d/b", "/d/c"}, fs.Files())
	require.Zero(t, fs.Ino("/d/a"))
	require.Equal(t, ino, fs.Ino("/d/c"))
	got, _ := fs.Get("/d/c")
	require.Equal(t, "a\n", got)
	require.EqualValues(t, 7, fs.Meta("/d/c").UID)
	require.Greater(t, fs.Moves(), moves)
	require.Zero(t, fs.Ops())

	fs.AddDir("/e", 2)
	require.ErrorIs(t, fs.Link("/d/b", "/e/b"), syscall.EXDEV)
	require.NoError(t, fs.MkdirAll("/e", 0o700))
	require.Error(t, fs.MkdirAll("/none", 0o700))
	at, err := fs.Place("/d/b")
	require.NoError(t, err)
	require.Equal(t, durable.Place{Path: "/d/b", At: "/d/b"}, at)
	fs.Put("/d/m", "")
	fs.Mount("/d/m")
	require.NoError(t, fs.Rename("/d/m", "/d/b"))
	for name, n := range map[string]int{"/d/b": 1, "/d/c": 0} {
		found, unseen, err := fs.Mounts(name)
		require.NoError(t, err)
		require.Zero(t, unseen)
		require.Len(t, found, n, name)
	}
	free, err := fs.Free("/d")
	require.NoError(t, err)
	require.Equal(t, fs.Space, free)
	require.NoError(t, fs.KeepsLeases("/d"))
	fs.NoSwap = true
	require.ErrorIs(t, fs.Exchange("/d/b", "/d/c"), durable.ErrNoExchange)
	require.Equal(t, 9, fs.Ops())
}

// An owner that was not fsynced is lost with the power, and so is the page
// cache: its life is another one then.
func TestMetadataAndTime(t *testing.T) {
	fs := simfs.New("/d")
	fs.Put("/d/a", "a\n")
	from, err := fs.OpenFile("/d/a", os.O_RDONLY, 0)
	require.NoError(t, err)
	f := create(t, fs, "/d/b")
	require.NoError(t, fs.SyncDir("/d"))
	require.NoError(t, f.CopyMeta(from))
	require.Equal(t, fs.Meta("/d/a"), fs.Meta("/d/b"))
	fs.Crashes(func(c *simfs.FS) {
		require.NotEqual(t, fs.Meta("/d/b"), c.Meta("/d/b"))
		require.NotEqual(t, fs.Life("/d"), c.Life("/d"))
	})
	require.NoError(t, f.Sync())
	fs.Crashes(func(c *simfs.FS) { require.Equal(t, fs.Meta("/d/a"), c.Meta("/d/b")) })
	require.Equal(t, fs.Life("/d"), fs.Clone().Life("/d"))

	began := fs.Now()
	fs.Takes = func(simfs.Op) time.Duration { return time.Second }
	fs.Sleep(time.Minute)
	require.Equal(t, time.Minute+time.Second, fs.Now().Sub(began))
	fs.Fault = func(simfs.Op) simfs.Fault { return simfs.Fault{Partial: true} }
	off, n, err := f.Reserve(10)
	require.ErrorIs(t, err, io.ErrShortWrite)
	require.EqualValues(t, []int64{0, 5}, []int64{off, n})
	_, err = f.WriteAt([]byte("abcd"), 0)
	require.ErrorIs(t, err, io.ErrShortWrite)
	got, _ := fs.Get("/d/b")
	require.Equal(t, "ab\x00\x00\x00", got)
}
