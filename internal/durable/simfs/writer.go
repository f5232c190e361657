package simfs

import (
	"github.com/papyra-tools/papyra/internal/durable"
)

// Writer is another process that appends, as the producer does: it looks the
// path up, opens what it found, writes, closes. Its steps are no operations of
// the process under test.
type Writer struct {
	fs    *FS
	found *node
	h     *file
}

// Writer returns a new one that has done nothing yet.
func (f *FS) Writer() *Writer { return &Writer{fs: f} }

// Lookup resolves the path to what it names now. It reports whether there is
// anything.
func (w *Writer) Lookup(path string) bool {
	d, base := w.fs.split(path)
	w.found = d.cur[base]
	return w.found != nil
}

// Open opens for appending what was looked up, or reports false: a lease
// makes it wait, which begins to break the lease.
func (w *Writer) Open() bool {
	if w.found.blocks(true) {
		w.found.broken = true
		return false
	}
	w.ForceOpen()
	return true
}

// ForceOpen opens although a lease is held, as the kernel lets it after 45
// seconds. The lease is gone then.
func (w *Writer) ForceOpen() {
	n := w.found
	n.unlease()
	w.h = &file{fs: w.fs, node: n, write: true, foreign: true}
	n.opens = append(n.opens, w.h)
}

// Write appends p in one write.
func (w *Writer) Write(p string) {
	w.h.node.change(change{off: w.h.end(), data: []byte(p)})
}

// Sync fsyncs what was opened.
func (w *Writer) Sync() {
	n := w.h.node
	n.disk, n.metaDisk = applyChanges(n.disk, n.pending), n.meta
	n.pending = nil
	w.fs.moves++
}

// Close closes it.
func (w *Writer) Close() {
	w.h.drop()
	w.h = nil
}

// Ino returns the inode number of what was looked up.
func (w *Writer) Ino() uint64 { return w.found.ino }

// MoveAway is what somebody else does to a name, in no operation of the process
// under test; so are Hardlink, Mount, Give and Cut.
func (f *FS) MoveAway(from, to string) {
	d, base := f.split(from)
	_, other := f.split(to)
	if n := d.cur[base]; n != nil {
		d.set(map[string]*node{other: n, base: nil})
	}
}

// Hardlink gives a file one more name.
func (f *FS) Hardlink(from, to string) {
	d, base := f.split(from)
	_, other := f.split(to)
	if n := d.cur[base]; n != nil {
		d.set(map[string]*node{other: n})
	}
}

// Mount mounts a file by itself elsewhere. A Writer that looks it up now
// reaches it there whatever becomes of its name.
func (f *FS) Mount(name string) {
	d, base := f.split(name)
	f.bound = append(f.bound, d.cur[base])
}

// Give gives a file to another user.
func (f *FS) Give(name string, uid uint32) {
	d, base := f.split(name)
	n := d.cur[base]
	n.meta.UID, n.metaDisk.UID = uid, uid
}

// Cut truncates a file, as copytruncate does, unless a lease holds that back.
func (f *FS) Cut(name string, size int64) bool {
	d, base := f.split(name)
	n := d.cur[base]
	if n == nil {
		return false
	}
	if n.blocks(true) {
		n.broken = true
		return false
	}
	n.change(change{off: size})
	return true
}

// Holders implements [durable.FS].
func (f *FS) Holders(target durable.Info) []durable.Holder {
	var found []durable.Holder
	seen := map[*node]bool{}
	for _, d := range f.dirs {
		for _, n := range d.cur {
			if n.ino != target.Ino || seen[n] {
				continue
			}
			seen[n] = true
			for _, h := range n.opens {
				if h.foreign && h.write && !f.Unseen {
					found = append(found, durable.Holder{PID: 4711, Command: "producer", FD: 3})
				}
			}
		}
	}
	return found
}

// Die makes every further operation of the process under test fail without
// effect, until Restart.
func (f *FS) Die() { f.dead = true }

// Restart is the end of the killed process: its descriptors are closed, its
// locks and leases gone. What it wrote stays in the page cache, and Writers
// live on.
func (f *FS) Restart() {
	f.dead = false
	for _, d := range f.dirs {
		for _, names := range []map[string]*node{d.cur, d.disk} {
			for _, n := range names {
				f.closeOurs(n)
			}
		}
		for _, p := range d.pending {
			for _, n := range p {
				if n != nil {
					f.closeOurs(n)
				}
			}
		}
	}
}

func (f *FS) closeOurs(n *node) {
	for _, h := range append([]*file(nil), n.opens...) {
		if !h.foreign {
			h.drop()
		}
	}
}
