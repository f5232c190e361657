package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// DefaultAppendWait is how long an append waits for the lock: another appender
// holds it for moments only, a rewrite as long as it takes.
const DefaultAppendWait = 30 * time.Second

// AppendOptions say how a log is appended to. The zero value appends to a log
// that exists.
type AppendOptions struct {
	FS     FS            // nil: the operating system
	Create bool          // create a missing log, also one that vanishes later (rotation)
	Perm   fs.FileMode   // of a created log, less the umask; 0: 0666, as the producer does
	Wait   time.Duration // for the lock, each time; 0: 30 s, negative: not at all
}

// Appender appends whole lines to a log, among other writers, and makes them
// durable. It holds no lock and no writable descriptor between two calls, so
// that it never stands in the way of a rewrite. It is safe for concurrent use.
type Appender struct {
	mu      sync.Mutex
	ctx     context.Context
	fs      FS
	opt     AppendOptions
	path    string // resolved
	f       File   // read-only: carries the lock, and is fsynced; nil until the first append and after a cut
	info    Info
	dirty   bool  // something was appended through f's inode since the last good fsync
	poison  error // an fsync failed
	closed  bool
	newline []byte // scratch
}

// DurabilityError says that an fsync failed: everything since the last good one
// is of unknown durability. It is never retried, since the kernel may have
// dropped the bytes and then says that all is well.
type DurabilityError struct {
	Path string
	Err  error
}

func (e *DurabilityError) Error() string {
	return fmt.Sprintf("fsync %s failed, what was appended since the last good one is of unknown durability: %v", e.Path, e.Err)
}

// Unwrap returns what fsync said.
func (e *DurabilityError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *DurabilityError) ExitCode() int { return 1 }

// AppendError says that an append stopped part way.
type AppendError struct {
	Path    string
	Written int   // bytes of p, in whole lines, that are in the log
	Offset  int64 // where the first of them is; -1 if there is none
	Torn    int   // bytes of torn lines that stayed in the log; the next append starts on a new line
	Err     error
}

func (e *AppendError) Error() string {
	msg := fmt.Sprintf("append to %s: %v after %d bytes", e.Path, e.Err, e.Written)
	if e.Torn > 0 {
		msg += fmt.Sprintf("; %d bytes of a torn line stay", e.Torn)
	}
	return msg
}

// Unwrap returns the cause.
func (e *AppendError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *AppendError) ExitCode() int { return 1 }

// OpenAppender opens the log at path for appending; a symbolic link is
// followed. A log that is created has its directory fsynced. ctx ends waiting
// for locks, also in later calls.
func OpenAppender(ctx context.Context, path string, o AppendOptions) (*Appender, error) {
	fsys := o.FS
	if fsys == nil {
		fsys = OS()
	}
	target, err := appendTarget(fsys, path, o.Create)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	a := &Appender{ctx: ctx, fs: fsys, opt: o, path: target}
	if err := a.lock(); err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return a, a.f.Unlock()
}

func appendTarget(fsys FS, path string, create bool) (string, error) {
	target, err := fsys.Resolve(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if _, lerr := fsys.Lstat(path); lerr == nil {
			return "", fmt.Errorf("%s is a symbolic link to nothing", path)
		}
		dir, derr := fsys.Resolve(filepath.Dir(path))
		if derr != nil {
			return "", derr
		}
		target, err = filepath.Join(dir, filepath.Base(path)), nil
	}
	if err != nil {
		return "", err
	}
	return filepath.Abs(target)
}

// Path returns the path of the log with symbolic links resolved.
func (a *Appender) Path() string { return a.path }

// Sync makes everything that was appended before durable. After its first
// failure it, and Append, return that same [DurabilityError] for ever.
func (a *Appender) Sync() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sync()
}

func (a *Appender) sync() error {
	if a.poison != nil || !a.dirty {
		return a.poison
	}
	err := a.f.Sync()
	if err != nil {
		a.poison = &DurabilityError{Path: a.path, Err: err}
		return a.poison
	}
	a.dirty = false
	return nil
}

// Close closes the log. It does not sync.
func (a *Appender) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil
	}
	a.closed = true
	if a.f == nil {
		return nil
	}
	return a.f.Close()
}

// lock returns with the lock held on the file that the path names now.
func (a *Appender) lock() error {
	wait := a.opt.Wait
	if wait == 0 {
		wait = DefaultAppendWait
	}
	deadline := a.fs.Now().Add(max(wait, 0))
	pause := 50 * time.Microsecond
	for {
		err := a.tryLock()
		if err == nil || !errors.Is(err, ErrBusy) {
			return err
		}
		if err := a.ctx.Err(); err != nil {
			return err
		}
		if !a.fs.Now().Before(deadline) {
			return &LockedError{Path: a.path}
		}
		a.fs.Sleep(pause)
		pause = min(2*pause, lockPoll/4)
	}
}

func (a *Appender) tryLock() error {
	if a.f != nil {
		if err := a.f.Lock(); err != nil {
			return err
		}
		named, err := a.fs.Lstat(a.path)
		if err == nil && named.Same(a.info) {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, a.f.Unlock())
		}
		// Replaced or rotated away: what went to the old file must be known to
		// be safe before it is let go.
		if err := a.sync(); err != nil {
			return errors.Join(err, a.f.Unlock())
		}
		old := a.f
		a.f = nil
		if err := old.Close(); err != nil {
			return err
		}
	}
	return a.open()
}

// rotations is how many times in a row the log may be rotated away just when it
// has been made or locked.
const rotations = 100

// open opens and locks the log, and fsyncs the directory: the name may be new,
// made by us or by a rewrite that was killed before it could fsync.
func (a *Appender) open() error {
	f, info, err := tryLock(a.fs, a.path)
	for tries := 0; errors.Is(err, fs.ErrNotExist) && a.opt.Create && tries < rotations; tries++ {
		if err := a.create(); err != nil {
			return err
		}
		f, info, err = tryLock(a.fs, a.path)
	}
	if err != nil {
		return err
	}
	if err := a.fs.SyncDir(filepath.Dir(a.path)); err != nil {
		return errors.Join(fmt.Errorf("fsync directory of %s: %w", a.path, err), f.Close())
	}
	a.f, a.info = f, info
	return nil
}

func (a *Appender) create() error {
	perm := a.opt.Perm
	if perm == 0 {
		perm = 0o666
	}
	f, err := a.fs.OpenFile(a.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|NoFollow, perm)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
