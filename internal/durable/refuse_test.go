package durable_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

func TestSecondRunIsLockedOut(t *testing.T) {
	path := newLog(t, "a\nb\n")
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	_, err = durable.Begin(t.Context(), path, quick())
	require.ErrorIs(t, err, durable.ErrLocked)
	var exit interface{ ExitCode() int }
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 75, exit.ExitCode())

	// One that waits gets its turn, on the new file.
	got := make(chan error, 1)
	go func() {
		o := quick()
		o.Wait = time.Minute
		second, err := durable.Begin(t.Context(), path, o)
		if err == nil {
			if second.Size() != 2 {
				err = errors.New("it got the old file")
			}
			err = errors.Join(err, second.Close())
		}
		got <- err
	}()
	out, err := s.Create()
	require.NoError(t, err)
	_, err = io.WriteString(out, "b\n")
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), 4)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, <-got)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = durable.Begin(ctx, path, quick())
	require.ErrorIs(t, err, context.Canceled)
}

func TestNothingIsTouchedWithoutCommit(t *testing.T) {
	path := newLog(t, "a\nb\n")
	before, err := os.Stat(path)
	require.NoError(t, err)
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	require.EqualValues(t, 4, s.Size())
	data, err := io.ReadAll(s.Log())
	require.NoError(t, err)
	require.Equal(t, "a\nb\n", string(data))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	require.Equal(t, before.ModTime(), after.ModTime())
}

func TestLinks(t *testing.T) {
	path := newLog(t, "a\nb\n")
	dir := filepath.Dir(path)
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink("events.ndjson", link))
	_, err := rewrite(t.Context(), link, quick(), "b\n", 4)
	require.NoError(t, err)
	require.Equal(t, "b\n", read(t, path), "written through to the target")
	fi, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, fi.Mode()&os.ModeSymlink)

	other := filepath.Join(dir, "other")
	require.NoError(t, os.Link(path, other))
	_, err = rewrite(t.Context(), path, quick(), "", 2)
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{durable.RemedyBreakLinks}, refused.Allow)
	require.Equal(t, "b\n", read(t, path))
	o := quick()
	o.BreakLinks = true
	_, err = rewrite(t.Context(), path, o, "", 2)
	require.NoError(t, err)
	require.Equal(t, "", read(t, path))
	require.Equal(t, "b\n", read(t, other), "the other name keeps the old content")
}

// A log that was found in a folder is not rewritten where a link leads out of
// it.
func TestWithin(t *testing.T) {
	path := newLog(t, "a\nb\n")
	o, dir := quick(), t.TempDir()
	o.Within = dir
	require.NoError(t, os.Symlink(path, filepath.Join(dir, "log")))
	require.NoError(t, os.Symlink(filepath.Dir(path), filepath.Join(dir, "folder")))
	for _, name := range []string{"log", "folder/events.ndjson"} {
		_, err := rewrite(t.Context(), filepath.Join(dir, name), o, "b\n", 4)
		require.ErrorContains(t, err, "leads out of "+dir)
		require.Equal(t, "a\nb\n", read(t, path))
	}
	o.Within = filepath.Dir(path)
	_, err := rewrite(t.Context(), path, o, "b\n", 4)
	require.NoError(t, err)
	o.Within = filepath.Join(dir, "folder")
	_, err = rewrite(t.Context(), filepath.Join(dir, "folder/events.ndjson"), o, "", 2)
	require.NoError(t, err, "the folder that was named may be a link")
}

func TestNotAFile(t *testing.T) {
	dir := t.TempDir()
	var refused *durable.RefusedError
	_, err := durable.Begin(t.Context(), dir, quick())
	require.ErrorAs(t, err, &refused)
	_, err = durable.Begin(t.Context(), filepath.Join(dir, "missing"), quick())
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Links that somebody planted at our temporary names are never followed.
func TestPlantedLinks(t *testing.T) {
	path := newLog(t, "a\nb\n")
	dir := filepath.Dir(path)
	victim := filepath.Join(dir, "victim")
	require.NoError(t, os.WriteFile(victim, []byte("precious"), 0o600))
	require.NoError(t, os.Symlink("victim", filepath.Join(dir, ".events.ndjson.papyra-new")))
	_, err := rewrite(t.Context(), path, quick(), "b\n", 4)
	require.NoError(t, err)
	require.Equal(t, "precious", read(t, victim))
	require.Equal(t, "b\n", read(t, path))
	alone(t, path, "victim")

	require.NoError(t, os.Symlink("victim", filepath.Join(dir, ".events.ndjson.papyra-journal")))
	_, err = rewrite(t.Context(), path, quick(), "", 2)
	require.ErrorContains(t, err, "in the way")
	require.Equal(t, "precious", read(t, victim))
	require.Equal(t, "b\n", read(t, path))
}

func TestLeftovers(t *testing.T) {
	path := newLog(t, "a\n")
	left, err := durable.Leftovers(path)
	require.NoError(t, err)
	require.Empty(t, left)
	dir := filepath.Dir(path)
	for _, name := range []string{".events.ndjson.papyra-new", ".events.ndjson.papyra-journal", "events.ndjson.compact.tmp", "events.ndjson.recovered.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("xyz"), 0o600))
	}
	left, err = durable.Leftovers(path)
	require.NoError(t, err)
	require.Len(t, left, 4)
	require.EqualValues(t, 3, left[0].Size)

	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	require.Equal(t, []durable.Recovery{{Action: "removed"}}, s.Recovered())
	require.NoError(t, s.Close())
	left, err = durable.Leftovers(path)
	require.NoError(t, err)
	require.Len(t, left, 2, "what the producer left is not ours to remove")
}

func TestQuarantineKeepsTheOriginal(t *testing.T) {
	path := newLog(t, "bad\nb\n")
	o := quick()
	o.QuarantineDir = filepath.Join(t.TempDir(), "deep", "er")
	o.Now = func() time.Time { return time.UnixMilli(1_710_000_000_123) }
	rep, err := rewrite(t.Context(), path, o, "b\n", 6)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(o.QuarantineDir, "events.ndjson.quarantine.1710000000123"), rep.QuarantinedAs)
	require.Equal(t, "bad\nb\n", read(t, rep.QuarantinedAs))
	require.Equal(t, "b\n", read(t, path))
	fi, err := os.Stat(o.QuarantineDir)
	require.NoError(t, err)
	require.EqualValues(t, 0o700, fi.Mode().Perm())

	rep, err = rewrite(t.Context(), path, o, "", 2)
	require.NoError(t, err)
	require.Equal(t, "events.ndjson.quarantine.1710000000124", filepath.Base(rep.QuarantinedAs), "nothing is overwritten")
}

