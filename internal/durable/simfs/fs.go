// Package simfs is a file system that exists only in memory, for tests of what a
// power loss, a kill, an I/O error or a concurrent writer does to package durable.
//
// It keeps for each file and directory what is in the page cache beside what is on the
// disk. [FS.Crashes] enumerates what a power loss may leave; [FS.Clone] is what a killed process leaves;
// Fault makes any operation fail; Hook runs before each operation, and may let a
// [Writer], another process, do something just then.
//
// A failed fsync behaves as on Linux: what it should have written is never written, and
// the next fsync says that all is well.
package simfs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"github.com/papyra-tools/papyra/internal/durable"
)

// Op is one operation that is about to be done.
type Op struct {
	N    int    // counts from 0
	Name string // of the method, e.g. "Exchange"
	Path string // of the file when it was opened
}

// Fault is how an operation fails.
type Fault struct {
	Err error
	// Partial lets a write put the first half of its bytes before it fails. With
	// a nil Err it is a short write.
	Partial bool
}

const firstIno = 11

// FS is one simulated file system. It is not safe for concurrent use.
type FS struct {
	Hook    func(Op)       // before each operation; may be nil
	Fault   func(Op) Fault // may be nil
	NoLease error          // what KeepsLeases answers
	NoSwap  bool           // names cannot be exchanged
	Space   int64          // what Free answers

	dirs  map[string]*dir
	held  []*node // every node that was ever made here: it may be open without a name
	n     int
	clock time.Time
	dead  bool
	moves int
}

// node is one inode.
type node struct {
	fs      *FS
	ino     uint64
	dev     uint64
	cur     []byte
	disk    []byte
	pending []change // since the last fsync, in order
	mode    fs.FileMode
	opens   []*file
	lock    *file
	lease   *file
	kind    durable.Lease
	broken  bool // a break of the lease has begun
}

// change is one write, or a truncation if data is nil.
type change struct {
	off  int64
	data []byte
}

// dir is one directory: what its names are, what they are on the disk, and what lies between.
type dir struct {
	fs      *FS
	dev     uint64
	cur     map[string]*node
	disk    map[string]*node
	pending []map[string]*node // nil node: the name goes
}

// New returns an empty file system with the given directories, all on one device.
func New(dirs ...string) *FS {
	f := &FS{dirs: map[string]*dir{}, clock: time.Unix(1_700_000_000, 0), Space: 1 << 40}
	for _, d := range dirs {
		f.AddDir(d, 1)
	}
	return f
}

// AddDir adds a directory on the given device.
func (f *FS) AddDir(name string, dev uint64) {
	f.dirs[filepath.Clean(name)] = &dir{fs: f, dev: dev, cur: map[string]*node{}, disk: map[string]*node{}}
}

// Put makes a file with that content, durable.
func (f *FS) Put(name, content string) {
	d, base := f.split(name)
	n := f.newNode(d)
	n.cur, n.disk = []byte(content), []byte(content)
	d.cur[base], d.disk[base] = n, n
}

// Get returns what a reader would see.
func (f *FS) Get(name string) (string, bool) {
	d, base := f.split(name)
	if d == nil || d.cur[base] == nil {
		return "", false
	}
	return string(d.cur[base].cur), true
}

// Ino returns the inode number, or 0.
func (f *FS) Ino(name string) uint64 {
	d, base := f.split(name)
	if d == nil || d.cur[base] == nil {
		return 0
	}
	return d.cur[base].ino
}

// Names lists all files, sorted.
func (f *FS) Names() []string {
	var names []string
	for path, d := range f.dirs {
		for base := range d.cur {
			names = append(names, filepath.Join(path, base))
		}
	}
	sort.Strings(names)
	return names
}

// Moves counts what changed cache or disk: as long as it stays, so do the crash states.
func (f *FS) Moves() int { return f.moves }

// Ops returns how many operations were done.
func (f *FS) Ops() int { return f.n }

// newNode gives out the lowest inode number that is free, as file systems like to do: a number
// in a stale journal may soon mean another file.
func (f *FS) newNode(d *dir) *node {
	used := map[uint64]bool{}
	note := func(names map[string]*node) {
		for _, n := range names {
			if n != nil {
				used[n.ino] = true
			}
		}
	}
	for _, d := range f.dirs {
		note(d.cur)
		note(d.disk)
		for _, p := range d.pending {
			note(p)
		}
	}
	for _, n := range f.held {
		used[n.ino] = used[n.ino] || len(n.opens) > 0
	}
	ino := uint64(firstIno)
	for used[ino] {
		ino++
	}
	n := &node{fs: f, ino: ino, dev: d.dev, mode: 0o644}
	f.held = append(f.held, n)
	return n
}

func (f *FS) split(name string) (*dir, string) {
	path, base := filepath.Split(filepath.Clean(name))
	return f.dirs[filepath.Clean(path)], base
}

// step counts an operation, lets the hook run and asks for a fault.
func (f *FS) step(name, path string) Fault {
	if f.dead {
		return Fault{Err: fmt.Errorf("%s %s after the kill", name, path)}
	}
	op := Op{N: f.n, Name: name, Path: path}
	f.n++
	if f.Hook != nil {
		f.Hook(op)
	}
	if f.Fault == nil {
		return Fault{}
	}
	fault := f.Fault(op)
	if fault.Err != nil {
		fault.Err = &fs.PathError{Op: name, Path: path, Err: fault.Err}
	}
	return fault
}

// set changes names, to be durable once the directory is fsynced.
func (d *dir) set(names map[string]*node) {
	for base, n := range names {
		if n == nil {
			delete(d.cur, base)
		} else {
			d.cur[base] = n
		}
	}
	d.pending = append(d.pending, names)
	d.fs.moves++
}

func notExist(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

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
		n.mode = perm
		d.set(map[string]*node{base: n})
	}
	write := flag&(os.O_WRONLY|os.O_RDWR) != 0
	if n.blocks(write) {
		n.broken = true
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
	info := durable.Info{Dev: n.dev, Ino: n.ino, Size: int64(len(n.cur)), Mode: n.mode, ModTime: f.clock}
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

// SyncDir implements [durable.FS]. After a failure the names may never get to the disk.
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

// Now implements [durable.FS]; only Sleep moves the clock.
func (f *FS) Now() time.Time { return f.clock }

// Sleep implements [durable.FS]; it is an operation, so that others can act meanwhile.
func (f *FS) Sleep(d time.Duration) {
	f.clock = f.clock.Add(d)
	f.step("Sleep", "")
}
