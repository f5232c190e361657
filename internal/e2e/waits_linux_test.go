package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// waitCase is a program that waits for something that never comes.
type waitCase struct {
	args  string
	stdin bool                                    // it waits for more on its standard input
	until func(pid int, dir string) (bool, error) // it does wait
}

// TestEveryWaitEndsAtTheFirstSignal asks programs to stop while they wait,
// once. That they do wait is seen in /proc, not guessed from the time.
func TestEveryWaitEndsAtTheFirstSignal(t *testing.T) {
	var cases []waitCase
	add := func(until func(int, string) (bool, error), args ...string) {
		for _, a := range args {
			cases = append(cases, waitCase{args: a, until: until})
		}
	}
	add(opening, // nobody is at the other end of the FIFO
		"papyra-scan fifo", "papyra-filter fifo", "papyra-inspect fifo", "papyra-repair fifo", "papyra-compact --max-records 1 fifo",
		"papyra-scan --profile auto fifo", "papyra-scan --files-from fifo", "papyra-scan --merge fifo", "papyra-filter --rotated fifo",
		"papyra-repair --files-from fifo", "papyra shards fifo", "papyra inspect events fifo", "papyra doctor run --max-age 1d fifo",
		"papyra metrics persistence --textfile fifo")
	add(has("silent"), // somebody is, and says nothing
		"papyra-scan silent", "papyra-filter silent", "papyra-inspect silent", "papyra-scan --files-from silent", "papyra-scan --merge silent",
		"papyra inspect events silent")
	add(tries("locked"), // another run holds the log
		"papyra-compact --wait 10m --max-records 1 locked", "papyra-repair --wait 10m locked", "papyra-append --wait 10m locked")
	add(opening, "papyra-append --rejects fifo log", "papyra-repair --rejects fifo damaged") // nobody reads it
	add(has("hole"), "papyra-repair --undo book hole")                                       // a checksum of a tebibyte
	add(parent, "papyra-compact --offline --through ./hang damaged")                         // its command hangs
	for _, a := range []string{"papyra-scan", "papyra-filter", "papyra-repair", "papyra-inspect", "papyra-compact --max-records 1 --output new",
		"papyra-append log", "papyra-scan --files-from -", "papyra-scan --merge -"} {
		cases = append(cases, waitCase{args: a, stdin: true})
	}
	dir := t.TempDir()
	require.NoError(t, unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	require.NoError(t, unix.Mkfifo(filepath.Join(dir, "silent"), 0o600))
	silent, err := os.OpenFile(filepath.Join(dir, "silent"), os.O_RDWR, 0)
	require.NoError(t, err)
	defer silent.Close()
	locked := filepath.Join(dir, "locked")
	for _, name := range []string{locked, filepath.Join(dir, "damaged")} {
		require.NoError(t, os.WriteFile(name, []byte(strings.Repeat(`{"kind":"event","timestamp":1}`+"\n", 9)+"x\n"), 0o600))
	}
	for name, text := range map[string]string{"hole": "", "book": `{"schema":2,"type":"summary","entries":0,"bytes_in":1099511627776,` +
		`"bytes_kept":1099511627776,"bytes_out":1099511627776}` + "\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "hang"), []byte("#!/bin/sh\nsleep 1000\n"), 0o700))
	require.NoError(t, os.Truncate(filepath.Join(dir, "hole"), 1<<40))
	lock, err := os.Open(locked)
	require.NoError(t, err)
	defer lock.Close()
	require.NoError(t, unix.Flock(int(lock.Fd()), unix.LOCK_EX))
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.args, " ", "_"), func(t *testing.T) { c.run(t, dir) })
	}
}

func (c waitCase) run(t *testing.T, dir string) {
	args := strings.Fields(c.args)
	program := testtool.Program(t, args[0]) // which may have to be built
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args[1:]...)
	var errs bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &errs
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	cmd.Stdin = r
	_, err = w.WriteString("{")
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	until := c.until
	if c.stdin {
		until = func(int, string) (bool, error) {
			n, err := unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ)
			return n == 0, err // it has taken what there was, and wants more
		}
	}
	for {
		ok, err := until(cmd.Process.Pid, dir)
		require.NoError(t, err, "%s", &errs)
		require.NoError(t, ctx.Err(), "it does not wait")
		if ok {
			break
		}
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	require.NoError(t, ctx.Err(), "it goes on waiting")
	require.Equal(t, 143, cmd.ProcessState.ExitCode(), "%s", &errs)
	require.True(t, strings.HasSuffix(errs.String(), args[0]+": terminated\n"), "%s", &errs)
}

// parent reports whether the process has a child.
func parent(pid int, _ string) (bool, error) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil || len(lists) == 0 {
		return false, fmt.Errorf("cannot see what the process has started (%w)", err)
	}
	for _, name := range lists {
		if text, _ := os.ReadFile(name); len(text) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// opening reports whether a thread of the process is kept by the opening of a
// file.
func opening(pid int, _ string) (bool, error) {
	openat := map[string]string{"amd64": "257 ", "arm64": "56 "}[runtime.GOARCH]
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	if err != nil || len(threads) == 0 || openat == "" {
		return false, fmt.Errorf("cannot see what the process does (%w)", err)
	}
	for _, name := range threads {
		// One look may catch an opening that goes on: two in a row, at the same
		// name.
		a, _ := os.ReadFile(name)
		if b, _ := os.ReadFile(name); bytes.HasPrefix(a, []byte(openat)) && bytes.Equal(a, b) {
			return true, nil
		}
	}
	return false, nil
}

// has reports whether the process has a file open.
func has(name string) func(int, string) (bool, error) {
	return func(pid int, dir string) (bool, error) {
		fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		if err != nil {
			return false, err
		}
		for _, fd := range fds {
			if to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name())); to == filepath.Join(dir, name) {
				return true, nil
			}
		}
		return false, nil
	}
}

// tries reports whether the process opens a file again and again, for a moment
// each time, which a look at what it has open would miss.
func tries(name string) func(int, string) (bool, error) {
	of, events := 0, -1 // the process that is looked at
	return func(pid int, dir string) (bool, error) {
		if pid != of {
			fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
			if err != nil {
				return false, err
			}
			of, events = pid, fd // open until the tests end
			if _, err := unix.InotifyAddWatch(fd, filepath.Join(dir, name), unix.IN_OPEN); err != nil {
				return false, err
			}
		}
		n, err := unix.Read(events, make([]byte, unix.SizeofInotifyEvent+unix.NAME_MAX+1))
		if errors.Is(err, unix.EAGAIN) {
			return false, nil
		}
		return n > 0, err
	}
}
