package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// Lease is a kind of file lease as fcntl(F_SETLEASE) knows it.
type Lease int

// The kinds of lease.
const (
	NoLease    Lease = iota // none held, or a break has begun
	ReadLease               // F_RDLCK: nobody has it open for writing, new openers-for-writing wait
	WriteLease              // F_WRLCK: nobody else has it open at all, every new opener waits
)

// Errors that a file system answers with; wrapped or not.
var (
	// ErrBusy says that a lock or lease is not to be had now, or that opening
	// without waiting would have to wait for a lease.
	ErrBusy = errors.New("busy")
	// ErrNoExchange says that two names cannot be exchanged here.
	ErrNoExchange = errors.New("exchanging two names is not supported here")
	// ErrNoLease says that leases do not work here.
	ErrNoLease = errors.New("leases are not supported here")
	// ErrNotOwner says that this user may not lease the file. It wraps
	// ErrNoLease.
	ErrNotOwner = fmt.Errorf("%w: only the owner of a log or a process with CAP_LEASE can hold its writers back: "+
		"run as the owner, or with CAP_LEASE", ErrNoLease)
)

// Info is what the protocol needs to know of a file.
type Info struct {
	Dev, Ino uint64 // 0, 0 where the system has no such numbers
	Size     int64  // bytes
	Mode     fs.FileMode
	Links    uint64 // number of names
	UID, GID uint32
	ModTime  time.Time
	same     fs.FileInfo // for os.SameFile
}

// Holder is a process that has a file open for writing.
type Holder struct {
	PID     int    `json:"pid"`
	Command string `json:"command"` // as the process calls itself: escape before printing
	FD      int    `json:"fd"`
}

// Mount is a place where a file is mounted by itself, so that it can be reached
// whatever becomes of its names.
type Mount struct {
	PID     int    `json:"pid"`     // a process that sees it
	Command string `json:"command"` // as the process calls itself: escape before printing
	Point   string `json:"point"`   // the path by which that process sees it
}

// FS is the file system as this room sees it, small enough to be simulated.
// Every method is one system call or a short fixed sequence of them.
type FS interface {
	// OpenFile opens name with the O_ flags of package os, and [NoFollow] and
	// [NonBlock]. Without NonBlock it may wait for a lease.
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	Lstat(name string) (Info, error)
	// Place finds where an output of that name goes. The error does not say the
	// name.
	Place(name string) (Place, error)
	// Resolve returns the path with every symbolic link followed.
	Resolve(name string) (string, error)
	Remove(name string) error
	Rename(from, to string) error
	// Exchange swaps two names in one step, or wraps ErrNoExchange.
	Exchange(a, b string) error
	Link(from, to string) error
	// MkdirAll creates missing directories, each fsynced in its parent.
	MkdirAll(dir string, perm fs.FileMode) error
	SyncDir(dir string) error
	// Free returns the bytes that this user may still allocate there.
	Free(dir string) (int64, error)
	// KeepsLeases returns nil if dir is on a file system that is known to be
	// local and to honour leases, or else the reason why not, wrapping
	// ErrNoLease.
	KeepsLeases(dir string) error
	// Holders names the processes that have the file open for writing, as far
	// as they can be seen; this process excepted.
	Holders(Info) []Holder
	// Mounts names the mounts whose root is the file at path itself (a bind
	// mount of one file, as into a container), and counts the processes whose
	// mounts cannot be read.
	Mounts(path string) (found []Mount, unseen int, err error)
	// Names lists what is in dir.
	Names(dir string) ([]string, error)
	// Life names the time for which what is written to dir stays in the page
	// cache: it is another one after a restart or a new mount. "" if that
	// cannot be told.
	Life(dir string) string
	Now() time.Time
	Sleep(time.Duration)
}

// Flags for [FS].OpenFile beside those of package os; their values are outside
// of what any system uses.
const (
	NoFollow = 1 << 28 // fail if the name is a symbolic link
	NonBlock = 1 << 30 // do not wait for a lease: ErrBusy
)

// File is one open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Append writes p at the end in one write, wherever the end is by then, and
	// returns where that was. n < len(p) comes with a nil error if the
	// system wrote less without saying why.
	Append(p []byte) (off int64, n int, err error)
	// Reserve appends n NUL bytes in one write. On an error or a short write
	// the number of bytes that did get there is returned with the error.
	Reserve(n int64) (off, got int64, err error)
	// CopyFrom copies n bytes of src at srcOff to off, in the kernel if
	// possible.
	CopyFrom(src File, srcOff, off, n int64) (int64, error)
	Truncate(size int64) error
	Chmod(perm fs.FileMode) error
	Sync() error
	Stat() (Info, error)
	// Lock takes the advisory lock of our own tools (flock), without waiting:
	// ErrBusy.
	Lock() error
	Unlock() error
	// SetLease takes a lease, or wraps ErrBusy or ErrNoLease.
	SetLease(Lease) error
	// Unlease lets the lease go and reports whether it was still held: false if
	// there was none, or the kernel took it away, as it does when an opener has
	// waited too long.
	Unlease() (held bool, err error)
	// Lease returns the lease held; NoLease once a break has begun.
	Lease() (Lease, error)
	// CopyMeta gives this file the mode, owner, ACL and extended attributes of
	// from, or fails. Permissions are never wider than both on the way.
	CopyMeta(from File) error
}
