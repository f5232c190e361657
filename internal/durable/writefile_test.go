package durable_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, durable.WriteFile(path, 0o644, text("one")))
	require.Equal(t, "one", read(t, path))
	require.NoError(t, os.Chmod(path, 0o604))
	require.NoError(t, durable.WriteFile(path, 0o644, text("two")))
	require.Equal(t, "two", read(t, path))
	fi, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o604, fi.Mode().Perm(), "an existing file keeps its mode")
	alone(t, path)
}

func TestWriteFileThroughLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(target, []byte("old"), 0o600))
	require.NoError(t, os.Symlink("target", link))
	require.NoError(t, durable.WriteFile(link, 0o644, text("new")))
	require.Equal(t, "new", read(t, target))
	fi, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, fi.Mode()&os.ModeSymlink, "the link is still a link")

	require.NoError(t, os.Remove(target))
	require.ErrorContains(t, durable.WriteFile(link, 0o644, text("new")), "symbolic link to nothing")
}

func TestWriteFileRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	boom := errors.New("no more")
	require.ErrorIs(t, durable.WriteFile(path, 0o644, func(w io.Writer) error {
		_ = text("half")(w)
		return boom
	}), boom)
	require.Equal(t, "old", read(t, path))
	alone(t, path)

	require.ErrorContains(t, durable.WriteFile(dir, 0o644, text("x")), "not a regular file")
	require.NoError(t, os.Link(path, filepath.Join(dir, "other")))
	require.ErrorContains(t, durable.WriteFile(path, 0o644, text("x")), "2 hard links")
	require.ErrorIs(t, durable.WriteFile(filepath.Join(dir, "no", "where"), 0o644, text("x")), os.ErrNotExist)
}

// TestWriteFileCrashAndFault: the old content or the new one, whatever fails
// and whenever the power does.
func TestWriteFileCrashAndFault(t *testing.T) {
	const path = simDir + "/report"
	before, after := strings.Repeat("old", 300), strings.Repeat("new", 500)
	for i, hit := -1, true; hit; i++ {
		hit = i < 0
		fs := simfs.New(simDir)
		fs.Put(path, before)
		done := false
		check := func() {
			fs.Crashes(func(c *simfs.FS) {
				got, ok := c.Get(path)
				require.True(t, ok, "it is gone")
				require.True(t, got == after || got == before && !done, "neither old nor new: %q", got)
			})
		}
		fs.Hook = func(simfs.Op) { check() }
		fs.Fault = func(op simfs.Op) simfs.Fault {
			if op.N != i {
				return simfs.Fault{}
			}
			hit = true
			return simfs.Fault{Err: syscall.ENOSPC, Partial: op.Name == "WriteAt"}
		}
		err := durable.WriteFileOn(fs, path, 0o644, text(after))
		done = err == nil
		check()
		got, _ := fs.Get(path)
		if err != nil && got != after { // only the last fsync may fail after the rename
			require.Equal(t, before, got, "fault at operation %d", i)
		}
		require.Equal(t, []string{path}, fs.Files(), fmt.Sprint("left behind, fault at operation ", i, ": ", err))
	}
}

// A long run that publishes at its end does not fail for a short one that
// published meanwhile.
func TestPublishBesideAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "all.prom")
	for range 2 { // a new file, then one that is there
		require.NoError(t, durable.Publish(path, 0o644, func(w io.Writer) error {
			return errors.Join(durable.Publish(path, 0o644, text("short")), text("long")(w))
		}))
		require.Equal(t, "long", read(t, path))
		alone(t, path)
	}
}
