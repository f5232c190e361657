package spool

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A spool gives back what was written, from memory and from a file, and leaves
// nothing behind.
func TestSpoolGivesBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := Spool{Limit: rapid.Int64Range(1, 40).Draw(t, "limit"), Dir: dir}
		var want []byte
		for _, part := range rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 30)).Draw(t, "parts") {
			n, err := s.Write(part)
			require.NoError(t, err)
			require.Equal(t, len(part), n)
			want = append(want, part...)
			if drop := rapid.IntRange(0, 3*len(want)).Draw(t, "drop"); drop <= len(want) {
				require.NoError(t, s.Drop(int64(drop)))
				want = want[drop:]
			}
			require.EqualValues(t, len(want), s.Size())
			r, err := s.Reader()
			require.NoError(t, err)
			at := rapid.IntRange(0, len(want)).Draw(t, "at")
			got := make([]byte, len(want)-at)
			if len(got) > 0 {
				_, err = r.ReadAt(got, int64(at))
				require.NoError(t, err)
			}
			require.Equal(t, string(want[at:]), string(got))
		}
		require.NoError(t, s.Take(func(r io.Reader) error {
			got, err := io.ReadAll(r)
			require.Equal(t, string(want), string(got))
			return err
		}))
		require.Zero(t, s.Size())
	})
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestSpoolSaysWhatItCannotHold(t *testing.T) {
	s := Spool{Limit: 1, Dir: t.TempDir() + "/none", What: "records"}
	_, err := s.Write([]byte("two"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "hold records in a temporary file: ")
	require.Zero(t, s.Size())
}
