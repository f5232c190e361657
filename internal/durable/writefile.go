package durable

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// WriteFile replaces the file at path with what write writes, in one step:
// readers see the old content or the whole new one, also after a power loss. On
// an error the old file is as it was and nothing is left behind.
//
// A symbolic link is followed to its target, but not in a directory that others
// can write to: what is there decides nothing, and a file there that belongs to
// somebody else is refused. An existing file keeps its mode, owner, ACL and
// extended attributes (a new one gets perm, less the umask), and one with
// several hard links is refused, as is anything that is no regular file.
//
// It is meant for files that nobody else writes to: what is appended to the old
// file meanwhile is lost. For a log use [Begin].
func WriteFile(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return writeFile(OS(), path, perm, write)
}

// Publish is WriteFile for a file that others are to read: a new one gets perm
// whatever the umask. One that somebody else published meanwhile is replaced as
// well.
func Publish(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return writeAs(OS(), path, perm, true, write, OS().Rename)
}

// publishWait bounds how long Turn waits: a lock that somebody keeps for good
// must not keep a run from ending.
const publishWait = 10 * time.Second

// Turn waits until no other run has a turn at the directory of path, so that
// what is read of a file there and then replaced is not replaced by somebody
// else in between, and returns what ends the turn. The turn is taken without a
// lock where there is none (Windows), where ctx is done, and after ten seconds.
func Turn(ctx context.Context, path string) (end func()) {
	fsys := OS()
	f, err := fsys.OpenFile(filepath.Dir(path), os.O_RDONLY|NonBlock, 0)
	if err != nil {
		return func() {}
	}
	for deadline := fsys.Now().Add(publishWait); errors.Is(f.Lock(), ErrBusy) && ctx.Err() == nil && fsys.Now().Before(deadline); {
		fsys.Sleep(lockGracePoll)
	}
	return func() { f.Close() }
}

func writeFile(fsys FS, path string, perm fs.FileMode, write func(io.Writer) error) error {
	return writeAs(fsys, path, perm, false, write, fsys.Rename)
}

// writeNew makes a file that must not be there, and counts its bytes. The error
// wraps fs.ErrExist if it is by then.
func writeNew(fsys FS, path string, perm fs.FileMode, write func(io.Writer) error, size *int64) error {
	return writeAs(fsys, path, perm, false, write, func(temp, target string) error {
		info, err := fsys.Lstat(temp)
		if err != nil {
			return err
		}
		*size = info.Size
		if err := fsys.Link(temp, target); err != nil {
			return err
		}
		return fsys.Remove(temp)
	})
}

func writeAs(fsys FS, path string, perm fs.FileMode, exact bool, write func(io.Writer) error, place func(temp, target string) error) (err error) {
	p, err := fsys.Place(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, bare(err))
	}
	defer p.Close()
	target := p.At
	var info Info
	var exists bool
	look := func() error {
		info, err = fsys.Lstat(target)
		exists, err = p.look(info, err)
		if err == nil && exists && info.Links > 1 {
			err = fmt.Errorf("it has %d hard links", info.Links)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		return nil
	}
	if err := look(); err != nil {
		return err
	}
	mode := perm
	if exists || exact {
		mode = 0o600 // until it gets the mode of the old one, or just perm
	}
	f, temp, err := createTemp(fsys, target, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, bare(err))
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
	if exact {
		if err := look(); err != nil {
			return err
		}
	}
	if exists {
		if err := keepMeta(fsys, target, info, f); err != nil {
			return fmt.Errorf("replace %s: %w", path, bare(err))
		}
	} else if exact {
		if err := f.Chmod(perm); err != nil {
			return fmt.Errorf("write %s: %w", path, bare(err))
		}
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("fsync %s: %w", path, bare(err))
	}
	// Open as long as it has its temporary name, where that can be: the lock
	// keeps it from being swept away.
	if closeBeforeRename {
		open = false
		if err := f.Close(); err != nil {
			return fmt.Errorf("close %s: %w", path, bare(err))
		}
	}
	if err := place(temp, target); err != nil {
		return fmt.Errorf("replace %s: %w", path, bare(err))
	}
	temp = ""
	if open {
		open = false
		if err := f.Close(); err != nil {
			return fmt.Errorf("close %s: %w", path, bare(err))
		}
	}
	if err := fsys.SyncDir(filepath.Dir(target)); err != nil {
		return fmt.Errorf("fsync directory of %s: %w", path, bare(err))
	}
	return nil
}

// createTemp starts a file of a name of its own beside target, and removes
// those of killed runs: who is at work holds a lock on its own.
func createTemp(fsys FS, target string, perm fs.FileMode) (File, string, error) {
	sweep(fsys, target)
	for i := 0; ; i++ {
		name := beside(target, ".", fmt.Sprintf("%s%d.%d", outTail, os.Getpid(), i))
		f, err := fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, perm.Perm())
		if err == nil && owned(fsys, f, name) {
			return f, name, nil
		}
		if err == nil { // perhaps swept away before it was locked, and the name is that of another run
			ours := same(fsys, f, name)
			err = errors.Join(fs.ErrExist, f.Close())
			if ours {
				err = errors.Join(err, removeIfThere(fsys, name))
			}
		}
		if !errors.Is(err, fs.ErrExist) || i == 100 {
			return nil, "", err
		}
	}
}

const outTail = ".papyra-out."

// owned locks a file that was just made and makes sure that it still has its
// name.
func owned(fsys FS, f File, name string) bool {
	return f.Lock() == nil && same(fsys, f, name)
}

func same(fsys FS, f File, name string) bool {
	named, err := fsys.Lstat(name)
	info, serr := f.Stat()
	return err == nil && serr == nil && named.Same(info)
}

// sweep removes what killed runs left of outputs to the same target. What
// cannot be removed stays: it is in nobody's way.
func sweep(fsys FS, target string) {
	dir := filepath.Dir(target)
	names, _ := fsys.Names(dir)
	for _, name := range names {
		// The longest tail decides how much of a long name is left.
		stem := filepath.Base(beside(target, ".", outTail))
		if !strings.HasPrefix(name, stem) {
			continue
		}
		name = filepath.Join(dir, name)
		f, err := fsys.OpenFile(name, os.O_RDONLY|NoFollow|NonBlock, 0)
		if err != nil {
			continue
		}
		if owned(fsys, f, name) {
			_ = fsys.Remove(name)
		}
		_ = f.Close()
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
