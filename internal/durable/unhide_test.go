package durable_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

const (
	siblingName = simLog + ".1"
	hiddenName  = simDir + "/.events.ndjson.1.42.papyra-gone"
)

// hiddenStates are what a kill within RemoveEmptied, and others after it, may
// have left, and what is there when the next run has looked.
var hiddenStates = []struct {
	what   string
	before func(*simfs.FS)
	after  map[string]string
	fails  bool
}{
	{"nothing is hidden", func(*simfs.FS) {}, map[string]string{}, false},
	{"empty", func(fs *simfs.FS) { fs.Put(hiddenName, "") }, map[string]string{}, false},
	{"empty, and the name has another file", func(fs *simfs.FS) { fs.Put(hiddenName, ""); fs.Put(siblingName, "b\n") },
		map[string]string{siblingName: "b\n"}, false},
	{"written to", func(fs *simfs.FS) { fs.Put(hiddenName, "a\n") }, map[string]string{siblingName: "a\n"}, false},
	{"written to, and its name given back", func(fs *simfs.FS) { fs.Put(hiddenName, "a\n"); fs.Hardlink(hiddenName, siblingName) },
		map[string]string{siblingName: "a\n"}, false},
	{"written to, and the name has another file", func(fs *simfs.FS) { fs.Put(hiddenName, "a\n"); fs.Put(siblingName, "b\n") },
		map[string]string{siblingName: "b\n", hiddenName: "a\n"}, true},
	{"of another log", func(fs *simfs.FS) { fs.Put(simDir+"/.other.ndjson.1.42.papyra-gone", "") },
		map[string]string{simDir + "/.other.ndjson.1.42.papyra-gone": ""}, false},
	{"no inode in the name", func(fs *simfs.FS) { fs.Put(simDir+"/.events.ndjson.x.papyra-gone", "") },
		map[string]string{simDir + "/.events.ndjson.x.papyra-gone": ""}, false},
}

func filesOf(fs *simfs.FS) map[string]string {
	all := map[string]string{}
	for _, name := range fs.Files() {
		all[name], _ = fs.Get(name)
	}
	return all
}

func TestUnhide(t *testing.T) {
	for _, s := range hiddenStates {
		t.Run(s.what, func(t *testing.T) {
			fs := simfs.New(simDir, evil)
			s.before(fs)
			err := durable.Unhide(simLog, simOptions(fs))
			require.Equal(t, s.fails, err != nil, "%v", err)
			if s.fails {
				require.ErrorContains(t, err, hiddenName)
				require.ErrorIs(t, err, os.ErrExist)
			}
			require.Equal(t, s.after, filesOf(fs))
		})
	}
	t.Run("no folder", func(t *testing.T) {
		fs := simfs.New(simDir, evil)
		require.NoError(t, durable.Unhide("/nowhere/events.ndjson", simOptions(fs)))
	})
	t.Run("a folder of that name", func(t *testing.T) {
		fs := simfs.New(simDir, evil)
		fs.AddDir(hiddenName, 1)
		require.NoError(t, durable.Unhide(simLog, simOptions(fs)))
	})
	t.Run("gone after it was listed", func(t *testing.T) {
		fs := simfs.New(simDir, evil)
		fs.Put(hiddenName, "a\n")
		when(fs, "Lstat#0", func(simfs.Op) { fs.MoveAway(hiddenName, siblingName) })
		require.NoError(t, durable.Unhide(simLog, simOptions(fs)))
		require.Equal(t, map[string]string{siblingName: "a\n"}, filesOf(fs))
	})
	t.Run("given back by another run", func(t *testing.T) {
		fs := simfs.New(simDir, evil)
		fs.Put(hiddenName, "a\n")
		when(fs, "Link#0", func(simfs.Op) { fs.MoveAway(hiddenName, siblingName) })
		require.NoError(t, durable.Unhide(simLog, simOptions(fs)))
		require.Equal(t, map[string]string{siblingName: "a\n"}, filesOf(fs))
	})
}

// Whatever fails, an error comes of it, nothing is lost, and the next run comes
// to the same end.
func TestUnhideWithFaults(t *testing.T) {
	for _, s := range hiddenStates {
		for i, hit := 0, true; hit; i++ {
			fs := simfs.New(simDir, evil)
			s.before(fs)
			before := filesOf(fs)
			op := ""
			failsAt(fs, i, &op)
			err := durable.Unhide(simLog, simOptions(fs))
			hit = op != ""
			given := op == "Link "+siblingName && fs.Ino(siblingName) != 0 // it has its name: the link was not needed
			if hit && !given || s.fails {
				require.Error(t, err, "%s: EIO at %s", s.what, op)
			}
			for name, text := range before {
				if text != "" {
					require.Contains(t, slices.Collect(maps.Values(filesOf(fs))), text, "%s: EIO at %s: %s", s.what, op, name)
				}
			}
			fs.Fault = nil
			require.Equal(t, s.fails, durable.Unhide(simLog, simOptions(fs)) != nil)
			require.Equal(t, s.after, filesOf(fs), "%s: EIO at %s", s.what, op)
		}
	}
}

// Only what was put in the log's place goes, and only if it is empty; off-line
// it needs no lease for that.
func TestRemoveEmptiedOnlyIfItIs(t *testing.T) {
	begin := func(fs *simfs.FS, o durable.Options) *durable.Session {
		s, err := durable.Begin(t.Context(), simLog, o)
		require.NoError(t, err)
		return s
	}
	never := func(what string, fs *simfs.FS, s *durable.Session) {
		before := filesOf(fs)
		fs.Hook = func(op simfs.Op) { require.NotEqual(t, "Rename", op.Name, what) } // not for a moment
		removed, err := s.RemoveEmptied(t.Context())
		fs.Hook = nil
		require.NoError(t, err, what)
		require.False(t, removed, what)
		require.Equal(t, before, filesOf(fs), what)
		require.NoError(t, s.Close(), what)
	}
	fs, _ := world(scenario{})
	s := begin(fs, simOptions(fs))
	never("nothing was put there", fs, s)

	s = begin(fs, simOptions(fs))
	_, err := s.CreateFor(0)
	require.NoError(t, err)
	never("nothing was put there yet", fs, s)

	s = begin(fs, simOptions(fs))
	out, err := s.Create()
	require.NoError(t, err)
	_, err = out.Write([]byte(newLines[0]))
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), s.Size())
	require.NoError(t, err)
	never("it is not empty", fs, s)

	fs, _ = world(scenario{noLease: durable.ErrNoLease})
	o := simOptions(fs)
	o.Offline = true
	s = begin(fs, o)
	_, err = s.CreateFor(0)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), s.Size())
	require.NoError(t, err)
	removed, err := s.RemoveEmptied(t.Context())
	require.NoError(t, err)
	require.True(t, removed)
	require.NoError(t, s.Close())
	require.Empty(t, fs.Files())
}
