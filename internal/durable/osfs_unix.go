//go:build unix

package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func sysFlags(flag int) int {
	out := flag &^ (NoFollow | NonBlock)
	if flag&NoFollow != 0 {
		out |= unix.O_NOFOLLOW
	}
	if flag&NonBlock != 0 {
		out |= unix.O_NONBLOCK
	}
	return out
}

// busyIfBlocked marks the answer to an opening that would have to wait for a
// lease.
func busyIfBlocked(err error) error {
	if errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

func infoOf(fi fs.FileInfo) Info {
	info := Info{Size: fi.Size(), Mode: fi.Mode(), ModTime: fi.ModTime(), same: fi}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		info.Dev, info.Ino = uint64(st.Dev), st.Ino
		info.Links, info.UID, info.GID = uint64(st.Nlink), st.Uid, st.Gid
	}
	return info
}

// countLinks has nothing to do: infoOf knows.
func countLinks(*os.File, *Info) error { return nil }

func (osFS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

func (osFS) Free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

func (f *osFile) Lock() error {
	err := eintr(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrBusy
	}
	if err != nil {
		return fmt.Errorf("flock %s: %w", f.Name(), err)
	}
	return nil
}

func (f *osFile) Unlock() error {
	return eintr(func() error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) })
}

// appendMode switches O_APPEND, so that one descriptor can both put bytes in
// place and add to the end: a second one would break our own lease.
func (f *osFile) appendMode(on bool) error {
	if f.always {
		return nil
	}
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return fmt.Errorf("fcntl %s: %w", f.Name(), err)
	}
	flags &^= unix.O_APPEND
	if on {
		flags |= unix.O_APPEND
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETFL, flags); err != nil {
		return fmt.Errorf("fcntl %s: %w", f.Name(), err)
	}
	return nil
}

// atEnd runs one appending system call and says where its bytes begin.
func (f *osFile) atEnd(call func(fd int) (int, error)) (off int64, n int, err error) {
	if err := f.appendMode(true); err != nil {
		return 0, 0, err
	}
	err = eintr(func() (err error) { n, err = call(int(f.Fd())); return err })
	if n > 0 {
		// The position after an O_APPEND write is the end of what it wrote.
		end, serr := f.Seek(0, io.SeekCurrent)
		if serr != nil && err == nil {
			err = serr
		}
		off = end - int64(n)
	}
	if err != nil {
		err = fmt.Errorf("write %s: %w", f.Name(), err)
	}
	return off, max(n, 0), errors.Join(err, f.appendMode(false))
}

func (f *osFile) Append(p []byte) (off int64, n int, err error) {
	return f.atEnd(func(fd int) (int, error) { return unix.Write(fd, p) })
}

func eintr(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
