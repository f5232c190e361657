package jsonscan

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// guarded returns a page between two that may not be read: a byte too many, at
// either end, kills the test.
func guarded(t testing.TB) []byte {
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(m)) })
	require.NoError(t, syscall.Mprotect(m[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(m[2*page:], syscall.PROT_NONE))
	return m[page : 2*page : 2*page]
}

// TestLinesReadNothingBesideTheText lays whole blocks there, of every length.
func TestLinesReadNothingBesideTheText(t *testing.T) {
	inside := guarded(t)
	text := strings.Repeat(strings.Join(fastLines, "\n")+"\n", 3)
	l := new(Lines)
	for n := range min(len(text), len(inside)) {
		end := inside[len(inside)-n:]
		copy(end, text)
		linesAgree(t, l, end)
		start := inside[:n:n]
		copy(start, text[len(text)-n:])
		linesAgree(t, l, start)
	}
}

func TestFastReadsNothingBesideTheText(t *testing.T) {
	inside := guarded(t)
	for _, line := range fastLines {
		for n := 0; n < 300; n += sparsely(1) {
			text := shifted(line, n)
			for i := range len(line) {
				// Whole and cut off: what ends early wants to read on.
				cut := text[:len(text)-i]
				end := inside[len(inside)-len(cut):]
				copy(end, cut)
				agree(t, end)
				start := inside[:len(cut):len(cut)]
				copy(start, cut)
				agree(t, start)
			}
		}
	}
}
