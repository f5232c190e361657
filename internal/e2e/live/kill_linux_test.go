package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// killCalls are the system calls before which a run is killed.
var killCalls = []string{"openat", "read", "pread64", "write", "pwrite64", "writev", "copy_file_range", "fchmod", "fchown",
	"fsetxattr", "fsync", "fdatasync", "ftruncate", "renameat", "renameat2", "linkat", "unlinkat", "close", "fcntl", "flock"}

// strace returns the path of strace, where it can trace.
func strace(t testing.TB) string {
	t.Helper()
	path := testtool.Need(t, "strace")
	if out, err := exec.Command(path, "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		testtool.Missing(t, "strace can't trace here: %v: %s", err, out)
	}
	return path
}

// killAt runs cmd under strace and has it killed just before its n-th call of
// that name. Only calls that have to do with one of the paths count: what the
// Go runtime does at start-up comes before any of them. strace counts for each
// thread by itself, so that the n-th call of the name may be a later one of the
// process. It reports whether the kill arrived, and how many of these calls
// there were before, of all threads.
func killAt(t testing.TB, cmd *exec.Cmd, paths []string, call string, n int) (arrived bool, before int) {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	args := []string{"-f", "-q", "-o", trace, "-e", "signal=none", "-e", "trace=" + call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, n)}
	for _, p := range paths {
		args = append(args, "-P", p)
	}
	traced := exec.Command(strace(t), append(append(args, "--", cmd.Path), cmd.Args[1:]...)...)
	traced.Env, traced.Stdin, traced.Dir = cmd.Env, cmd.Stdin, cmd.Dir
	var out bytes.Buffer
	traced.Stdout, traced.Stderr = &out, &out
	if cmd.Stdout != nil {
		traced.Stdout = cmd.Stdout
	}
	err := traced.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	status := traced.ProcessState.Sys().(syscall.WaitStatus)
	// strace dies of the signal that its tracee died of.
	arrived = status.Signaled() && status.Signal() == syscall.SIGKILL || status.Exited() && status.ExitStatus() == 128+int(syscall.SIGKILL)
	if !arrived {
		require.NoError(t, err, "%s %d did not arrive, and the run failed: %s", call, n, out.String())
	}
	lines, err := os.ReadFile(trace)
	require.NoError(t, err)
	before = len(regexp.MustCompile(`(?m)^\d+ +`+call+`\(`).FindAll(lines, -1))
	if arrived {
		before--
	}
	return arrived, before
}

// countCalls runs cmd under strace and counts its calls that have to do with
// the paths.
func countCalls(t testing.TB, cmd *exec.Cmd, paths []string) map[string]int {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	args := []string{"-f", "-q", "-o", trace, "-e", "signal=none", "-e", "trace=" + strings.Join(killCalls, ",")}
	for _, p := range paths {
		args = append(args, "-P", p)
	}
	traced := exec.Command(strace(t), append(append(args, "--", cmd.Path), cmd.Args[1:]...)...)
	traced.Env, traced.Stdin, traced.Stdout, traced.Dir = cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Dir
	var out bytes.Buffer
	traced.Stderr = &out
	err := traced.Run()
	require.NoError(t, err, "%s", out.String())
	data, err := os.ReadFile(trace)
	require.NoError(t, err)
	counts := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\d+ +([a-z0-9_]+)\(`).FindAllSubmatch(data, -1) {
		counts[string(m[1])]++
	}
	return counts
}

// sweep says which program is killed, on what, and what must be true
// afterwards.
type sweep struct {
	t     *testing.T
	dir   string // absolute; a scene is made in it for every kill
	scene func(dir string)
	// command is the run that is killed. Its paths are in dir.
	command func(dir string) *exec.Cmd
	paths   func(dir string) []string
	// check finishes what the killed run left and looks at the result. It is
	// called for runs that were not killed as well.
	check func(dir string, killed bool) error
	must  []string // calls that the program is known to make: their kills must arrive
	// stride leaves out all but every n-th call of a name that is made often; 1
	// leaves out none.
	stride int

	kills int
	// failed are the kills after which something was wrong, as call, number and
	// what.
	failed []string
}

// run kills the program before every call of every name. It does not fail the
// test for what the checks find, so that a test can see that they find
// something.
func (s *sweep) run() {
	t := s.t
	s.dir = t.TempDir()
	fresh := s.fresh()
	counts := countCalls(t, s.command(fresh), s.paths(fresh))
	require.NoError(t, s.check(fresh, false), "without a kill")
	for _, name := range s.must {
		require.Positive(t, counts[name], "%s is to be swept, but the program does not call it: %v", name, counts)
	}
	hit := map[string]map[int]bool{}
	covered := func() (n int) {
		for _, h := range hit {
			n += len(h)
		}
		return n
	}
	total := 0
	for _, call := range killCalls {
		hit[call] = map[int]bool{}
		total += counts[call]
	}
	// In torture the sweep is repeated as long as it reaches calls that it did
	// not reach before: strace counts for each thread by itself, and which
	// thread makes a call is a matter of chance.
	for stale := 0; stale < 3; {
		before := covered()
		for _, call := range killCalls {
			s.runCall(call, counts[call], hit[call])
		}
		if !testtool.Torture() {
			break
		}
		if stale++; covered() > before {
			stale = 0
		}
	}
	t.Logf("%d kills arrived, before %d of about %d calls; %d found something wrong", s.kills, covered(), total, len(s.failed))
}

// runCall kills the program before each of its calls of one name, until the
// kill no longer arrives.
func (s *sweep) runCall(call string, made int, hit map[int]bool) {
	for n := 1; ; n += s.step(n) {
		dir := s.fresh()
		arrived, before := killAt(s.t, s.command(dir), s.paths(dir), call, n)
		if arrived {
			s.kills++
			hit[before] = true
		}
		require.False(s.t, !arrived && n == 1 && slices.Contains(s.must, call), "%s is called %d times, but the kill before the first did not arrive", call, made)
		if err := s.check(dir, arrived); err != nil {
			s.failed = append(s.failed, fmt.Sprintf("%s %d (after %d): %v", call, n, before, err))
		}
		if !s.t.Failed() {
			os.RemoveAll(dir)
		}
		if !arrived {
			return
		}
	}
}

// step is how far to go on from the n-th call: of each name the first ones are
// all tried, where there is time for it.
func (s *sweep) step(n int) int {
	if n < testtool.Amount(1, 4, 4) {
		return 1
	}
	return s.stride
}

// stride is how many calls of a name a sweep goes on by where everything is
// tried; on a developer's machine only the first call of each name is.
func stride(full int) int { return testtool.Amount(math.MaxInt16, full, 1) }

func (s *sweep) fresh() string {
	dir, err := os.MkdirTemp(s.dir, "kill")
	require.NoError(s.t, err)
	s.scene(dir)
	return dir
}

// seeds is the log that rewriters are killed on: records of the writer "seed",
// with damage between them.
func seeds(records int) []byte {
	var log []byte
	for n := 1; n <= records; n++ {
		log = append(log, eventLine("seed", n, 100)...)
		if n%10 == 5 {
			log = append(log, garbage[n/10%len(garbage)]...)
		}
	}
	return log
}

// ours are the leftovers of our own in a directory.
func ours(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.Contains(n, ".papyra-") })
}

// exitCode runs a command and returns its exit code and what it said.
func exitCode(cmd *exec.Cmd) (int, string) {
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		return -1, err.Error()
	}
	code := cmd.ProcessState.ExitCode()
	return code, fmt.Sprintf("exit code %d: %s", code, bytes.TrimSpace(out))
}
