package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Append adds whole lines (p ends in a newline) in one write and returns the
// offset of the first. If the log does not end in a newline, one is written
// before. They are safe only once [Appender.Sync] has returned nil.
//
// On an [AppendError] the lines that it counts as written are in the log. A
// torn line is cut off again only if a lease proves that nobody else can be
// appending and the log ends exactly with it; otherwise it stays. Bytes of
// others are never cut.
func (a *Appender) Append(p []byte) (offset int64, err error) {
	if len(p) == 0 || p[len(p)-1] != '\n' {
		return 0, errors.New("append: not whole lines")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.poison != nil {
		return 0, a.poison
	}
	if a.closed {
		return 0, fmt.Errorf("append: %w", os.ErrClosed)
	}
	done, first, torn, stuck, moved := 0, int64(-1), 0, 0, 0
	for done < len(p) {
		off, n, left, err := a.writeLocked(p[done:])
		if errors.Is(err, errMoved) && moved < rotations { // rotated away since it was locked: nothing was written
			moved++
			continue
		}
		if n > 0 && first < 0 {
			first = off
		}
		done, torn = done+n, torn+left
		if stuck++; n > 0 {
			stuck = 0
		}
		// What a full disk takes may be cut off again, and be taken again, for
		// ever.
		if err == nil && stuck == 2 {
			err = a.whyShort(int64(len(p) - done))
		}
		if err != nil {
			if a.poison != nil {
				return 0, a.poison
			}
			var locked *LockedError
			if done == 0 && torn == 0 && errors.As(err, &locked) {
				return 0, err
			}
			return 0, &AppendError{Path: a.path, Written: done, Offset: first, Torn: torn, Err: err}
		}
	}
	return first, nil
}

// whyShort names the reason of writes that the system cut short without saying
// why.
func (a *Appender) whyShort(need int64) error {
	if free, err := a.fs.Free(filepath.Dir(a.path)); err == nil && free < need {
		return fmt.Errorf("no room for a whole line: %w", syscall.ENOSPC)
	}
	return fmt.Errorf("%w: no room for a whole line", io.ErrShortWrite)
}

// writeLocked takes the lock and writes once. n counts whole lines only; torn
// is what stays of the next one. A short write without a reason is not an
// error: the rest goes on a line of its own.
func (a *Appender) writeLocked(p []byte) (off int64, n, torn int, err error) {
	if err := a.lock(); err != nil {
		return 0, 0, 0, err
	}
	defer func() {
		if a.f != nil { // closing it dropped the lock
			err = errors.Join(err, a.f.Unlock())
		}
	}()
	w, err := a.fs.OpenFile(a.path, os.O_WRONLY|os.O_APPEND|NoFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, 0, errMoved
	}
	if err != nil {
		return 0, 0, 0, err
	}
	if info, err := w.Stat(); err != nil || !info.Same(a.info) {
		if err = errors.Join(err, w.Close()); err == nil {
			err = errMoved
		}
		return 0, 0, 0, err
	}
	data, lead, err := a.withNewline(p)
	if err != nil {
		return 0, 0, 0, errors.Join(err, w.Close())
	}
	off, put, err := w.Append(data)
	if put > 0 {
		a.dirty = true
	}
	if cerr := w.Close(); cerr != nil {
		a.poison = &DurabilityError{Path: a.path, Err: cerr}
		return 0, 0, 0, a.poison
	}
	if put == len(data) && err == nil {
		return off + int64(lead), len(p), 0, nil
	}
	if put == 0 && err == nil {
		err = io.ErrShortWrite
	}
	n, torn = wholeLines(p, put-lead)
	if torn > 0 && a.cutBack(off+int64(put), int64(torn)) {
		torn = 0
	}
	if torn > 0 && p[n+torn] == '\n' {
		// Only the newline is missing: the record is there, and the next append
		// begins with one.
		n, torn = n+torn+1, 0
	}
	return off + int64(lead), n, torn, err
}

// withNewline puts a newline before p if the log ends in something else.
func (a *Appender) withNewline(p []byte) (data []byte, lead int, err error) {
	ended, err := endsLine(a.fs, a.f)
	if err != nil || ended {
		return p, 0, err
	}
	a.newline = append(append(a.newline[:0], '\n'), p...)
	return a.newline, 1, nil
}

// wholeLines says how many of the first put bytes of p are whole lines, and how
// many are left over.
func wholeLines(p []byte, put int) (n, torn int) {
	if put <= 0 {
		return 0, 0
	}
	n = bytes.LastIndexByte(p[:put], '\n') + 1
	return n, put - n
}

// cutBack cuts the last torn bytes before end off the log, if it can be proved
// that they are its last and ours: under the lock, and under a lease that holds
// every other writer back. What came before is fsynced first, for the
// descriptor that knows of its errors must be closed. It reports whether it
// did.
func (a *Appender) cutBack(end, torn int64) bool {
	if a.sync() != nil {
		return false
	}
	w, err := a.fs.OpenFile(a.path, os.O_RDWR|NoFollow|NonBlock, 0)
	if err != nil {
		return false
	}
	defer w.Close()
	// The lock moves to the writable descriptor, and the lease wants to be the
	// only one.
	old := a.f
	if old.Unlock() != nil || w.Lock() != nil {
		return false
	}
	a.f = nil
	if old.Close() != nil || w.SetLease(WriteLease) != nil {
		return false
	}
	info, err := w.Stat()
	if err != nil || !info.Same(a.info) || info.Size != end {
		return false
	}
	return w.Truncate(end-torn) == nil
}
