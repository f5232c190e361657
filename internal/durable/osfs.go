package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/papyra-tools/papyra/internal/opening"
)

// OS is the file system of the operating system.
func OS() FS { return osFS{} }

type osFS struct{}

// osFile is one open file of the operating system. It is not safe for
// concurrent use, except ReadAt.
type osFile struct {
	*os.File
	always bool // opened with O_APPEND: every write goes to the end
}

func (osFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := opening.File(name, sysFlags(flag), perm)
	if err != nil {
		return nil, busyIfBlocked(err)
	}
	return &osFile{File: f, always: flag&os.O_APPEND != 0}, nil
}

func (osFS) Lstat(name string) (Info, error) {
	fi, err := os.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	return infoOf(fi), nil
}

func (osFS) Resolve(name string) (string, error) { return filepath.EvalSymlinks(name) }
func (osFS) Remove(name string) error            { return os.Remove(name) }
func (osFS) Rename(from, to string) error        { return os.Rename(from, to) }
func (osFS) Link(from, to string) error          { return os.Link(from, to) }
func (osFS) Now() time.Time                      { return time.Now() }
func (osFS) Sleep(d time.Duration)               { time.Sleep(d) }

func (osFS) Names(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	names, err := d.Readdirnames(-1)
	return names, errors.Join(err, d.Close())
}

func (o osFS) MkdirAll(dir string, perm fs.FileMode) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := o.MkdirAll(parent, perm); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return o.SyncDir(parent)
}

func (f *osFile) Stat() (Info, error) {
	fi, err := f.File.Stat()
	if err != nil {
		return Info{}, err
	}
	info := infoOf(fi)
	return info, countLinks(f.File, &info)
}

// Same reports whether both describe one file.
func (i Info) Same(j Info) bool {
	if i.same != nil && j.same != nil {
		return os.SameFile(i.same, j.same)
	}
	return i.Dev == j.Dev && i.Ino == j.Ino && i.Ino != 0
}

// copyBytes is the CopyFrom that works everywhere.
func copyBytes(dst io.WriterAt, src io.ReaderAt, srcOff, off, n int64) (int64, error) {
	buf := make([]byte, min(n, 256<<10))
	var done int64
	for done < n {
		b := buf[:min(int64(len(buf)), n-done)]
		got, err := src.ReadAt(b, srcOff+done)
		if got > 0 {
			put, werr := dst.WriteAt(b[:got], off+done)
			done += int64(put)
			if werr != nil {
				return done, werr
			}
		}
		if got < len(b) {
			if err == nil || errors.Is(err, io.EOF) {
				err = fmt.Errorf("read at offset %d: %w", srcOff+done, io.ErrUnexpectedEOF)
			}
			return done, err
		}
	}
	return done, nil
}
