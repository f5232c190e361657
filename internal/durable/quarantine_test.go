package durable_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// evidence is what is kept in a directory, by name.
func evidence(fs *simfs.FS, dir string) map[string]string {
	all := map[string]string{}
	for name, text := range filesOf(fs) {
		if filepath.Dir(name) == dir && name != simLog {
			all[name] = text
		}
	}
	return all
}

// wayToKeep is where the original is kept, and what a link comes to there.
type wayToKeep struct {
	name, dir string
	otherwise error
}

var waysToKeep = []wayToKeep{
	{"one more name", evil, nil},
	{"another mount", evil, syscall.EXDEV},
	{"another device", farAway, nil},
}

func (c wayToKeep) link(op simfs.Op) (f simfs.Fault) {
	if op.Name == "Link" && filepath.Dir(op.Path) == c.dir {
		f.Err = c.otherwise
	}
	return f
}

// A rewrite that keeps the original is killed before each operation. The log is
// then as it was, and nothing is left of the rewrite; or it is new, and the
// original is there whole. Who is not told of the directory removes no copy
// from it: a journal may be forged.
func TestKilledWithQuarantine(t *testing.T) {
	was, is := strings.Join(oldLines, ""), strings.Join(newLines, "")
	for _, c := range waysToKeep {
		for _, told := range []string{c.dir, "", filepath.Join(simDir, "elsewhere")} {
			ends := map[string]int{}
			for k, hit := 0, true; hit; k++ {
				hit = false
				fs, _ := world(scenario{})
				fs.Fault = c.link
				at := ""
				fs.Hook = func(op simfs.Op) {
					if op.N == k {
						hit, at = true, c.name+": "+op.Name+" "+op.Path
						fs.Die()
					}
				}
				o := simOptions(fs)
				o.QuarantineDir = c.dir
				_, _ = simRewrite(context.Background(), o)
				fs.Hook, fs.Fault = nil, nil
				fs.Restart()
				o.QuarantineDir = told
				s, err := durable.Begin(t.Context(), simLog, o)
				require.NoError(t, err, at)
				var left []string
				for _, r := range s.Recovered() {
					left = append(left, r.Left...)
				}
				require.NoError(t, s.Close())
				text, kept := content(fs, simLog), evidence(fs, c.dir)
				ends[map[bool]string{true: "old", false: "new"}[text == was]]++
				for _, name := range left {
					require.Contains(t, kept, name, at)
				}
				if text == is {
					require.Equal(t, map[string]string{quarantined(kept): was}, kept, at)
					require.Empty(t, left, at)
					continue
				}
				require.Equal(t, was, text, at)
				if told == c.dir || c.name == "one more name" {
					require.Empty(t, kept, at)
				} else {
					ends["left"] += len(left)
					require.True(t, len(kept) == 0 || len(left) == 1, "%s: %v, told of %v", at, kept, left)
				}
			}
			require.NotZero(t, ends["old"])
			require.NotZero(t, ends["new"])
			require.Equal(t, c.name != "one more name" && told != c.dir, ends["left"] > 0, "%s: %v", c.name, ends)
		}
	}
}

// quarantined is the only name among the evidence.
func quarantined(kept map[string]string) (name string) {
	for name = range kept {
	}
	return name
}

// The log is rotated, or another one takes its name, just before the original
// gets its second name: nothing is kept that is not the original.
func TestQuarantineOfTheRightFile(t *testing.T) {
	for _, dir := range []string{evil, farAway} {
		fs, _ := world(scenario{})
		const other = "another\n"
		at := "Link#0"
		if dir == farAway {
			at = "CopyFrom#0"
		}
		when(fs, at, func(simfs.Op) {
			fs.MoveAway(simLog, simLog+".1")
			fs.Put(simLog, other)
		})
		o := simOptions(fs)
		o.QuarantineDir = dir
		_, err := simRewrite(t.Context(), o)
		require.Error(t, err, dir)
		require.Equal(t, map[string]string{simLog: other, simLog + ".1": strings.Join(oldLines, "")}, filesOf(fs), dir)
	}
}

// Each operation of a rewrite that keeps the original fails. What has to do
// with the evidence is reported; the log is new and the original there whole,
// with what was known of it and whatever the power loss after it takes, or the
// log is as it was, and nothing is kept.
func TestFaultsWithQuarantine(t *testing.T) {
	was, is := strings.Join(oldLines, ""), strings.Join(newLines, "")
	const late = "nobody fsynced it\n"
	for _, c := range waysToKeep {
		done := 0
		for i, hit := 0, true; hit; i++ {
			fs, _ := world(scenario{})
			appendNow(t, fs, late)
			o, at := simOptions(fs), c.name
			o.QuarantineDir = c.dir
			fs.Fault = c.link
			failsAt(fs, i, &at)
			_, err := simRewrite(t.Context(), o)
			fs.Fault, hit = nil, at != c.name
			if strings.Contains(at, " "+c.dir) && at != "Lstat "+c.dir { // of that it only depends how it is kept
				require.ErrorIs(t, err, syscall.EIO, at)
			}
			s, berr := durable.Begin(t.Context(), simLog, o)
			require.NoError(t, berr, at)
			require.NoError(t, s.Close())
			kept := evidence(fs, c.dir)
			if content(fs, simLog) == was+late {
				require.Error(t, err, at)
				require.Empty(t, kept, at)
				continue
			}
			done++
			require.Equal(t, is+late, content(fs, simLog), at)
			name := quarantined(kept)
			require.Equal(t, map[string]string{name: was + late}, kept, at)
			require.Equal(t, fs.Meta(simLog), fs.Meta(name), at)
			fs.Crashes(func(lost *simfs.FS) { require.Equal(t, was+late, content(lost, name), at) })
		}
		require.NotZero(t, done, c.name)
	}
}

