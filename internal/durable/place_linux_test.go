package durable_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
)

// outputs are all ways in which a name that the caller gives is written to.
// Each must put the text there, or fail.
var outputs = map[string]func(t *testing.T, path string) error{
	"WriteFile": func(_ *testing.T, path string) error { return durable.WriteFile(path, 0o600, text("new")) },
	"Publish":   func(_ *testing.T, path string) error { return durable.Publish(path, 0o644, text("new")) },
	"Replace": func(t *testing.T, path string) error {
		_, err := durable.Replace(t.Context(), path, 0o600, durable.Options{Linger: time.Millisecond}, text("new"))
		return err
	},
	"OpenAppend": func(t *testing.T, path string) error {
		f, err := durable.OpenAppend(t.Context(), path)
		if err != nil {
			return err
		}
		_, err = f.WriteString("new")
		return errors.Join(err, f.Close())
	},
}

// stage is a directory with what somebody may have planted in it. The victim is
// in a directory of its own, and must stay as it is.
type stage struct{ dir, victim string }

func newStage(t *testing.T, mode os.FileMode) stage {
	s := stage{dir: filepath.Join(t.TempDir(), "shared"), victim: filepath.Join(t.TempDir(), "victim")}
	require.NoError(t, os.Mkdir(s.dir, 0o700))
	require.NoError(t, os.Chmod(s.dir, mode))
	require.NoError(t, os.WriteFile(s.victim, []byte("precious\n"), 0o600))
	return s
}

var shared = map[string]os.FileMode{"sticky": 0o777 | os.ModeSticky, "of a group": 0o770, "of all": 0o777}

// TestNothingPlantedIsWrittenTo tries each output at each thing that others can
// put in its place, in each directory in which they can.
func TestNothingPlantedIsWrittenTo(t *testing.T) {
	plants := map[string]struct {
		plant func(t *testing.T, s stage, path string) (name string)
		err   string
		only  string // for this output alone
	}{
		"link": {plant: func(t *testing.T, s stage, path string) string {
			require.NoError(t, os.Symlink(s.victim, path))
			return path
		}, err: "symbolic link in a directory that others can write to"},
		"link to nothing": {plant: func(t *testing.T, s stage, path string) string {
			require.NoError(t, os.Symlink(s.victim+".new", path))
			return path
		}, err: "symbolic link in a directory that others can write to"},
		"link on the way": {plant: func(t *testing.T, s stage, path string) string {
			require.NoError(t, os.Symlink(filepath.Dir(s.victim), path))
			return filepath.Join(path, "victim")
		}, err: "symbolic link in a directory that others can write to"},
		"link behind a link": {plant: func(t *testing.T, s stage, path string) string {
			require.NoError(t, os.Symlink(s.victim, path))
			mine := filepath.Join(t.TempDir(), "mine")
			require.NoError(t, os.Symlink(path, mine))
			return mine
		}, err: "symbolic link in a directory that others can write to"},
		"FIFO": {plant: func(t *testing.T, _ stage, path string) string {
			require.NoError(t, unix.Mkfifo(path, 0o666))
			return path
		}, err: ""},
		"second name": {plant: func(t *testing.T, s stage, path string) string {
			require.NoError(t, os.Link(s.victim, path))
			return path
		}, err: "hard links"},
	}
	for in, mode := range shared {
		for what, p := range plants {
			for how, write := range outputs {
				t.Run(how+"/"+what+"/"+in, func(t *testing.T) {
					s := newStage(t, mode)
					name := p.plant(t, s, filepath.Join(s.dir, "out"))
					done := make(chan error, 1)
					go func() { done <- write(t, name) }()
					select {
					case err := <-done:
						require.ErrorContains(t, err, p.err)
					case <-time.After(time.Minute):
						require.Fail(t, "it waits for what was planted")
					}
					require.Equal(t, "precious\n", read(t, s.victim))
					require.NoFileExists(t, s.victim+".new")
				})
			}
		}
	}
}

