package durable

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// mountElsewhere has a process mount the log file by itself in a mount
// namespace of its own, and returns it with the path that it has there.
func mountElsewhere(t *testing.T, path string) (pid int, point string) {
	t.Helper()
	if os.Geteuid() != 0 {
		testtool.Missing(t, "another mount namespace needs root")
	}
	point = filepath.Join(t.TempDir(), "mounted here.ndjson")
	require.NoError(t, os.WriteFile(point, nil, 0o600))
	cmd := exec.Command(testtool.Need(t, "unshare"), "-m", "sh", "-c", `mount --bind "$1" "$2" && echo mounted && read end`, "sh", path, point)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	if n, _ := out.Read(make([]byte, 64)); n == 0 {
		testtool.Missing(t, "unshare -m, mount --bind")
	}
	return cmd.Process.Pid, point
}

// The file itself, mounted in another namespace, is found with who sees it and
// where. Its directory, or another file of that name, is not.
func TestMounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte("a\n"), 0o600))
	found, _, err := OS().Mounts(path)
	require.NoError(t, err)
	require.Empty(t, found)
	pid, point := mountElsewhere(t, path)
	found, _, err = OS().Mounts(path)
	require.NoError(t, err)
	require.Equal(t, []Mount{{PID: pid, Command: "sh", Point: point}}, found)

	// It is found by what the file is called now.
	require.NoError(t, os.Rename(path, path+".1"))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	found, _, err = OS().Mounts(path)
	require.NoError(t, err)
	require.Empty(t, found)
	found, _, err = OS().Mounts(path + ".1")
	require.NoError(t, err)
	require.Len(t, found, 1)

	_, err = Begin(t.Context(), path+".1", Options{})
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "as "+point+" by process "+strconv.Itoa(pid)+" (sh)")
	require.Equal(t, []string{RemedyBreakLinks}, refused.Allow)
	s, err := Begin(t.Context(), path+".1", Options{BreakLinks: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestUnescapeMount(t *testing.T) {
	for in, want := range map[string]string{`/a`: "/a", `/a\040b`: "/a b", `/\134x`: `/\x`, `/\9`: `/\9`, `/x\04`: `/x\04`, `\011\012`: "\t\n"} {
		require.Equal(t, want, unescapeMount(in), in)
	}
}

func TestExported(t *testing.T) {
	table := filepath.Join(t.TempDir(), "exports")
	require.NoError(t, os.WriteFile(table, []byte("# Path Client(Flags)\n/srv/with\\040space\t*(rw)\n/data 10.0.0.0/8(rw)\n"), 0o600))
	for _, dir := range []string{"/srv/with space", "/srv/with space/logs", "/data", "/data/x"} {
		require.ErrorIs(t, notExported(dir, table+".missing", table), ErrNoLease, dir)
	}
	for _, dir := range []string{"/srv", "/database", "/"} {
		require.NoError(t, notExported(dir, table), dir)
	}
}

func TestLife(t *testing.T) {
	dir := t.TempDir()
	life := OS().Life(dir)
	require.NotEmpty(t, life)
	require.Equal(t, life, OS().Life(dir))
	require.NotEqual(t, life, OS().Life("/proc"))
}
