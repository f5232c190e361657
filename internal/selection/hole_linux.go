package selection

import (
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// holeEnd returns where data goes on in a sparse file after off, at most size; off
// if there is no hole, or no telling.
func holeEnd(r io.ReaderAt, off, size int64) int64 {
	f, ok := r.(*os.File)
	if s, held := r.(interface{ File() *os.File }); held {
		f, ok = s.File(), s.File() != nil
	}
	if !ok {
		return off
	}
	next, err := unix.Seek(int(f.Fd()), off, unix.SEEK_DATA)
	if errors.Is(err, syscall.ENXIO) { // a hole up to the end of the file
		return size
	}
	if err != nil {
		return off
	}
	return max(off, min(next, size))
}