// TestFilesOfOthersAreNotTakenOver: what takes the place of a file keeps its
// owner, who could then read it and change it.
func TestFilesOfOthersAreNotTakenOver(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of others")
	}
	for how, write := range outputs {
		t.Run(how, func(t *testing.T) {
			s := newStage(t, 0o777|os.ModeSticky)
			path := filepath.Join(s.dir, "out")
			require.NoError(t, os.WriteFile(path, []byte("bait\n"), 0o666))
			require.NoError(t, os.Chown(path, 12345, 12345))
			require.ErrorContains(t, write(t, path), "belongs to somebody else")
			require.Equal(t, "bait\n", read(t, path))

			require.NoError(t, os.Chown(s.dir, 12345, 12345), "in their own directory they may")
			require.NoError(t, write(t, path))
		})
	}
}

// TestDirectoryOfAnother: also without the write bits, its owner puts there
// what it likes.
func TestDirectoryOfAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make directories of others")
	}
	for how, write := range outputs {
		s := newStage(t, 0o755)
		require.NoError(t, os.Chown(s.dir, 12345, 12345))
		path := filepath.Join(s.dir, "out")
		require.NoError(t, os.Symlink(s.victim, path))
		require.ErrorContains(t, write(t, path), "symbolic link in a directory", how)
		require.Equal(t, "precious\n", read(t, s.victim))
	}
}

// TestOwnLinksAreFollowed: in a directory that nobody else writes to, a link is
// the operator's.
func TestOwnLinksAreFollowed(t *testing.T) {
	for how, write := range outputs {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "real", "target"), nil, 0o600))
			require.NoError(t, os.Symlink("real", filepath.Join(dir, "way")))
			require.NoError(t, os.Symlink("../way/target", filepath.Join(dir, "real", "out")))
			require.NoError(t, write(t, filepath.Join(dir, "way", ".", "out")))
			require.Equal(t, "new", read(t, filepath.Join(dir, "real", "target")))
			t.Chdir(dir)
			require.NoError(t, write(t, "way/second"))
			require.Equal(t, "new", read(t, "real/second"))
			require.NoError(t, os.Symlink("round", "round"))
			require.ErrorIs(t, write(t, "round"), syscall.ELOOP)
		})
	}
}

// TestPlantedWhileItIsWritten: what takes the name while the output is on its
// way is replaced, not followed, and a directory that is moved away stays the
// one that is written to.
func TestPlantedWhileItIsWritten(t *testing.T) {
	s := newStage(t, 0o777)
	dir := filepath.Join(s.dir, "dir")
	require.NoError(t, os.Mkdir(dir, 0o700))
	path := filepath.Join(dir, "victim")
	require.NoError(t, durable.WriteFile(path, 0o600, func(w io.Writer) error {
		require.NoError(t, os.Symlink(s.victim, path))
		require.NoError(t, os.Rename(dir, dir+".moved"))
		require.NoError(t, os.Symlink(filepath.Dir(s.victim), dir))
		_, err := w.Write([]byte("new"))
		return err
	}))
	require.Equal(t, "precious\n", read(t, s.victim))
	require.Equal(t, "new", read(t, filepath.Join(dir+".moved", "victim")))
}

// TestOpenAppendStreams: what the operator connects is written to.
func TestOpenAppendStreams(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, unix.Mkfifo(path, 0o600))
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("stop it")
	cancel(why)
	_, err := durable.OpenAppend(ctx, path)
	require.ErrorIs(t, err, why, "a FIFO that nobody reads")
	// Held open for both, so that the open that was given up, which gets its
	// reader now and closes at once, is no end for who reads.
	both, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer both.Close()
	require.NoError(t, outputs["OpenAppend"](t, path))
	_, err = both.WriteString(".")
	require.NoError(t, err)
	got := make([]byte, len("new."))
	_, err = io.ReadFull(both, got)
	require.NoError(t, err)
	require.Equal(t, "new.", string(got), "all of it, and nothing else")

	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	require.NoError(t, outputs["OpenAppend"](t, fmt.Sprintf("/proc/self/fd/%d", w.Fd())))
	require.NoError(t, w.Close())
	buf := make([]byte, 9)
	n, err := r.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "new", string(buf[:n]))
	require.NoError(t, outputs["OpenAppend"](t, "/dev/null"))
}

func TestPublishIgnoresTheUmask(t *testing.T) {
	old := unix.Umask(0o077)
	defer unix.Umask(old)
	path := filepath.Join(t.TempDir(), "out")
	require.NoError(t, durable.Publish(path, 0o644, text("new")))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o644, info.Mode().Perm())
}
