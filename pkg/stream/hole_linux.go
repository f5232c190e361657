package stream

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// skipHole moves to where data goes on. It may be called only where the bytes
// before are NUL: the file system reports holes in whole blocks.
func (s *section) skipHole() int64 {
	next, err := unix.Seek(int(s.f.Fd()), s.off, unix.SEEK_DATA)
	if errors.Is(err, syscall.ENXIO) { // a hole up to the end of the file
		next = s.size
	} else if err != nil {
		return 0
	}
	next = min(next, s.size)
	skipped := next - s.off
	if skipped <= 0 {
		return 0
	}
	s.off = next
	return skipped
}
