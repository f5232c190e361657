package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// sysFlags opens for reading and writing even where reading would do: a
// lock and a flush need a writable handle here.
func sysFlags(flag int) int {
	flag &^= NoFollow | NonBlock
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		flag |= os.O_RDWR
	}
	return flag
}

func busyIfBlocked(err error) error {
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

func infoOf(fi fs.FileInfo) Info {
	return Info{Size: fi.Size(), Mode: fi.Mode(), Links: 1, ModTime: fi.ModTime(), same: fi}
}

// SyncDir does nothing: a directory cannot be flushed here, and NTFS logs its entries.
func (osFS) SyncDir(string) error { return nil }

func (osFS) Free(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return int64(min(free, 1<<62)), nil
}

// The lock lies far past any content: a Windows lock is mandatory and would
// otherwise keep the producer from writing.
var lockAt = windows.Overlapped{OffsetHigh: 0x7fffffff}

func (f *osFile) Lock() error {
	at := lockAt
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrBusy
	}
	return err
}

func (f *osFile) Unlock() error {
	at := lockAt
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &at)
}

func (f *osFile) Append(p []byte) (off int64, n int, err error) {
	if f.always {
		n, err = f.Write(p)
		end, serr := f.Seek(0, io.SeekCurrent)
		return end - int64(n), n, errors.Join(err, serr)
	}
	off, err = f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0, err
	}
	n, err = f.Write(p)
	return off, n, err
}

// CopyMeta copies the read-only bit; access lists are inherited from the directory.
func (f *osFile) CopyMeta(from File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	return os.Chmod(f.Name(), info.Mode.Perm())
}
