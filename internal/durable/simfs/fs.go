// Package simfs is a file system that exists only in memory, for tests of what
// a power loss, a kill, an I/O error or a concurrent writer does to package
// durable.
//
// It keeps for each file and directory what is in the page cache beside what is
// on the disk. [FS.Crashes] enumerates what a power loss may leave; [FS.Clone]
// is what a killed process leaves; Fault makes any operation fail; Hook runs
// before each operation, and may let a [Writer], another process, do something
// just then.
//
// A failed fsync behaves as on Linux: what it should have written is never
// written, and the next fsync says that all is well.
package simfs

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
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
	// Partial lets a write put the first half of its bytes before it fails.
	// With a nil Err it is a short write.
	Partial bool
}

const firstIno = 11

// FS is one simulated file system. It is not safe for concurrent use.
type FS struct {
	Hook    func(Op)               // before each operation; may be nil
	Fault   func(Op) Fault         // may be nil
	Takes   func(Op) time.Duration // how long an operation takes; nil: no time at all
	NoLease error                  // what KeepsLeases and SetLease answer
	NoSwap  bool                   // names cannot be exchanged
	Garbage bool                   // a sector that a power loss kept from the disk holds bytes of somebody else instead of NULs
	Space   int64                  // what Free answers
	Unseen  bool                   // Holders sees nobody

	dirs  map[string]*dir
	held  []*node // every node that was ever made here: it may be open without a name
	bound []*node // mounted by themselves elsewhere
	n     int
	clock time.Time
	dead  bool
	moves int
	life  int // grows with each power loss
}

// Meta is mode, owner and extended attributes of a file.
type Meta struct {
	Mode  fs.FileMode
	UID   uint32
	Xattr string
}

// node is one inode.
type node struct {
	fs       *FS
	ino      uint64
	dev      uint64
	cur      []byte
	disk     []byte
	pending  []change // since the last fsync, in order
	meta     Meta
	metaDisk Meta
	opens    []*file
	lock     *file
	lease    *file
	kind     durable.Lease
	broken   bool // a break of the lease has begun
	weaker   bool // a reader waits: it is to become a read lease
}

// change is one write, or a truncation if data is nil.
type change struct {
	off  int64
	data []byte
}

// dir is one directory: what its names are, what they are on the disk, and what
// lies between.
type dir struct {
	fs      *FS
	dev     uint64
	cur     map[string]*node
	disk    map[string]*node
	pending []map[string]*node // nil node: the name goes
}

// New returns an empty file system with the given directories, all on one
// device.
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
	n.meta.UID, n.meta.Xattr = 1000, "kept"
	n.metaDisk = n.meta
	d.cur[base], d.disk[base] = n, n
}

// Meta returns what is known of a file besides its content.
func (f *FS) Meta(name string) Meta {
	d, base := f.split(name)
	return d.cur[base].meta
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

// Files lists all files, sorted.
func (f *FS) Files() []string {
	var names []string
	for path, d := range f.dirs {
		for base := range d.cur {
			names = append(names, filepath.Join(path, base))
		}
	}
	sort.Strings(names)
	return names
}

// Moves counts what changed cache or disk: as long as it stays, so do the crash
// states.
func (f *FS) Moves() int { return f.moves }

// Ops returns how many operations were done.
func (f *FS) Ops() int { return f.n }

// newNode gives out the lowest inode number that is free, as file systems like
// to do: a number in a stale journal may soon mean another file.
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
	n := &node{fs: f, ino: ino, dev: d.dev, meta: Meta{Mode: 0o644}}
	f.held = append(f.held, n)
	return n
}

func (f *FS) split(name string) (*dir, string) {
	path, base := filepath.Split(filepath.Clean(name))
	return f.dirs[filepath.Clean(path)], base
}

// endless is more operations than any process under test needs.
const endless = 400_000

// step counts an operation, lets the hook run and asks for a fault.
func (f *FS) step(name, path string) Fault {
	if f.dead {
		return Fault{Err: fmt.Errorf("%s %s after the kill", name, path)}
	}
	op := Op{N: f.n, Name: name, Path: path}
	if f.n++; f.n > endless {
		panic(fmt.Sprintf("the process under test does not end: %s %s", name, path))
	}
	if f.Hook != nil {
		f.Hook(op)
	}
	if f.Takes != nil {
		f.clock = f.clock.Add(f.Takes(op))
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
