package e2e_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// situation is a row of the catalogue of docs/HOSTILE.md: what somebody who
// means ill, or does not look, puts in the way of a command, and what must come
// of it. Whatever the row says, all of this must hold as well:
//
//   - no file of the directory is changed, made or removed but those that
//     changes names;
//   - nothing said holds a character that a terminal obeys or hides, and nobody
//     panics;
//   - what fails never says that a log is healthy;
//   - it ends.
type situation struct {
	what    string            // is planted, in words
	files   map[string]string // files of the directory, by name
	plant   string            // a shell script that plants the rest
	run     string            // the command, for the shell
	exit    int
	out     string // regular expression that standard output must match
	err     string // the same of standard error
	changes string // patterns of names that must be made, changed or removed
	after   string // a shell script that must succeed then
	raw     bool   // standard output is the log's own bytes
	healthy bool   // the log is, and what fails is something else
	bounded bool   // 64 MiB of memory must do
	nobody  bool   // it runs as somebody else than the owner of the directory: only the super-user can try that
	by      string // instead of all this: the test that tries it
}

// catalogue is what docs/HOSTILE.md lists, under its headings.
var catalogue = []struct {
	heading    string
	situations []situation
}{
	{"Contents", hostileContents},
	{"Archives", hostileArchives},
	{"Names", hostileNames},
	{"Files", hostileFiles},
	{"Outputs", hostileOutputs},
	{"Reports to merge", hostileReports},
	{"Ledgers", hostileLedgers},
	{"Journals", hostileJournals},
	{"Settings", hostileSettings},
	{"Profiles", hostileProfiles},
	{"Slips of the operator", hostileSlips},
	{"Environment", hostileEnvironment},
}

// many is how much of something there is: all of it in make torture, a tenth
// otherwise.
func many(n int) int {
	if testtool.Torture() {
		return n
	}
	return n / 10
}

// maxResident is the memory that every step may take, in KiB.
const maxResident = 64 << 10

func TestHostile(t *testing.T) {
	testtool.Need(t, "sh")
	testtool.Need(t, "python3")
	require.NoError(t, os.Chmod(testtool.Programs(t), 0o755), "others run the programs too")
	for _, c := range catalogue {
		for _, s := range c.situations {
			if s.by == "" {
				t.Run(c.heading+"/"+s.what, func(t *testing.T) {
					t.Parallel()
					s.try(t)
				})
			}
		}
	}
}

func (s *situation) try(t *testing.T) {
	if s.nobody && os.Geteuid() != 0 {
		t.Skip("only the super-user can be somebody else")
	}
	dir, err := os.MkdirTemp("", "hostile-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	if s.nobody {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	for name, text := range s.files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	if s.plant != "" {
		out, said, code, _ := sh(t, dir, "set -e\n"+s.plant, false)
		require.Equal(t, 0, code, "plant: %s%s", out, said)
	}
	was := contents(t, dir)

	run := s.run
	if s.nobody {
		run = "setpriv --reuid 65534 --regid 65534 --clear-groups sh -c " + quoted(run)
	}
	out, said, code, resident := sh(t, dir, run, s.bounded)
	tell := fmt.Sprintf("\n$ %s\nstdout: %.2000s\nstderr: %.2000s", s.run, out, said)
	require.Equal(t, s.exit, code, "exit code%s", tell)
	require.Regexp(t, "(?m)"+s.out, out, tell)
	require.Regexp(t, "(?m)"+s.err, said, tell)
	if s.bounded {
		require.Less(t, resident, maxResident, "KiB of memory%s", tell)
	}
	requireTame(t, said)
	if !s.raw {
		requireTame(t, out)
	}
	require.NotContains(t, said, "goroutine ", tell)
	if code != 0 && !s.healthy {
		require.NotRegexp(t, "(?m)^Persistence is healthy", out, tell)
	}

	is := contents(t, dir)
	changes := map[string]bool{}
	for _, pattern := range strings.Fields(s.changes) {
		changes[pattern] = false
	}
	for name := range merged(was, is) {
		if was[name] == is[name] {
			continue
		}
		listed := false
		for pattern := range changes {
			if ok, err := filepath.Match(pattern, name); ok && err == nil {
				listed, changes[pattern] = true, true
			}
		}
		require.True(t, listed, "%q was %q, is %q%s", name, was[name], is[name], tell)
	}
	for pattern, changed := range changes {
		require.True(t, changed, "nothing happened to %s%s", pattern, tell)
	}
	if s.after != "" {
		out, said, code, _ := sh(t, dir, "set -e\n"+s.after, false)
		require.Equal(t, 0, code, "afterwards: %s%s%s", out, said, tell)
	}
}

// weigh runs a command and writes the memory that it took, in KiB, into a file.
// The test itself can't: what it starts is charged with its own memory until
// the program is there.
const weigh = `import resource,subprocess,sys
code = subprocess.call(["sh", "-c", sys.argv[2]])
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)`

// sh runs a shell script in a directory, with the binaries on the PATH and no
// settings.
func sh(t *testing.T, dir, script string, bounded bool) (stdout, stderr string, code, resident int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := []string{"sh", "-c", script}
	weight := ""
	if bounded {
		weight = filepath.Join(t.TempDir(), "weight")
		args = []string{"python3", "-c", weigh, weight, script}
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = dir
	testdata, err := filepath.Abs("../../testdata")
	require.NoError(t, err)
	cmd.Env = []string{"PATH=" + testtool.Programs(t) + ":" + os.Getenv("PATH"), "HOME=/no-home", "LC_ALL=C.UTF-8", "TZ=UTC", "PAPYRA_LINGER=1ms", "PAPYRA_SETTLE=1ms", "TESTDATA=" + testdata}
	var o, e strings.Builder
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	require.NoError(t, ctx.Err(), "it does not end: %s", script)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	if weight != "" {
		text, err := os.ReadFile(weight)
		require.NoError(t, err)
		resident, err = strconv.Atoi(string(text))
		require.NoError(t, err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode(), resident
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// contents tells of every file of a directory: its type, mode, and what is in
// it.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		what := info.Mode().String()
		switch {
		case info.Mode().Type() == fs.ModeSymlink:
			what, err = os.Readlink(path)
		case info.Mode().IsRegular() && info.Size() < 64<<20:
			var text []byte
			text, err = os.ReadFile(path)
			what += fmt.Sprintf(" %x", sha256.Sum256(text))
		case info.Mode().IsRegular():
			what += fmt.Sprint(info.Size(), info.ModTime())
		}
		name, _ := filepath.Rel(dir, path)
		all[name] = what
		return err
	}))
	return all
}

func merged(maps ...map[string]string) map[string]bool {
	all := map[string]bool{}
	for _, m := range maps {
		for name := range m {
			all[name] = true
		}
	}
	return all
}

// wild is what no terminal may be sent: controls but newline and tab, the bidi
// overrides, what is invisible.
var wild = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]")

func requireTame(t *testing.T, said string) {
	t.Helper()
	require.True(t, utf8.ValidString(said), "%.2000q", said)
	require.False(t, wild.MatchString(said), "%.2000q", said)
}
