package live_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// torture reports whether the long forms of the tests are asked for. amount is
// how much of something a test does in continuous integration, elsewhere a
// quarter of it, and in make torture long, or what the environment variable
// says if it is set.
func amount(t testing.TB, env string, full, long int) int {
	t.Helper()
	if s := os.Getenv(env); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err, env)
		return n
	}
	return testtool.Amount(full/4, full, long)
}

// producer is what the Python framework does for each record.
const producer = `
import json, sys, time
path, w, first, count, size, pause = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])
for n in range(first, first + count):
    r = {"kind": "event", "timestamp": time.time(), "w": w, "n": n}
    if size:
        r["pad"] = "x" * (size - 90)
    with open(path, "a", encoding="utf-8") as f:
        f.write(json.dumps(r) + "\n")
        f.flush()
    if pause:
        time.sleep(pause / 1e6)
`

// process is one that runs beside the test.
type process struct {
	t    testing.TB
	name string
	cmd  *exec.Cmd
	out  bytes.Buffer // standard output and error, to be read after wait
	done chan struct{}
	err  error
	once sync.Once
}

// start runs a program; it is killed when the test ends.
func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: filepath.Base(cmd.Path), cmd: cmd, done: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = &p.out
	}
	cmd.Stderr = &p.out
	require.NoError(t, cmd.Start())
	go func() { p.err = cmd.Wait(); close(p.done) }()
	t.Cleanup(p.kill)
	return p
}

func (p *process) kill() {
	p.once.Do(func() {
		p.cmd.Process.Kill()
		<-p.done
	})
}

// wait returns once the process ended, which must be well.
func (p *process) wait() {
	p.t.Helper()
	<-p.done
	require.NoError(p.t, p.err, "%s: %s", p.name, p.out.String())
}

// running reports whether the process has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// role is a command that has the test binary play one of the parts of
// roles_linux_test.go.
func role(name string, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		panic(err) // Linux always knows
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), roleEnv+"="+name)
	return cmd
}

// writerArgs are the arguments of a writer of either language.
func writerArgs(path, writer string, first, count, size int, pause time.Duration) []string {
	return []string{path, writer, strconv.Itoa(first), strconv.Itoa(count), strconv.Itoa(size),
		strconv.FormatInt(pause.Microseconds(), 10)}
}

func pythonWriter(t testing.TB, args []string) *exec.Cmd {
	return exec.Command(testtool.Need(t, "python3"), append([]string{"-c", producer}, args...)...)
}

// result is how a program ended.
type result struct {
	code        int
	out, errout string
}

// run runs one of the programs to its end.
func run(t testing.TB, stdin []byte, name string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, testtool.Program(t, name), args...)
	var out, errout bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &errout
	err := cmd.Run()
	require.NoError(t, ctx.Err(), "%s %q did not end: %s", name, args, errout.String())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errout.String()}
}

// has reports whether a binary of that name is under test.
func has(t testing.TB, name string) bool {
	_, err := os.Stat(filepath.Join(testtool.Programs(t), name))
	return err == nil
}

// entries are the names in a directory.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// background appends records from this process, open, write, close, until stop
// is called.
type background struct {
	stopped chan struct{}
	done    chan struct{}
	n       int // records appended; to be read after stop
	err     error
}

func startBackground(path, writer string, pause time.Duration) *background {
	b := &background{stopped: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(b.done)
		for {
			select {
			case <-b.stopped:
				return
			default:
			}
			if b.err = appendOnce(path, eventLine(writer, b.n+1, 0)); b.err != nil {
				return
			}
			b.n++
			time.Sleep(pause)
		}
	}()
	return b
}

// stop returns how many records were appended.
func (b *background) stop() (int, error) {
	close(b.stopped)
	<-b.done
	return b.n, b.err
}

// nobody is a background that appends nothing.
func nobody() *background {
	b := &background{stopped: make(chan struct{}), done: make(chan struct{})}
	close(b.done)
	return b
}
