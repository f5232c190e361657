package durable

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// leaseFileSystems are local and known to honour leases; the value is for
// messages and tests.
func leaseFileSystem(magic int64) bool {
	switch uint32(magic) {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.TMPFS_MAGIC,
		unix.OVERLAYFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, 0x2fc12fc1: // zfs
		return true
	}
	return false
}

func (osFS) KeepsLeases(dir string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fmt.Errorf("statfs %s: %w", dir, err)
	}
	if !leaseFileSystem(int64(st.Type)) {
		return fmt.Errorf("%w: this file system (type %#x) is not one that can hold back all writers", ErrNoLease, uint32(st.Type))
	}
	return notExported(dir, "/proc/fs/nfsd/exports", "/var/lib/nfs/etab")
}

func (osFS) Exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return fmt.Errorf("%w: %w", ErrNoExchange, err)
	}
	if err != nil {
		return fmt.Errorf("exchange %s and %s: %w", a, b, err)
	}
	return nil
}

func (f *osFile) SetLease(l Lease) error {
	kind := unix.F_RDLCK
	if l == WriteLease {
		kind = unix.F_WRLCK
	}
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, kind)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EAGAIN):
		return ErrBusy
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return ErrNotOwner
	default:
		return fmt.Errorf("%w: %w", ErrNoLease, err)
	}
}

func (f *osFile) Unlease() (held bool, err error) {
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	if errors.Is(err, unix.EAGAIN) { // there is none
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("let go of the lease on %s: %w", f.Name(), err)
	}
	return true, nil
}

func (f *osFile) Lease() (Lease, error) {
	kind, err := unix.FcntlInt(f.Fd(), unix.F_GETLEASE, 0)
	if err != nil {
		return NoLease, fmt.Errorf("fcntl %s: %w", f.Name(), err)
	}
	switch kind {
	case unix.F_RDLCK:
		return ReadLease, nil
	case unix.F_WRLCK:
		return WriteLease, nil
	}
	return NoLease, nil
}

// announce sets both times to now, which is when the file was written anyway:
// watchers of the directory get an event.
func (f *osFile) announce() {
	if unix.UtimesNanoAt(int(f.Fd()), "", nil, unix.AT_EMPTY_PATH) != nil { // before Linux 5.8
		_ = unix.Futimes(int(f.Fd()), nil)
	}
}

// Reserve writes the same zeros over and over with one writev, so that a long
// line needs no long buffer.
func (f *osFile) Reserve(n int64) (off, got int64, err error) {
	zeros := make([]byte, min(n, 1<<20))
	var parts [][]byte
	for left := n; left > 0; left -= int64(len(zeros)) {
		parts = append(parts, zeros[:min(left, int64(len(zeros)))])
	}
	if len(parts) > 1024 { // IOV_MAX
		return 0, 0, fmt.Errorf("reserve %d bytes in %s: too long a line", n, f.Name())
	}
	off, put, err := f.atEnd(func(fd int) (int, error) { return unix.Writev(fd, parts) })
	if err == nil && int64(put) < n {
		err = fmt.Errorf("reserve %d bytes in %s: %w", n, f.Name(), unix.ENOSPC)
	}
	return off, int64(put), err
}

// CopyFrom uses copy_file_range: the kernel copies, or shares the extents.
func (f *osFile) CopyFrom(src File, srcOff, off, n int64) (int64, error) {
	from, ok := src.(*osFile)
	if !ok {
		return copyBytes(f, src, srcOff, off, n)
	}
	var done int64
	for done < n {
		hole, err := f.skipHole(from, srcOff+done, off+done, n-done)
		if done += hole; err != nil || done == n {
			return done, err
		}
		so, do := srcOff+done, off+done
		got, err := unix.CopyFileRange(int(from.Fd()), &so, int(f.Fd()), &do, int(min(from.dataLength(so), n-done, 64<<20)), 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil && !kernelCopyUnsupported(err) {
			return done, fmt.Errorf("copy %s: %w", from.Name(), err)
		}
		if err != nil || got == 0 { // 0 may be the end, or a file system that lies: reading will tell
			more, err := copyBytes(f, src, srcOff+done, off+done, n-done)
			return done + more, err
		}
		done += int64(got)
	}
	return done, nil
}

// dataLength is how long the data is that is at off, up to the next hole.
func (f *osFile) dataLength(off int64) int64 {
	if end, err := unix.Seek(int(f.Fd()), off, unix.SEEK_HOLE); err == nil && end > off {
		return end - off
	}
	return math.MaxInt64
}

// skipHole leaves out a hole of src, as a hole here. What is copied is always
// put where nothing was, so that it only has to make the file long enough. It
// returns how long the hole is; 0 where there is data, or no telling.
func (f *osFile) skipHole(src *osFile, srcOff, off, n int64) (int64, error) {
	data, err := unix.Seek(int(src.Fd()), srcOff, unix.SEEK_DATA)
	if errors.Is(err, unix.ENXIO) { // a hole up to the end, or the end
		info, err := src.Stat()
		if err != nil || info.Size < srcOff+n {
			return 0, err // reading will tell
		}
		data = srcOff + n
	} else if err != nil || data <= srcOff {
		return 0, nil
	}
	hole := min(data-srcOff, n)
	info, err := f.Stat()
	if err == nil && info.Size < off+hole {
		err = f.Truncate(off + hole)
	}
	return hole, err
}

func kernelCopyUnsupported(err error) bool {
	for _, e := range []error{unix.EXDEV, unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP, unix.EPERM, unix.EIO} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
