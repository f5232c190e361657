package stream

import (
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// holeEnd returns where data goes on in a sparse file after off, at most size;
// off if there is no hole, or no telling. The file system reports holes in
// whole blocks, so that it is to be asked only where the bytes before are NUL.
func holeEnd(r io.ReaderAt, off, size int64) int64 {
	f := fileOf(r)
	if f == nil {
		return off
	}
	next, err := unix.Seek(int(f.Fd()), off, unix.SEEK_DATA)
	if errors.Is(err, syscall.ENXIO) { // a hole up to the end of the file
		return max(off, size)
	}
	if err != nil {
		return off
	}
	return max(off, min(next, size))
}

// dropCache takes a part of a file out of the page cache. The kernel leaves
// pages that are not written yet, or mapped.
func dropCache(f *os.File, off, n int64) {
	_ = unix.Fadvise(int(f.Fd()), off, n, unix.FADV_DONTNEED)
}
