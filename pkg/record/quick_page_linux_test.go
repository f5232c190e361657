package record

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCheckReadsNothingBehindTheLine lays lines against pages that may not be
// read, at both ends: a byte too many would kill the test.
func TestCheckReadsNothingBehindTheLine(t *testing.T) {
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(m)) }()
	require.NoError(t, syscall.Mprotect(m[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(m[2*page:], syscall.PROT_NONE))
	inside := m[page : 2*page]
	c := NewChecker(Options{})
	for _, line := range quickLines {
		for n := range 300 {
			text := shifted(line, n)
			for i := range len(line) {
				// Whole and cut off: what ends early wants to read on.
				cut := text[:len(text)-i]
				want := c.slow([]byte(cut), 0)
				end := inside[page-len(cut):]
				copy(end, cut)
				require.Equal(t, want, c.Check(end, 0))
				start := inside[:len(cut):len(cut)]
				copy(start, cut)
				require.Equal(t, want, c.Check(start, 0))
			}
		}
	}
}
