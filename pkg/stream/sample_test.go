package stream

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func sampleOf(t *testing.T, text string, most int) []string {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	src, err := Open(t.Context(), path)
	require.NoError(t, err)
	defer src.Close()
	lines, err := Sample(src, most)
	require.NoError(t, err)
	var out []string
	for _, l := range lines {
		out = append(out, string(l))
	}
	return out
}

func TestSampleOfSmallFiles(t *testing.T) {
	require.Empty(t, sampleOf(t, "", 10))
	require.Equal(t, []string{"a", "", "b"}, sampleOf(t, "a\n\nb\n", 10))
	require.Equal(t, []string{"a", "b"}, sampleOf(t, "a\nb", 10))
	require.Equal(t, []string{"a", "c"}, sampleOf(t, "a\nb\nc\nd\n", 2))
}

func TestSampleOfLargeFiles(t *testing.T) {
	var b strings.Builder
	n := 0
	for b.Len() < 20<<20 {
		fmt.Fprintf(&b, "line %d\n", n)
		n++
	}
	text := b.String() + "the last one"
	got := sampleOf(t, text, 999)
	require.Len(t, got, 999)
	require.Equal(t, "line 0", got[0])
	var inMiddle, inEnd int
	for _, line := range got {
		if line == "the last one" {
			continue
		}
		i, err := strconv.Atoi(strings.TrimPrefix(line, "line "))
		require.NoError(t, err)
		require.Less(t, i, n)
		require.Equal(t, fmt.Sprint("line ", i), line) // a whole one
		if i > n/3 && i < 2*n/3 {
			inMiddle++
		} else if i > 2*n/3 {
			inEnd++
		}
	}
	require.Equal(t, 333, inMiddle)
	require.GreaterOrEqual(t, inEnd, 332)
	// Lines that are longer than what is looked at can't be told from parts.
	require.Empty(t, sampleOf(t, strings.Repeat("x", 20<<20), 10))
}

func TestSampleOfAStream(t *testing.T) {
	src, err := FromReader("-", strings.NewReader("a\nb\n"))
	require.NoError(t, err)
	lines, err := Sample(src, 10)
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("a"), []byte("b")}, lines)
}
