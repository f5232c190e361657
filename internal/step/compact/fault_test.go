package compact

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
)

// faultFS is the operating system with one operation that fails.
type faultFS struct {
	durable.FS
	n, at int
	err   error
}

func (f *faultFS) fault() error {
	if f.n++; f.n == f.at {
		return f.err
	}
	return nil
}

func (f *faultFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if err := f.fault(); err != nil {
		return nil, err
	}
	file, err := f.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &faultFile{file, f}, nil
}

func (f *faultFS) Remove(name string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

func (f *faultFS) Exchange(a, b string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.FS.Exchange(a, b)
}

func (f *faultFS) SyncDir(dir string) error {
	if err := f.fault(); err != nil {
		return err
	}
	return f.FS.SyncDir(dir)
}

func (f *faultFS) Free(dir string) (int64, error) {
	if err := f.fault(); err != nil {
		return 0, err
	}
	return f.FS.Free(dir)
}

type faultFile struct {
	durable.File
	fs *faultFS
}

func (f *faultFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fs.fault(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.fs.fault(); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, off)
}

func (f *faultFile) CopyFrom(src durable.File, srcOff, off, n int64) (int64, error) {
	if err := f.fs.fault(); err != nil {
		return 0, err
	}
	return f.File.CopyFrom(src.(*faultFile).File, srcOff, off, n)
}

func (f *faultFile) CopyMeta(from durable.File) error {
	if err := f.fs.fault(); err != nil {
		return err
	}
	return f.File.CopyMeta(from.(*faultFile).File)
}

func (f *faultFile) Sync() error {
	if err := f.fs.fault(); err != nil {
		return err
	}
	return f.File.Sync()
}

// testLog is a log of which records stay in several ranges, small and large.
func testLog() string {
	var b strings.Builder
	for i := range 3000 {
		age := 1000
		if i%7 == 0 || i > 2000 && i < 2900 {
			age = 10
		}
		fmt.Fprintf(&b, `{"kind":"event","timestamp":%d,"n":%d,"p":"%s"}`+"\n", 1_710_000_000-age, i, strings.Repeat("x", i%200))
	}
	return b.String()
}

// run compacts in a fixed time.
func run(t *testing.T, cmd *Command, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := &cli.Env{Ctx: t.Context(), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Unix(1_710_000_000, 0) }}
	code = cli.Run(env, "papyra-compact", "", cmd, append([]string{"--linger", "1ms"}, args...))
	return code, out.String(), errs.String()
}

// Whichever operation fails, with whatever error: the log is as it was and the
// exit code says so, or the run has finished; and the next run finishes.
func TestEveryFault(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs")
	}
	text := testLog()
	want := filtered(t, text, 100)
	for _, errno := range []syscall.Errno{syscall.EIO, syscall.ENOSPC} {
		for at, struck := 1, true; struck; at++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "l.ndjson")
			require.NoError(t, os.WriteFile(path, []byte(text), 0o640))
			before, err := os.Stat(path)
			require.NoError(t, err)
			ffs := &faultFS{FS: durable.OS(), at: at, err: &fs.PathError{Op: "operation", Path: path, Err: errno}}
			code, _, said := run(t, &Command{fs: ffs}, "--max-age", "100", "--force", path)
			if strings.Contains(said, "leases") {
				t.Skip("no leases here: " + said)
			}
			struck = ffs.n >= at
			name := fmt.Sprintf("%v at operation %d: exit %d, %s", errno, at, code, said)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			after, err := os.Stat(path)
			require.NoError(t, err)
			switch {
			case code == 0:
				require.True(t, string(got) == want, name)
			case string(got) == text:
				require.Contains(t, said, "error: ", name)
				require.True(t, os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()), name)
			default:
				require.True(t, string(got) == want, name)
				require.Equal(t, cli.ExitFailed, code, name)
			}
			code, _, said = run(t, &Command{}, "--max-age", "100", "--force", path)
			require.Zero(t, code, name+"then: "+said)
			got, err = os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, string(got) == want, name)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, left, 1, name)
		}
	}
}

// filtered is what stays, found line by line.
func filtered(t *testing.T, text string, age int) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(text) {
		var ts int
		_, err := fmt.Sscanf(line, `{"kind":"event","timestamp":%d`, &ts)
		require.NoError(t, err)
		if ts >= 1_710_000_000-age {
			b.WriteString(line)
		}
	}
	return b.String()
}
