package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// quarantine is the whole original, kept under another name. It is complete and
// durable before the log is replaced.
type quarantine struct {
	path string
	copy bool // a copy on another file system; else one more name of the old inode
	made bool
}

// name returns the path, or "" if there is none.
func (q *quarantine) name() string {
	if q == nil {
		return ""
	}
	return q.path
}

// planQuarantine makes the directory and picks a name that is free.
func (s *Session) planQuarantine() (*quarantine, error) {
	dir, err := s.makeDir(s.opt.QuarantineDir)
	if err != nil {
		return nil, fmt.Errorf("create quarantine directory: %w", err)
	}
	now := s.fs.Now()
	if s.opt.Now != nil {
		now = s.opt.Now()
	}
	for {
		name := quarantineName(dir, s.path, now)
		_, err := s.fs.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			return &quarantine{path: name, copy: !s.canLink(dir)}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("quarantine: %w", err)
		}
		now = now.Add(time.Millisecond)
	}
}

// makeDir makes a directory, if it is not there, and resolves it. Nothing that
// others can plant says where it is.
func (s *Session) makeDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		_, err = placed(s.fs, dir)
	}
	if err == nil || missing(err) {
		err = s.fs.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return "", err
	}
	return placed(s.fs, dir)
}

// canLink reports whether dir is on the log's file system, as far as numbers
// tell.
func (s *Session) canLink(dir string) bool {
	info, err := s.fs.Lstat(dir)
	return err == nil && info.Dev == s.info.Dev && s.info.Ino != 0
}

// secure keeps the original, by a second name of its inode or by a copy, and
// fsyncs it. The journal must know of it already.
func (q *quarantine) secure(ctx context.Context, w *swap) error {
	if q == nil {
		return nil
	}
	s, err := w.s, error(nil)
	if !q.copy {
		q.made = true
		if err := s.log.Sync(); err != nil {
			return fmt.Errorf("quarantine: fsync log: %w", err)
		}
		if err = s.fs.Link(s.path, q.path); errors.Is(err, syscall.EXDEV) {
			// One file system, and yet another mount.
			q.copy, w.base.Copy = true, true
			err = w.record(false)
		} else if err == nil {
			err = q.check(s)
		}
	}
	if err == nil && q.copy {
		err = q.copyOriginal(ctx, s)
	}
	if err == nil {
		err = s.fs.SyncDir(filepath.Dir(q.path))
	}
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// check makes sure that it was the log that got a second name.
func (q *quarantine) check(s *Session) error {
	info, err := s.fs.Lstat(q.path)
	if err == nil && !info.Same(s.info) {
		q.made = false
		err = errors.Join(errMoved, s.fs.Remove(q.path))
	}
	return err
}

func (q *quarantine) copyOriginal(ctx context.Context, s *Session) (err error) {
	q.made = true
	temp := tempName(q.path)
	f, err := s.fs.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
	if err != nil {
		return err
	}
	info, err := s.log.Stat()
	for off := int64(0); err == nil && off < info.Size; {
		var n int64
		n, err = f.CopyFrom(s.log, off, off, min(copyStep, info.Size-off))
		off += n
		if err == nil {
			err = ctx.Err()
		}
	}
	if err == nil {
		err = f.CopyMeta(s.log)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return s.fs.Rename(temp, q.path)
}

// undo removes the evidence of a rewrite that did not happen.
func (q *quarantine) undo(s *Session) error {
	if q == nil || !q.made {
		return nil
	}
	q.made = false
	info, err := s.fs.Lstat(q.path)
	switch {
	case missing(err):
		// Perhaps removed by a recovery that was killed before it could fsync
		// the directory.
	case err != nil:
		return fmt.Errorf("undo quarantine: %w", err)
	case !q.copy && !info.Same(s.info):
		return nil // not ours
	default:
		if err := s.fs.Remove(q.path); err != nil {
			return fmt.Errorf("undo quarantine: %w", err)
		}
	}
	if q.copy {
		if err := removeIfThere(s.fs, tempName(q.path)); err != nil {
			return fmt.Errorf("undo quarantine: %w", err)
		}
	}
	if err := s.fs.SyncDir(filepath.Dir(q.path)); err != nil {
		return fmt.Errorf("undo quarantine: fsync directory: %w", err)
	}
	return nil
}

// removeEvidence removes what a killed run kept of a rewrite that was undone.
// One more name of the log may go wherever it is; a copy only from the
// directory that this run was told of, for a journal may be forged.
func (s *Session) removeEvidence(b base) (left string, err error) {
	name := string(b.Quarantine)
	if !derives(name, s.path, quarantineTail) { // or there is none
		return name, nil
	}
	if b.Copy {
		if declared, err := s.declared(filepath.Dir(name)); err != nil || !declared {
			for _, name := range []string{name, tempName(name)} { // whole, or half of it
				if _, lerr := s.fs.Lstat(name); !missing(lerr) {
					return name, err
				}
			}
			return "", err
		}
	}
	q := &quarantine{path: name, copy: b.Copy, made: true}
	return "", q.undo(s)
}

// declared reports whether dir is where this run was told to keep evidence.
func (s *Session) declared(dir string) (bool, error) {
	if s.opt.QuarantineDir == "" {
		return false, nil
	}
	mine, err := filepath.Abs(s.opt.QuarantineDir)
	if err == nil {
		mine, err = s.fs.Resolve(mine)
	}
	if missing(err) {
		return false, nil
	}
	return mine == dir, err
}