// A rewrite is killed before the exchange, and each operation of the recovery
// that removes the evidence fails: that is reported, and the next recovery
// removes it.
func TestFaultsOfRemovingEvidence(t *testing.T) {
	for _, c := range waysToKeep {
		for i, hit := 0, true; hit; i++ {
			fs, _ := world(scenario{})
			o, at := simOptions(fs), c.name
			o.QuarantineDir = c.dir
			fs.Fault = c.link
			killedAt(fs, justBefore, func() { _, _ = simRewrite(t.Context(), o) })
			require.Len(t, evidence(fs, c.dir), 1)
			failsAt(fs, i, &at)
			s, err := durable.Begin(t.Context(), simLog, o)
			if err == nil {
				_ = s.Close()
			}
			fs.Fault, hit = nil, at != c.name
			if strings.Contains(at, " "+c.dir) {
				require.ErrorIs(t, err, syscall.EIO, at)
			}
			s, err = durable.Begin(t.Context(), simLog, o)
			require.NoError(t, err, at)
			require.NoError(t, s.Close())
			require.Equal(t, map[string]string{simLog: strings.Join(oldLines, "")}, filesOf(fs), at)
		}
	}
}

// Somebody takes the name for the original just before it is given: his file
// stays, and the log is as it was.
func TestQuarantineReplacesNothing(t *testing.T) {
	fs, _ := world(scenario{})
	o, name := simOptions(fs), ""
	o.QuarantineDir = evil
	when(fs, "Link#0", func(op simfs.Op) {
		name = op.Path
		fs.Put(name, "precious\n")
	})
	_, err := simRewrite(t.Context(), o)
	require.ErrorIs(t, err, os.ErrExist)
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, ""), name: "precious\n"}, filesOf(fs))
}

// A forged journal has nothing removed but one more name of the log that we
// would have given it, and no copy that is not where this run was told to keep
// some, not even in the working directory.
func TestQuarantineIsNoAuthority(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, c := range []struct {
		name    string
		copy    bool // the journal says so
		another bool // it is not the log under one more name
		told    bool // that it is
		goes    bool // it is removed, and nothing else
	}{
		{name: evil + "/precious", told: true},
		{name: simDir + "/other.ndjson.quarantine.5", told: true},
		{name: evil + "/events.ndjson.quarantine.5", another: true},
		{name: evil + "/events.ndjson.quarantine.5", goes: true},
		{name: here + "/events.ndjson.quarantine.5", copy: true, another: true, told: true},
	} {
		l := left{log: "old", journal: "ready"}
		fs := l.world(t)
		fs.AddDir(evil, 1)
		fs.AddDir(here, 1)
		require.NoError(t, fs.Remove(journalled))
		require.NoError(t, durable.PlantJournal(fs, simLog, durable.Base{Old: fs.Ino(simLog), New: 1, Ready: true, Guarantee: durable.Exclusive,
			Quarantine: []byte(c.name), Copy: c.copy}))
		fs.Hardlink(simLog, c.name)
		if c.another {
			fs.Put(c.name, "precious\n")
		}
		half := filepath.Join(filepath.Dir(c.name), "."+filepath.Base(c.name)+".papyra-new")
		fs.Put(half, "precious too\n")
		before := filesOf(fs)
		delete(before, journalled)
		if c.goes {
			delete(before, c.name)
		}
		o := simOptions(fs)
		o.BreakLinks = true
		s, err := durable.Begin(t.Context(), simLog, o)
		require.NoError(t, err, c.name)
		require.NoError(t, s.Close())
		require.Equal(t, before, filesOf(fs), c.name)
		require.Equal(t, c.told, slices.Equal([]string{c.name}, s.Recovered()[0].Left), "%s: %v", c.name, s.Recovered())
	}
}

// The directory that this run was told of may lead through a link, as the one
// of the run that was killed.
func TestRemovesEvidenceBehindALink(t *testing.T) {
	fs, _ := world(scenario{})
	o := simOptions(fs)
	o.QuarantineDir = farAway
	killedAt(fs, justBefore, func() { _, _ = simRewrite(t.Context(), o) })
	require.Len(t, evidence(fs, farAway), 1)
	o.FS, o.QuarantineDir = linked{fs}, "/link"
	s, err := durable.Begin(t.Context(), simLog, o)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Empty(t, s.Recovered()[0].Left)
	require.Equal(t, []string{simLog}, fs.Files())
}

// linked has a link /link to the directory on another device.
type linked struct{ durable.FS }

func (l linked) Resolve(name string) (string, error) {
	if name == "/link" {
		return farAway, nil
	}
	return l.FS.Resolve(name)
}

// Where others can plant a link, no directory is made behind one.
func TestQuarantineIsNotMadeBehindAPlantedLink(t *testing.T) {
	path, shared, victim := newLog(t, "bad\nb\n"), t.TempDir(), t.TempDir()
	require.NoError(t, os.Chmod(shared, 0o777))
	require.NoError(t, os.Symlink(victim, filepath.Join(shared, "link")))
	o := quick()
	o.QuarantineDir = filepath.Join(shared, "link", "made")
	_, err := rewrite(t.Context(), path, o, "b\n", 6)
	require.ErrorContains(t, err, "symbolic link")
	made, err := os.ReadDir(victim)
	require.NoError(t, err)
	require.Empty(t, made)
	require.Equal(t, "bad\nb\n", read(t, path))
}
