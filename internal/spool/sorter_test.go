package spool

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func sorted(t require.TestingT, s *Sorter) (all []string) {
	for record, err := range s.Sorted {
		require.NoError(t, err)
		all = append(all, string(record))
	}
	return all
}

// Whatever is put in comes out in order, also if most of it waited in the file,
// and as often as is asked for.
func TestSorterSorts(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := &Sorter{Limit: 1, Dir: dir, What: "records"} // a run for each chunk
		defer s.Close()
		// Long ones, so that a few fill a chunk.
		long := rapid.SampledFrom([]int{0, 1, 100, MaxSorted - 40})
		var want []string
		for _, n := range rapid.SliceOfN(long, 0, 80).Draw(rt, "lengths") {
			record := append(bytes.Repeat([]byte{'x'}, n), rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(rt, "end")...)
			require.NoError(rt, s.Add(record))
			want = append(want, string(record))
		}
		slices.Sort(want)
		require.Equal(rt, want, sorted(rt, s))
		require.NoError(rt, s.Add([]byte("more")))
		want = append(want, "more")
		slices.Sort(want)
		require.Equal(rt, want, sorted(rt, s))
	})
}

// A record that is too long is refused, a full disk is told, and whoever has
// seen enough gets no more.
func TestSorterRefuses(t *testing.T) {
	s := &Sorter{Limit: 1, Dir: t.TempDir() + "/missing", What: "names"}
	require.ErrorContains(t, s.Add(make([]byte, MaxSorted+1)), "too long")
	var err error
	for i := 0; i < 40 && err == nil; i++ {
		err = s.Add(make([]byte, MaxSorted))
	}
	require.ErrorContains(t, err, "hold names in a temporary file")
	s = &Sorter{}
	require.NoError(t, s.Add([]byte("b")))
	require.NoError(t, s.Add([]byte("a")))
	for record := range s.Sorted {
		require.Equal(t, "a", string(record))
		break
	}
	require.NoError(t, s.Close())
	require.Empty(t, sorted(t, s))
}
