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

// countLinks asks the open file how many names it has; a name alone does not
// tell.
func countLinks(f *os.File, info *Info) error {
	var by windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &by); err != nil {
		return fmt.Errorf("count the names of %s: %w", f.Name(), err)
	}
	info.Links = uint64(by.NumberOfLinks)
	return nil
}

// SyncDir does nothing: a directory cannot be flushed here, and NTFS logs its
// entries.
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

// CopyMeta copies the read-only bit and the access list, lest a file be open to
// more than its log was: a new one inherits the list of its directory.
func (f *osFile) CopyMeta(from File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	src, ok := from.(*osFile)
	if !ok {
		return errors.New("copy metadata: not a file of the operating system")
	}
	name := src.Name()
	security, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("read the access list of %s: %w", name, err)
	}
	list, _, err := security.DACL()
	if err != nil {
		return fmt.Errorf("read the access list of %s: %w", name, err)
	}
	what := windows.SECURITY_INFORMATION(windows.DACL_SECURITY_INFORMATION | windows.UNPROTECTED_DACL_SECURITY_INFORMATION)
	if control, _, err := security.Control(); err != nil || control&windows.SE_DACL_PROTECTED != 0 {
		what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	}
	if err := windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, what, nil, nil, list, nil); err != nil {
		return fmt.Errorf("set the access list of %s: %w", f.Name(), err)
	}
	return os.Chmod(f.Name(), info.Mode.Perm())
}
