package simfs

import (
	"io"
	"io/fs"
	"slices"
	"syscall"

	"github.com/papyra-tools/papyra/internal/durable"
)

// file is one open description of the process under test or, if foreign, of a
// Writer.
type file struct {
	fs      *FS
	node    *node
	name    string
	write   bool
	foreign bool
	closed  bool
}

func (h *file) step(name string) Fault {
	fault := h.fs.step(name, h.name)
	if fault.Err == nil && h.closed && !h.fs.dead {
		fault.Err = &fs.PathError{Op: name, Path: h.name, Err: fs.ErrClosed}
	}
	return fault
}

func (h *file) ReadAt(p []byte, off int64) (int, error) {
	if fault := h.step("ReadAt"); fault.Err != nil {
		return 0, fault.Err
	}
	if off >= int64(len(h.node.cur)) {
		return 0, io.EOF
	}
	n := copy(p, h.node.cur[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// put writes as far as the fault lets it.
func (h *file) put(name string, p []byte, at func() int64) (off int64, n int, err error) {
	fault := h.step(name)
	if !h.write && fault.Err == nil {
		fault.Err = &fs.PathError{Op: name, Path: h.name, Err: syscall.EBADF}
	}
	if fault.Partial {
		p = p[:len(p)/2]
	} else if fault.Err != nil {
		return 0, 0, fault.Err
	}
	off = at()
	if len(p) > 0 {
		h.node.change(change{off: off, data: slices.Clone(p)})
	}
	return off, len(p), fault.Err
}

func (h *file) end() int64 { return int64(len(h.node.cur)) }

func (h *file) WriteAt(p []byte, off int64) (int, error) {
	want := len(p)
	_, n, err := h.put("WriteAt", p, func() int64 { return off })
	if err == nil && n < want {
		err = io.ErrShortWrite
	}
	return n, err
}

func (h *file) Append(p []byte) (int64, int, error) { return h.put("Append", p, h.end) }

func (h *file) Reserve(n int64) (int64, int64, error) {
	off, got, err := h.put("Reserve", make([]byte, n), h.end)
	if err == nil && int64(got) < n {
		err = io.ErrShortWrite
	}
	return off, int64(got), err
}

func (h *file) CopyFrom(src durable.File, srcOff, off, n int64) (int64, error) {
	from := src.(*file).node.cur
	if srcOff > int64(len(from)) || srcOff+n > int64(len(from)) {
		return 0, io.ErrUnexpectedEOF
	}
	_, got, err := h.put("CopyFrom", from[srcOff:srcOff+n], func() int64 { return off })
	return int64(got), err
}

func (h *file) Truncate(size int64) error {
	if fault := h.step("Truncate"); fault.Err != nil {
		return fault.Err
	}
	if !h.write {
		return &fs.PathError{Op: "truncate", Path: h.name, Err: syscall.EBADF}
	}
	h.node.change(change{off: size})
	return nil
}

func (h *file) Chmod(perm fs.FileMode) error {
	if fault := h.step("Chmod"); fault.Err != nil {
		return fault.Err
	}
	h.node.meta.Mode = perm
	return nil
}

func (h *file) Sync() error {
	fault := h.step("Sync")
	if fault.Err == nil {
		h.node.disk, h.node.metaDisk = applyChanges(h.node.disk, h.node.pending), h.node.meta
	}
	// After a failure the pages count as clean, and are lost.
	h.node.pending = nil
	h.fs.moves++
	return fault.Err
}

func (h *file) Stat() (durable.Info, error) {
	if fault := h.step("Stat"); fault.Err != nil {
		return durable.Info{}, fault.Err
	}
	return h.fs.info(h.node), nil
}

func (h *file) Lock() error {
	if fault := h.step("Lock"); fault.Err != nil {
		return fault.Err
	}
	if h.node.lock != nil && h.node.lock != h {
		return durable.ErrBusy
	}
	h.node.lock = h
	return nil
}

func (h *file) Unlock() error {
	if fault := h.step("Unlock"); fault.Err != nil {
		return fault.Err
	}
	if h.node.lock == h {
		h.node.lock = nil
	}
	return nil
}

func (h *file) SetLease(l durable.Lease) error {
	if fault := h.step("SetLease"); fault.Err != nil {
		return fault.Err
	}
	n := h.node
	if h.fs.NoLease != nil {
		return h.fs.NoLease
	}
	if n.lease != nil && n.lease != h {
		return durable.ErrBusy
	}
	for _, other := range n.opens {
		if l == durable.ReadLease && other.write || l == durable.WriteLease && other != h {
			return durable.ErrBusy
		}
	}
	n.lease, n.kind = h, l // a break that has begun goes on
	n.weaker = n.weaker && l == durable.WriteLease
	return nil
}

func (h *file) Unlease() (bool, error) {
	if fault := h.step("Unlease"); fault.Err != nil {
		return false, fault.Err
	}
	if h.node.lease != h {
		return false, nil
	}
	h.node.unlease()
	return true, nil
}

func (h *file) Lease() (durable.Lease, error) {
	if fault := h.step("Lease"); fault.Err != nil {
		return durable.NoLease, fault.Err
	}
	if h.node.lease != h || h.node.broken {
		return durable.NoLease, nil
	}
	if h.node.weaker {
		return durable.ReadLease, nil
	}
	return h.node.kind, nil
}

func (h *file) CopyMeta(from durable.File) error {
	if fault := h.step("CopyMeta"); fault.Err != nil {
		return fault.Err
	}
	h.node.meta = from.(*file).node.meta
	h.fs.moves++
	return nil
}

func (h *file) Close() error {
	fault := h.step("Close")
	if !h.fs.dead {
		h.drop()
	}
	return fault.Err
}

// drop closes without being an operation.
func (h *file) drop() {
	h.closed = true
	n := h.node
	n.opens = slices.DeleteFunc(n.opens, func(o *file) bool { return o == h })
	if n.lock == h {
		n.lock = nil
	}
	if n.lease == h {
		n.unlease()
	}
}

func (n *node) unlease() { n.lease, n.kind, n.broken, n.weaker = nil, durable.NoLease, false, false }

// change does one change in the page cache.
func (n *node) change(c change) {
	n.cur = applyChanges(n.cur, []change{c})
	n.pending = append(n.pending, c)
	n.fs.moves++
}

// applyChanges returns content after the changes; content itself stays.
func applyChanges(content []byte, changes []change) []byte {
	out := slices.Clone(content)
	for _, c := range changes {
		if c.data == nil {
			out = resize(out, int(c.off))
			continue
		}
		if end := int(c.off) + len(c.data); end > len(out) {
			out = resize(out, end)
		}
		copy(out[c.off:], c.data)
	}
	return out
}

func resize(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size]
	}
	return append(b, make([]byte, size-len(b))...)
}
