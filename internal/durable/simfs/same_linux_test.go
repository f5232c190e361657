package simfs_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// opened is one file that both have open.
type opened struct {
	f     [2]durable.File
	write bool
}

// twins are a simulated file system and the real one, to which the same is
// done.
type twins struct {
	fs    [2]durable.FS
	dir   [2]string
	files []opened
	lease int // the open file that has a lease; -1: none
}

// kind is what an error says, whoever says it.
func kind(err error) string {
	for name, target := range map[string]error{"busy": durable.ErrBusy, "exists": fs.ErrExist, "missing": fs.ErrNotExist,
		"closed": fs.ErrClosed, "not for writing": syscall.EBADF, "end": io.EOF, "too short": io.ErrUnexpectedEOF} {
		if errors.Is(err, target) {
			return name
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// both does the same to both and wants the same answer.
func (w *twins) both(t *rapid.T, what string, do func(side int) (any, error)) (ok bool) {
	sim, serr := do(0)
	real, rerr := do(1)
	require.Equal(t, kind(rerr), kind(serr), "%s: %v; %v", what, rerr, serr)
	require.Equal(t, real, sim, what)
	return serr == nil
}

// TestAsTheRealOne does the same at random to a simulated file system and to
// the real one. Both must answer alike.
func TestAsTheRealOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		real, err := os.MkdirTemp("", "simfs")
		require.NoError(t, err)
		defer os.RemoveAll(real)
		w := &twins{fs: [2]durable.FS{simfs.New("/d"), durable.OS()}, dir: [2]string{"/d", real}, lease: -1}
		defer func() {
			for _, f := range w.files {
				_ = f.f[1].Close()
			}
		}()
		t.Repeat(map[string]func(*rapid.T){
			"open":   w.open,
			"change": w.change,
			"lease":  w.leases,
			"name":   w.rename,
			"look":   w.look,
			"close":  w.close,
		})
	})
}

func (w *twins) name(t *rapid.T, side string) func(int) string {
	base := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, side)
	return func(side int) string { return filepath.Join(w.dir[side], base) }
}

// file draws one of the open files.
func (w *twins) file(t *rapid.T) (int, opened) {
	if len(w.files) == 0 {
		t.Skip("nothing is open")
	}
	i := rapid.IntRange(0, len(w.files)-1).Draw(t, "file")
	return i, w.files[i]
}

func (w *twins) open(t *rapid.T) {
	name := w.name(t, "name")
	flag := rapid.SampledFrom([]int{os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREATE, os.O_RDWR | os.O_CREATE | os.O_EXCL}).Draw(t, "flag")
	var f [2]durable.File
	if w.both(t, "open", func(side int) (_ any, err error) {
		f[side], err = w.fs[side].OpenFile(name(side), flag|durable.NonBlock|durable.NoFollow, 0o600)
		return nil, err
	}) {
		w.files = append(w.files, opened{f, flag&os.O_RDWR != 0})
	}
}

func (w *twins) change(t *rapid.T) {
	_, open := w.file(t)
	data := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "data")
	off := rapid.Int64Range(0, 40).Draw(t, "offset")
	_, from := w.file(t)
	what := rapid.SampledFrom([]string{"WriteAt", "Append", "Reserve", "Truncate", "Chmod", "Sync", "CopyFrom"}).Draw(t, "what")
	type put struct{ off, n int64 }
	w.both(t, what, func(side int) (any, error) {
		f, from := open.f[side], from.f[side]
		switch what {
		case "WriteAt":
			n, err := f.WriteAt(data, off)
			return put{n: int64(n)}, err
		case "Append":
			off, n, err := f.Append(data)
			return put{off, int64(n)}, err
		case "Reserve":
			off, n, err := f.Reserve(off + 1)
			return put{off, n}, err
		case "Truncate":
			err := f.Truncate(off)
			if errors.Is(err, syscall.EINVAL) { // what Linux says of a file that is not open for writing
				err = syscall.EBADF
			}
			return nil, err
		case "Chmod":
			return nil, f.Chmod(0o640)
		case "CopyFrom":
			info, err := from.Stat()
			if err != nil || !open.write || f == from || info.Size <= off/2 { // a part may be copied then, or nothing
				return nil, err
			}
			return f.CopyFrom(from, off/2, off, min(off/2+1, info.Size-off/2))
		}
		return nil, f.Sync()
	})
}

func (w *twins) leases(t *rapid.T) {
	i, f := w.file(t)
	if w.lease >= 0 && w.lease != i {
		t.Skip("another file has a lease")
	}
	l := rapid.SampledFrom([]durable.Lease{durable.ReadLease, durable.WriteLease, durable.NoLease}).Draw(t, "lease")
	if l == durable.NoLease {
		w.lease = -1
		w.both(t, "Unlease", func(side int) (any, error) { return f.f[side].Unlease() })
		return
	}
	if w.both(t, "SetLease", func(side int) (any, error) { return nil, f.f[side].SetLease(l) }) {
		w.lease = i
	}
}

func (w *twins) rename(t *rapid.T) {
	from, to := w.name(t, "from"), w.name(t, "to")
	what := rapid.SampledFrom([]string{"Remove", "Rename", "Exchange", "Link", "SyncDir"}).Draw(t, "what")
	w.both(t, what, func(side int) (any, error) {
		fs := w.fs[side]
		switch what {
		case "Remove":
			return nil, fs.Remove(from(side))
		case "Rename":
			return nil, fs.Rename(from(side), to(side))
		case "Exchange":
			return nil, fs.Exchange(from(side), to(side))
		case "Link":
			return nil, fs.Link(from(side), to(side))
		}
		return nil, fs.SyncDir(w.dir[side])
	})
}

// seen is what of an Info does not depend on when and where.
type seen struct {
	size  int64
	mode  fs.FileMode
	links uint64
}

func (w *twins) look(t *rapid.T) {
	name := w.name(t, "name")
	w.both(t, "Lstat", func(side int) (any, error) {
		info, err := w.fs[side].Lstat(name(side))
		return seen{info.Size, info.Mode, info.Links}, err
	})
	w.both(t, "Resolve", func(side int) (any, error) {
		path, err := w.fs[side].Resolve(name(side))
		return filepath.Base(path), err
	})
	w.both(t, "Names", func(side int) (any, error) {
		names, err := w.fs[side].Names(w.dir[side])
		slices.Sort(names)
		return len(names), err
	})
	_, f := w.file(t)
	w.both(t, "Stat", func(side int) (any, error) {
		info, err := f.f[side].Stat()
		return seen{info.Size, info.Mode, info.Links}, err
	})
	off := rapid.Int64Range(0, 40).Draw(t, "offset")
	w.both(t, "ReadAt", func(side int) (any, error) {
		buf := make([]byte, 30)
		n, err := f.f[side].ReadAt(buf, off)
		return string(buf[:n]), err
	})
	w.both(t, "Lease", func(side int) (any, error) { return f.f[side].Lease() })
	w.both(t, "Lock", func(side int) (any, error) { return nil, f.f[side].Lock() })
	if rapid.Bool().Draw(t, "unlock") {
		w.both(t, "Unlock", func(side int) (any, error) { return nil, f.f[side].Unlock() })
	}
}

func (w *twins) close(t *rapid.T) {
	i, f := w.file(t)
	w.both(t, "Close", func(side int) (any, error) { return nil, f.f[side].Close() })
	w.files = slices.Delete(w.files, i, i+1)
	switch {
	case w.lease == i:
		w.lease = -1
	case w.lease > i:
		w.lease--
	}
}
