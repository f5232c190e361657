package simfs

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/papyra-tools/papyra/internal/durable"
)

// OpenFile implements [durable.FS].
func (f *FS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if fault := f.step("OpenFile", name); fault.Err != nil {
		return nil, fault.Err
	}
	d, base := f.split(name)
	if d == nil {
		return nil, notExist("open", name)
	}
	n := d.cur[base]
	switch {
	case n != nil && flag&os.O_EXCL != 0:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	case n == nil && flag&os.O_CREATE == 0:
		return nil, notExist("open", name)
	case n == nil:
		n = f.newNode(d)
		n.meta.Mode = perm
		d.set(map[string]*node{base: n})
	}
	write := flag&(os.O_WRONLY|os.O_RDWR) != 0
	if n.blocks(write) {
		n.broken, n.weaker = n.broken || write, true
		if flag&durable.NonBlock == 0 {
			panic(fmt.Sprintf("opening %s would wait for our own lease for ever", name))
		}
		return nil, fmt.Errorf("open %s: %w", name, durable.ErrBusy)
	}
	h := &file{fs: f, node: n, name: name, write: write}
	n.opens = append(n.opens, h)
	return h, nil
}

// blocks reports whether a lease makes a new opener wait.
func (n *node) blocks(write bool) bool {
	return n.kind == durable.WriteLease || n.kind == durable.ReadLease && write
}

func (f *FS) info(n *node) durable.Info {
	info := durable.Info{Dev: n.dev, Ino: n.ino, Size: int64(len(n.cur)), Mode: n.meta.Mode, UID: n.meta.UID, ModTime: f.clock}
	for _, d := range f.dirs {
		for _, other := range d.cur {
			if other == n {
				info.Links++
			}
		}
	}
	return info
}

// Lstat implements [durable.FS].
func (f *FS) Lstat(name string) (durable.Info, error) {
	if fault := f.step("Lstat", name); fault.Err != nil {
		return durable.Info{}, fault.Err
	}
	if d := f.dirs[filepath.Clean(name)]; d != nil {
		return durable.Info{Dev: d.dev, Ino: 1, Mode: fs.ModeDir | 0o755, Links: 1}, nil
	}
	d, base := f.split(name)
	if d == nil || d.cur[base] == nil {
		return durable.Info{}, notExist("lstat", name)
	}
	return f.info(d.cur[base]), nil
}

// Place implements [durable.FS]: what is named is what is there.
func (f *FS) Place(name string) (durable.Place, error) {
	fault := f.step("Place", name)
	return durable.Place{Path: name, At: name}, fault.Err
}

// Resolve implements [durable.FS]; there are no symbolic links here.
func (f *FS) Resolve(name string) (string, error) {
	if fault := f.step("Resolve", name); fault.Err != nil {
		return "", fault.Err
	}
	d, base := f.split(name)
	if f.dirs[filepath.Clean(name)] == nil && (d == nil || d.cur[base] == nil) {
		return "", notExist("lstat", name)
	}
	return filepath.Clean(name), nil
}

// Remove implements [durable.FS].
func (f *FS) Remove(name string) error {
	if fault := f.step("Remove", name); fault.Err != nil {
		return fault.Err
	}
	d, base := f.split(name)
	if d == nil || d.cur[base] == nil {
		return notExist("remove", name)
	}
	d.set(map[string]*node{base: nil})
	return nil
}

// Rename implements [durable.FS], within one directory.
func (f *FS) Rename(from, to string) error {
	if fault := f.step("Rename", from); fault.Err != nil {
		return fault.Err
	}
	d, base := f.split(from)
	e, other := f.split(to)
	if d == nil || d.cur[base] == nil || d != e {
		return notExist("rename", from)
	}
	if d.cur[base] == d.cur[other] {
		return nil // of two names of one file both stay
	}
	d.set(map[string]*node{other: d.cur[base], base: nil})
	return nil
}

// Exchange implements [durable.FS].
func (f *FS) Exchange(a, b string) error {
	if fault := f.step("Exchange", a); fault.Err != nil {
		return fault.Err
	}
	if f.NoSwap {
		return durable.ErrNoExchange
	}
	d, first := f.split(a)
	e, second := f.split(b)
	if d == nil || d != e || d.cur[first] == nil || d.cur[second] == nil {
		return notExist("exchange", a)
	}
	d.set(map[string]*node{first: d.cur[second], second: d.cur[first]})
	return nil
}

// Link implements [durable.FS].
func (f *FS) Link(from, to string) error {
	if fault := f.step("Link", to); fault.Err != nil {
		return fault.Err
	}
	d, base := f.split(from)
	e, other := f.split(to)
	if d == nil || e == nil || d.cur[base] == nil {
		return notExist("link", from)
	}
	if d.dev != e.dev {
		return &fs.PathError{Op: "link", Path: to, Err: syscall.EXDEV}
	}
	if e.cur[other] != nil {
		return &fs.PathError{Op: "link", Path: to, Err: fs.ErrExist}
	}
	e.set(map[string]*node{other: d.cur[base]})
	return nil
}

// MkdirAll implements [durable.FS]; the directory must be there already.
func (f *FS) MkdirAll(name string, _ fs.FileMode) error {
	if fault := f.step("MkdirAll", name); fault.Err != nil {
		return fault.Err
	}
	if f.dirs[filepath.Clean(name)] == nil {
		return notExist("mkdir", name)
	}
	return nil
}

// SyncDir implements [durable.FS]. After a failure the names may never get to
// the disk.
func (f *FS) SyncDir(name string) error {
	fault := f.step("SyncDir", name)
	d := f.dirs[filepath.Clean(name)]
	if d == nil {
		return notExist("open", name)
	}
	if fault.Err != nil {
		return fault.Err
	}
	d.disk = apply(d.disk, d.pending, func(int) bool { return true })
	d.pending = nil
	f.moves++
	return nil
}

// Free implements [durable.FS].
func (f *FS) Free(name string) (int64, error) {
	fault := f.step("Free", name)
	return f.Space, fault.Err
}

// KeepsLeases implements [durable.FS].
func (f *FS) KeepsLeases(string) error { return f.NoLease }

// Mounts implements [durable.FS].
func (f *FS) Mounts(name string) ([]durable.Mount, int, error) {
	if fault := f.step("Mounts", name); fault.Err != nil {
		return nil, 0, fault.Err
	}
	d, base := f.split(name)
	if d == nil || !slices.Contains(f.bound, d.cur[base]) {
		return nil, 0, nil
	}
	return []durable.Mount{{PID: 4711, Command: "container", Point: "/mounted"}}, 0, nil
}

// Life implements [durable.FS].
func (f *FS) Life(string) string { return fmt.Sprint("life ", f.life) }

// Names implements [durable.FS].
func (f *FS) Names(name string) ([]string, error) {
	if fault := f.step("Names", name); fault.Err != nil {
		return nil, fault.Err
	}
	d := f.dirs[filepath.Clean(name)]
	if d == nil {
		return nil, notExist("open", name)
	}
	return slices.Sorted(maps.Keys(d.cur)), nil
}

// Now implements [durable.FS]; Sleep moves the clock, and what Takes says.
func (f *FS) Now() time.Time { return f.clock }

// Sleep implements [durable.FS]; it is an operation, so that others can act
// meanwhile.
func (f *FS) Sleep(d time.Duration) {
	f.clock = f.clock.Add(d)
	f.step("Sleep", "")
}
