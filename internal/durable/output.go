package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/internal/humanize"
)

const (
	outputBuffer = 256 << 10
	copyStep     = 32 << 20 // how often a long copy looks whether it should stop
	spareBytes   = 1 << 20  // left free for the journal and what is appended meanwhile
)

// Output is the file that will take the log's place. Errors stick: after the
// first one every call returns it. It is not safe for concurrent use.
type Output struct {
	s    *Session
	ctx  context.Context
	f    File
	path string
	buf  []byte
	off  int64 // bytes that are in the file
	err  error
}

// Create starts the new file, with free space for a copy of the whole log
// asked for beforehand. See [Session.CreateFor].
func (s *Session) Create() (*Output, error) { return s.CreateFor(s.info.Size) }

// CreateFor starts the new file beside the log, readable by its owner only. It
// refuses if fewer than need bytes are free, or if a lease on the new file does
// not hold openers back although the session needs that. Once the context of
// Begin ends, writing fails.
func (s *Session) CreateFor(need int64) (*Output, error) {
	if s.out != nil {
		return nil, errors.New("create new file: the session has one already")
	}
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	dir := filepath.Dir(s.path)
	free, err := s.fs.Free(dir)
	if err != nil {
		return nil, fmt.Errorf("look for free space: %w", err)
	}
	if free < need+spareBytes {
		return nil, &RefusedError{Path: s.path, Reason: fmt.Sprintf("%s are free in %s, and the new file may need %s",
			humanize.IBytes(uint64(max(free, 0))), dir, humanize.IBytes(uint64(need+spareBytes)))}
	}
	path := tempName(s.path)
	f, err := s.fs.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create new file: %w", err)
	}
	s.out = &Output{s: s, ctx: s.ctx, f: f, path: path}
	// The lock must be held on whichever inode has the log's name.
	if err := f.Lock(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock new file: %w", err), s.discard())
	}
	if s.opt.guarantee() == Exclusive {
		if err := s.probe(); err != nil {
			return nil, errors.Join(err, s.discard())
		}
	}
	return s.out, nil
}

// probe leases the new file and sees that an opener would have to wait.
func (s *Session) probe() error {
	refuse := func(err error) error { return refuseLease(s.path, err) }
	if err := s.out.f.SetLease(WriteLease); err != nil {
		return refuse(fmt.Errorf("lease a file in the same directory: %w", err))
	}
	f, err := s.fs.OpenFile(s.out.path, os.O_WRONLY|NoFollow|NonBlock, 0)
	if err == nil {
		f.Close()
		return refuse(fmt.Errorf("%w: a lease does not hold writers back here", ErrNoLease))
	}
	if !errors.Is(err, ErrBusy) {
		return fmt.Errorf("probe lease: %w", err)
	}
	if _, err := s.out.f.Unlease(); err != nil {
		return fmt.Errorf("probe lease: %w", err)
	}
	return nil
}

// Write adds p to the new file.
func (o *Output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	if len(o.buf)+len(p) > outputBuffer {
		if err := o.Flush(); err != nil {
			return 0, err
		}
	}
	if len(p) >= outputBuffer {
		return o.put(p)
	}
	o.buf = append(o.buf, p...)
	return len(p), nil
}

// Flush hands what was written to the file system; it does not fsync.
func (o *Output) Flush() error {
	if o.err == nil && len(o.buf) > 0 {
		_, _ = o.put(o.buf)
		o.buf = o.buf[:0]
	}
	return o.err
}

func (o *Output) put(p []byte) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, o.fail(err)
	}
	n, err := o.f.WriteAt(p, o.off)
	o.off += int64(n)
	if err != nil {
		return n, o.fail(fmt.Errorf("write new file: %w", err))
	}
	return n, nil
}

func (o *Output) fail(err error) error {
	o.err = err
	return err
}

// Written returns how many bytes the new file has so far.
func (o *Output) Written() int64 { return o.off + int64(len(o.buf)) }

// ReadAt reads back what was written; call Flush first.
func (o *Output) ReadAt(p []byte, off int64) (int, error) { return o.f.ReadAt(p, off) }

// Zeros adds n NUL bytes as a hole, which takes no room on the disk.
func (o *Output) Zeros(n int64) error {
	if err := o.Flush(); err != nil {
		return err
	}
	if n < 0 || n > math.MaxInt64-o.off {
		return o.fail(fmt.Errorf("write new file: a hole of %d bytes does not fit", n))
	}
	if err := o.f.Truncate(o.off + n); err != nil {
		return o.fail(fmt.Errorf("write new file: %w", err))
	}
	o.off += n
	return nil
}

// CopyRange adds n bytes of the log from off on, copied by the kernel where it
// can.
func (o *Output) CopyRange(off, n int64) error {
	if err := o.Flush(); err != nil {
		return err
	}
	for n > 0 {
		if err := o.ctx.Err(); err != nil {
			return o.fail(err)
		}
		got, err := o.f.CopyFrom(o.s.log, off, o.off, min(n, copyStep))
		o.off += got
		off += got
		n -= got
		if err != nil {
			return o.fail(fmt.Errorf("copy log at offset %d: %w", off, err))
		}
		if got == 0 {
			return o.fail(fmt.Errorf("copy log at offset %d: %w", off, io.ErrUnexpectedEOF))
		}
	}
	return nil
}

func (o *Output) close() error {
	if o.f == nil {
		return nil
	}
	err := o.f.Close()
	o.f = nil
	return err
}

// discard removes every trace of a rewrite that did not come to its exchange.
// The evidence goes first and the journal, which knows of it, last.
func (s *Session) discard() error {
	if s.out == nil && s.account == nil {
		return nil // also a journal is not ours then
	}
	var errs []error
	if s.out != nil {
		errs = append(errs, s.out.close())
		s.out.err = errors.New("the rewrite was given up")
	}
	errs = append(errs, s.keep.undo(s), s.account.undo())
	if s.out != nil {
		errs = append(errs, removeIfThere(s.fs, s.out.path))
	}
	if s.out != nil && s.journal != nil {
		errs = append(errs, s.journal.close(), removeIfThere(s.fs, journalName(s.path)))
		errs = append(errs, s.syncDir())
	}
	s.out, s.journal, s.keep, s.account = nil, nil, nil, nil
	return errors.Join(errs...)
}

func removeIfThere(fsys FS, name string) error {
	if err := fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
