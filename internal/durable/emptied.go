package durable

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// hiddenTail is what the name of a file that is about to be removed ends with:
// its inode is in it, so that no two runs ever hide two files under one name.
var hiddenTail = regexp.MustCompile(`\.[0-9]+\.papyra-gone$`)

// RemoveEmptied removes the file that [Session.Commit] put in the log's place,
// if there is nothing in it: an old file of a set of which nothing stays. It
// reports whether it did; a file that somebody wrote to, or has open, stays.
//
// No system call removes a file by what it is. A rotation may give the name to
// another file at any moment, so that the name is hidden first, and removed
// only if it turns out to be that of the right file; any other one gets its
// name back.
func (s *Session) RemoveEmptied(ctx context.Context) (removed bool, err error) {
	if !s.swapped || s.out == nil || s.out.f == nil {
		return false, nil
	}
	info, err := s.out.f.Stat()
	if err != nil || info.Size > 0 {
		return false, err
	}
	hidden := filepath.Join(s.dir(), fmt.Sprintf(".%s.%d.papyra-gone", filepath.Base(s.path), info.Ino))
	if now, err := s.fs.Lstat(s.path); err != nil || !now.Same(info) || len(filepath.Base(hidden)) > nameMax {
		return false, nil // it was rotated
	}
	if err := s.fs.Rename(s.path, hidden); missing(err) {
		return false, nil // likewise
	} else if err != nil {
		return false, fmt.Errorf("remove emptied file: %w", err)
	}
	if now, err := s.fs.Lstat(hidden); err != nil || !now.Same(info) {
		return false, errors.Join(err, unhide(s.fs, hidden, s.path))
	}
	if s.opt.guarantee() == Exclusive {
		if err := s.leaseNew(ctx); err != nil { // somebody has it open
			return false, unhide(s.fs, hidden, s.path)
		}
	}
	if info, err = s.out.f.Stat(); err != nil || info.Size > 0 {
		_, uerr := s.out.f.Unlease()
		return false, errors.Join(err, uerr, unhide(s.fs, hidden, s.path))
	}
	if err := removeIfThere(s.fs, hidden); err != nil {
		return false, fmt.Errorf("remove emptied file: %w", err)
	}
	return true, s.syncDir()
}

// unhide gives a hidden file its name back, which replaces nothing.
func unhide(fsys FS, hidden, path string) error {
	err := fsys.Link(hidden, path)
	if err != nil {
		info, herr := fsys.Lstat(hidden)
		if missing(herr) {
			return nil // another run did so
		}
		if now, lerr := fsys.Lstat(path); lerr != nil || herr != nil || !now.Same(info) {
			return fmt.Errorf("%s is a file of the set that was rotated meanwhile, and cannot get its name %s back: %w",
				hidden, path, errors.Join(err, herr))
		}
	}
	dir := filepath.Dir(path)
	return errors.Join(fsys.SyncDir(dir), removeIfThere(fsys, hidden), fsys.SyncDir(dir))
}

// Unhide finishes what [Session.RemoveEmptied] had begun when it was killed,
// for the files that the log at path was rotated into: what is empty goes, and
// what is not gets its name back.
func Unhide(path string, o Options) error {
	fsys, dir, base := o.fs(), filepath.Dir(path), filepath.Base(path)
	names, err := fsys.Names(dir)
	if missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for interrupted rewrites: %w", err)
	}
	for _, name := range names {
		at := hiddenTail.FindStringIndex(name)
		if at == nil || !strings.HasPrefix(name, "."+base+".") {
			continue
		}
		hidden := filepath.Join(dir, name)
		info, err := fsys.Lstat(hidden)
		if missing(err) || err == nil && !info.Mode.IsRegular() {
			continue
		}
		if err == nil && info.Size == 0 {
			err = removeIfThere(fsys, hidden)
		} else if err == nil {
			err = unhide(fsys, hidden, filepath.Join(dir, name[1:at[0]]))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