func TestRefusedWhereLeasesDoNotWork(t *testing.T) {
	fs, _ := world(scenario{})
	fs.NoLease = durable.ErrNoLease
	_, err := simRewrite(context.Background(), simOptions(fs))
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{durable.RemedyOffline, durable.RemedyRace}, refused.Allow)
	require.Equal(t, []string{simLog}, fs.Files())

	for _, set := range []func(*durable.Options){
		func(o *durable.Options) { o.Offline = true },
		func(o *durable.Options) { o.AllowRace = true },
	} {
		fs, _ := world(scenario{})
		fs.NoLease, fs.NoSwap = durable.ErrNoLease, true
		o := simOptions(fs)
		set(&o)
		_, err := simRewrite(context.Background(), o)
		require.NoError(t, err)
		got, _ := fs.Get(simLog)
		require.Equal(t, strings.Join(newLines, ""), got)
		require.Equal(t, []string{simLog}, fs.Files())
	}
}

func TestNoRoom(t *testing.T) {
	fs, _ := world(scenario{})
	fs.Space = 1 << 20
	_, err := simRewrite(context.Background(), simOptions(fs))
	require.ErrorContains(t, err, "are free in /log")
	require.Equal(t, []string{simLog}, fs.Files())

	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	require.NoError(t, err)
	_, err = s.CreateFor(0)
	require.NoError(t, err, "what is known to be small needs little")
	require.NoError(t, s.Close())
	require.Equal(t, []string{simLog}, fs.Files())
}

// A journal whose files are somebody else's by now is not guessed about: what
// waited beside the log gets a name that can be seen, and the way is free.
func TestRestoredFromBackup(t *testing.T) {
	fs := simfs.New(simDir)
	fs.Put(simLog, strings.Join(oldLines, ""))
	fs.Hook = func(op simfs.Op) {
		if op.Name == "Remove" {
			fs.Die()
		}
	}
	_, err := simRewrite(context.Background(), simOptions(fs))
	require.Error(t, err)
	fs.Restart()
	fs.Hook = nil
	content, _ := fs.Get(simLog)
	waits, _ := fs.Get("/log/.events.ndjson.papyra-new")
	for name, c := range map[string]string{simLog: content, "/log/.events.ndjson.papyra-new": waits} {
		fs.Put("/log/copy", c)
		require.NoError(t, fs.Rename("/log/copy", name))
	}
	fs.Fault = func(op simfs.Op) simfs.Fault {
		if op.Name == "Link" {
			return simfs.Fault{Err: syscall.EIO}
		}
		return simfs.Fault{}
	}
	_, err = durable.Begin(context.Background(), simLog, simOptions(fs))
	require.ErrorIs(t, err, syscall.EIO, "it is not tried for ever")
	fs.Fault = nil
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	require.NoError(t, err)
	require.Equal(t, "set aside", s.Recovered()[0].Action)
	aside, _ := fs.Get(s.Recovered()[0].Left[0])
	require.Equal(t, waits, aside)
	require.NoError(t, s.Close())
	got, _ := fs.Get(simLog)
	require.Equal(t, content, got)
	require.Len(t, fs.Files(), 2)
}

// A link that is made after the beginning is found where names cannot be
// exchanged, too.
func TestLinkedWithoutExchange(t *testing.T) {
	fs, _ := world(scenario{noSwap: true})
	when(fs, "CopyMeta#0", func(simfs.Op) { fs.Hardlink(simLog, otherName) })
	opt := simOptions(fs)
	opt.Offline = true
	_, err := simRewrite(t.Context(), opt)
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, fs.Ino(otherName), fs.Ino(simLog))
}

// A log that was rotated just before, where names cannot be exchanged, is not
// overwritten.
func TestRotatedWithoutExchange(t *testing.T) {
	fs, _ := world(scenario{noSwap: true})
	when(fs, justBefore, func(simfs.Op) {
		fs.MoveAway(simLog, simLog+".1")
		fs.Put(simLog, "another\n")
	})
	opt := simOptions(fs)
	opt.Offline = true
	_, err := simRewrite(t.Context(), opt)
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, map[string]string{simLog: "another\n", simLog + ".1": strings.Join(oldLines, "")}, filesOf(fs))
}
