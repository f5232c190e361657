package durable_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// emptyAndRemove is what becomes of an old file of a set of which nothing
// stays, if it still has its name when the session begins.
func emptyAndRemove(fs *simfs.FS) (removed bool, err error) {
	meant := fs.Ino(simLog)
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	if err != nil {
		return false, err
	}
	defer s.Close()
	if s.Info().Ino != meant {
		return false, nil
	}
	if _, err := s.CreateFor(0); err != nil {
		return false, err
	}
	if _, err := s.Commit(context.Background(), s.Size()); err != nil {
		return false, err
	}
	return s.RemoveEmptied(context.Background())
}

// after is what the next run finds once it has finished what was begun.
func after(t *testing.T, fs *simfs.FS, when string) string {
	t.Helper()
	require.NoError(t, durable.Unhide(simLog, simOptions(fs)), when)
	if _, ok := fs.Get(simLog); ok {
		s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
		require.NoError(t, err, when)
		require.NoError(t, s.Close())
	}
	for _, name := range fs.Files() {
		require.NotContains(t, name, "papyra-gone", when)
	}
	text, ok := fs.Get(simLog)
	if !ok {
		return "removed"
	}
	return text
}

func TestRemoveEmptied(t *testing.T) {
	fs, _ := world(scenario{})
	removed, err := emptyAndRemove(fs)
	require.NoError(t, err)
	require.True(t, removed)
	require.Empty(t, fs.Files())
}

// A run is killed, or the power goes, before each operation: the file is as it
// was, empty, or gone.
func TestKillRemoveEmptied(t *testing.T) {
	ends := map[string]int{}
	for k, hit := 0, true; hit; k++ {
		hit = false
		fs, _ := world(scenario{})
		fs.Hook = func(op simfs.Op) {
			if op.N == k {
				hit = true
				fs.Crashes(func(c *simfs.FS) { ends[after(t, c, "lost its power before "+op.Name+" "+op.Path)]++ })
				fs.Die()
			}
		}
		_, _ = emptyAndRemove(fs)
		fs.Hook = nil
		fs.Restart()
		ends[after(t, fs, "killed")]++
	}
	require.Len(t, ends, 3, "as it was, empty, gone: %v", ends)
	for _, want := range []string{strings.Join(oldLines, ""), "", "removed"} {
		require.NotZero(t, ends[want], "%v", ends)
	}
}

// The set is rotated before each operation, so that another file has the name
// from then on; and then the run is killed in each state. That file is never
// lost.
func TestRotatedRemoveEmptied(t *testing.T) {
	const other = "another file\n"
	for k, hit := 0, true; hit; k++ {
		hit = false
		at := ""
		fs, _ := world(scenario{})
		seen := func(fs *simfs.FS, when string) {
			_ = durable.Unhide(simLog, simOptions(fs))
			found := slices.ContainsFunc(fs.Files(), func(name string) bool {
				text, _ := fs.Get(name)
				return text == other && !strings.HasSuffix(name, "-gone")
			})
			require.True(t, found, "%s: %v", when, fs.Files())
		}
		fs.Hook = func(op simfs.Op) {
			if op.N == k {
				hit, at = true, op.Name+" "+op.Path
				fs.Put(simLog+".younger", other)
				fs.MoveAway(simLog, simLog+".older")
				fs.MoveAway(simLog+".younger", simLog)
			}
			if op.N > k && op.N < k+8 { // around what happens to the name
				c := fs.Clone()
				c.Hook = nil
				c.Restart()
				seen(c, "killed before "+op.Name+" "+op.Path)
			}
		}
		_, _ = emptyAndRemove(fs)
		fs.Hook = nil
		fs.Restart()
		if hit {
			seen(fs, "over, rotated before "+at)
		}
	}
}

// An empty file that somebody has open for writing stays: what he writes next
// is in the log.
func TestRemoveEmptiedWhileItIsOpen(t *testing.T) {
	fs, _ := world(scenario{})
	w := fs.Writer()
	when(fs, "Rename#0", func(simfs.Op) {
		require.True(t, w.Lookup(simLog))
		require.True(t, w.Open())
	})
	removed, err := emptyAndRemove(fs)
	require.NoError(t, err)
	require.False(t, removed)
	w.Write("late\n")
	w.Close()
	require.Equal(t, "late\n", content(fs, simLog))
	require.Equal(t, []string{simLog}, fs.Files())
}
