package durable

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile replaces the file at path with what write writes, in one step: readers see
// the old content or the whole new one, also after a power loss. On an error the old
// file is as it was and nothing is left behind.
//
// A symbolic link is followed to its target, an existing file keeps its mode,
// owner, ACL and extended attributes (a new one gets perm, less the umask),
// and a file with several hard links is refused, as is anything that is no regular file.
//
// It is meant for files that nobody else writes to: what is appended to the old file
// meanwhile is lost. For a log use [Begin].
func WriteFile(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return writeFile(OS(), path, perm, write)
}

func writeFile(fsys FS, path string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	target, info, exists, err := sinkTarget(fsys, path)
	if err != nil {
		return err
	}
	if exists {
		perm = 0o600 // until it gets the mode of the old one
	}
	f, temp, err := createTemp(fsys, target, perm)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	open := true
	defer func() {
		if err == nil {
			return
		}
		if open {
			err = errors.Join(err, f.Close())
		}
		if temp != "" {
			err = errors.Join(err, removeIfThere(fsys, temp))
		}
	}()
	out := bufio.NewWriterSize(&sequential{f: f}, outputBuffer)
	if err := write(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if exists {
		if err := keepMeta(fsys, target, info, f); err != nil {
			return fmt.Errorf("replace %s: %w", path, err)
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("fsync %s: %w", path, err)
	}
	open = false
	if err := f.Close(); err != nil {
		return fmt.Errorf("close %s: %w", path, err)
	}
	if err := fsys.Rename(temp, target); err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	temp = ""
	if err := fsys.SyncDir(filepath.Dir(target)); err != nil {
		return fmt.Errorf("fsync directory of %s: %w", path, err)
	}
	return nil
}

// sinkTarget follows links and refuses what cannot be replaced.
func sinkTarget(fsys FS, path string) (target string, info Info, exists bool, err error) {
	target, err = fsys.Resolve(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, lerr := fsys.Lstat(path); lerr == nil {
			return "", Info{}, false, fmt.Errorf("write %s: it is a symbolic link to nothing", path)
		}
		dir, derr := fsys.Resolve(filepath.Dir(path))
		if derr != nil {
			return "", Info{}, false, fmt.Errorf("write %s: %w", path, derr)
		}
		return filepath.Join(dir, filepath.Base(path)), Info{}, false, nil
	}
	if err != nil {
		return "", Info{}, false, fmt.Errorf("write %s: %w", path, err)
	}
	info, err = fsys.Lstat(target)
	switch {
	case err != nil:
		return "", Info{}, false, fmt.Errorf("write %s: %w", path, err)
	case !info.Mode.IsRegular():
		return "", Info{}, false, fmt.Errorf("write %s: it is not a regular file", path)
	case info.Links > 1:
		return "", Info{}, false, fmt.Errorf("write %s: it has %d hard links", path, info.Links)
	}
	return target, info, true, nil
}

// createTemp starts a file of a name of its own beside target. A leftover of a
// killed run may have any of the names, so it tries several and removes none.
func createTemp(fsys FS, target string, perm fs.FileMode) (File, string, error) {
	for i := 0; ; i++ {
		name := beside(target, fmt.Sprintf(".papyra-out.%d.%d", os.Getpid(), i))
		f, err := fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, perm.Perm())
		if err == nil {
			return f, name, nil
		}
		if !errors.Is(err, fs.ErrExist) || i == 100 {
			return nil, "", err
		}
	}
}

func keepMeta(fsys FS, target string, info Info, f File) error {
	old, err := fsys.OpenFile(target, os.O_RDONLY|NoFollow|NonBlock, 0)
	if err != nil {
		return err
	}
	now, err := old.Stat()
	if err == nil && !now.Same(info) {
		err = errors.New("it was replaced by somebody else")
	}
	if err == nil {
		err = f.CopyMeta(old)
	}
	return errors.Join(err, old.Close())
}

// sequential writes one after the other through WriteAt.
type sequential struct {
	f   File
	off int64
}

func (s *sequential) Write(p []byte) (int, error) {
	n, err := s.f.WriteAt(p, s.off)
	s.off += int64(n)
	return n, err
}
