package durable_test

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

const removedText = "what went\n"

// archived is a rewrite that keeps what it removes in dir.
func archived(fs *simfs.FS, dir string) error {
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	if err != nil {
		return err
	}
	defer s.Close()
	out, err := s.Create()
	if err != nil {
		return err
	}
	a, err := s.Archive(dir)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(a, removedText); err != nil {
		return err
	}
	a.Call("1-2")
	if _, err := io.WriteString(out, strings.Join(newLines, "")); err != nil {
		return err
	}
	_, err = s.Commit(context.Background(), s.Size())
	return err
}

// settledArchive checks what is there after the run that follows another one:
// the log is the old one and nothing else is there, or the new one and exactly
// one archive.
func settledArchive(t *testing.T, fs *simfs.FS, dir, when string) (finished bool) {
	t.Helper()
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	require.NoError(t, err, when)
	require.NoError(t, s.Close())
	got, _ := fs.Get(simLog)
	want := []string{simLog}
	if got == strings.Join(newLines, "") {
		finished = true
		name := durable.ArchiveName(dir, simLog, "1-2")
		text, _ := fs.Get(name)
		require.Equal(t, removedText, text, when)
		require.Equal(t, fs.Meta(simLog), fs.Meta(name), when)
		want = append(want, name)
	} else {
		require.Equal(t, strings.Join(oldLines, ""), got, when)
	}
	slices.Sort(want)
	files := fs.Files()
	slices.Sort(files)
	require.Equal(t, want, files, when)
	return finished
}

// A rewrite with an archive is killed before each of its operations, loses its
// power there, and is killed again within the run that follows: what was
// removed is in the log, or in the archive, and never in both.
func TestKillArchive(t *testing.T) {
	for _, dir := range []string{simDir, evil, farAway} {
		t.Run(dir, func(t *testing.T) {
			finished, undone := 0, 0
			settle := func(fs *simfs.FS, when string) {
				if settledArchive(t, fs, dir, when) {
					finished++
				} else {
					undone++
				}
			}
			for k, hit := 0, true; hit; k++ {
				hit = false
				fs, _ := world(scenario{})
				at := ""
				fs.Hook = func(op simfs.Op) {
					if op.N == k {
						hit, at = true, op.Name+" "+op.Path
						fs.Crashes(func(c *simfs.FS) { settle(c, "lost its power before "+at) })
						fs.Die()
					}
				}
				_ = archived(fs, dir)
				fs.Hook = nil
				fs.Restart()
				// The next run is killed as well, a few operations on from
				// where the first one was.
				if hit {
					from := fs.Ops() + k%37
					fs.Hook = func(op simfs.Op) {
						if op.N == from {
							fs.Crashes(func(c *simfs.FS) { settle(c, "lost its power twice, first before "+at) })
							fs.Die()
						}
					}
					if s, err := durable.Begin(context.Background(), simLog, simOptions(fs)); err == nil {
						_ = s.Close()
					}
					fs.Hook = nil
					fs.Restart()
				}
				settle(fs, "killed before "+at)
			}
			require.NotZero(t, finished)
			require.NotZero(t, undone)
		})
	}
}

// Each operation fails: the log is as it was and there is no archive, or it is
// replaced and there is one.
func TestFaultsOfAnArchive(t *testing.T) {
	for _, dir := range []string{simDir, evil, farAway} {
		for _, errno := range []syscall.Errno{syscall.EIO, syscall.ENOSPC} {
			for k, hit := 0, true; hit; k++ {
				hit = false
				fs, _ := world(scenario{})
				at := ""
				fs.Fault = func(op simfs.Op) simfs.Fault {
					if op.N != k {
						return simfs.Fault{}
					}
					hit, at = true, op.Name+" "+op.Path
					return simfs.Fault{Err: errno}
				}
				err := archived(fs, dir)
				fs.Fault = nil
				if err != nil && !pending(err) {
					got, _ := fs.Get(simLog)
					require.Equal(t, strings.Join(oldLines, ""), got, "%v at %s", errno, at)
				}
				require.Equal(t, err == nil || pending(err), settledArchive(t, fs, dir, at), "%v at %s: %v", errno, at, err)
			}
		}
	}
}

// An archive takes no name of another file.
func TestArchiveReplacesNothing(t *testing.T) {
	fs, _ := world(scenario{})
	name := durable.ArchiveName(evil, simLog, "1-2")
	require.Equal(t, evil+"/events.ndjson.1-2.ndjson.zst", name)
	fs.Put(name, "an earlier one\n")
	require.NoError(t, archived(fs, evil))
	text, _ := fs.Get(name)
	require.Equal(t, "an earlier one\n", text)
	text, _ = fs.Get(evil + "/events.ndjson.1-2-2.ndjson.zst")
	require.Equal(t, removedText, text)
	require.Len(t, fs.Files(), 3)
}

// A forged journal makes nothing of another file, and removes none.
func TestArchiveIsNoAuthority(t *testing.T) {
	for _, wait := range []string{"/etc/passwd", evil + "/other.0.papyra-archive", evil + "/.other.ndjson.0.papyra-archive", evil + "/events.ndjson.0.papyra-archive"} {
		require.False(t, durable.Waits(simLog, wait, filepath.Dir(wait)+"/x"), wait)
	}
	require.False(t, durable.Waits(simLog, evil+"/.events.ndjson.0.papyra-archive", "/etc/x"))
	require.True(t, durable.Waits(simLog, evil+"/.events.ndjson.0.papyra-archive", evil+"/x"))

	for _, l := range []left{{log: "old"}, {log: "new"}} { // the rewrite is undone, or finished
		fs := l.world(t)
		fs.AddDir(evil, 1)
		name := evil + "/precious"
		fs.Put(name, "precious\n")
		b := durable.Base{Old: fs.Ino(simLog), New: 1, Ready: true, Wait: []byte(name), Account: []byte(evil + "/taken"), Guarantee: durable.Exclusive}
		if l.log == "new" {
			b.Old, b.New = 1, b.Old
		}
		require.NoError(t, durable.PlantJournal(fs, simLog, b))
		require.NoError(t, recovered(context.Background(), fs))
		require.Equal(t, map[string]string{simLog: contents[l.log], name: "precious\n"}, filesOf(fs))
	}
}

// What an earlier rewrite archived is nothing that one which is undone left.
func TestUndoneLeavesNoArchive(t *testing.T) {
	fs, _ := world(scenario{})
	name := durable.ArchiveName(evil, simLog, "1-2")
	fs.Put(name, "an earlier one\n")
	killedAt(fs, justBefore, func() { _ = archived(fs, evil) })
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, []durable.Recovery{{Action: "undone"}}, s.Recovered())
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, ""), name: "an earlier one\n"}, filesOf(fs))
}
