package durable_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/xattr"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestHelperProcess is no test: it is the writer that other tests start as a
// process of its own. It opens the log for appending, says so, and writes a
// line for each line that it reads.
func TestHelperProcess(t *testing.T) {
	path := os.Getenv("DURABLE_TEST_HOLD")
	if path == "" {
		t.Skip("only as a helper")
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		panic(err)
	}
	fmt.Println("open")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		if _, err := f.WriteString(in.Text() + "\n"); err != nil {
			panic(err)
		}
		fmt.Println("written")
	}
	os.Exit(0)
}

// holder is a process that keeps the log open for writing.
type holder struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func hold(t *testing.T, path string) *holder {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
	cmd.Env = append(os.Environ(), "DURABLE_TEST_HOLD="+path)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	h := &holder{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(h.stop)
	h.expect(t, "open")
	return h
}

func (h *holder) expect(t *testing.T, word string) {
	t.Helper()
	require.True(t, h.out.Scan(), "the helper ended")
	require.Equal(t, word, h.out.Text())
}

func (h *holder) write(t *testing.T, line string) {
	t.Helper()
	_, err := io.WriteString(h.in, line+"\n")
	require.NoError(t, err)
	h.expect(t, "written")
}

func (h *holder) stop() {
	_ = h.cmd.Process.Signal(syscall.SIGCONT)
	_ = h.in.Close()
	_ = h.cmd.Wait()
}

func TestHeldDescriptorIsRefusedAndNamed(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		t.Run(fmt.Sprintf("stopped=%v", stopped), func(t *testing.T) {
			path := newLog(t, "a\nb\n")
			before, err := os.Stat(path)
			require.NoError(t, err)
			h := hold(t, path)
			if stopped {
				require.NoError(t, h.cmd.Process.Signal(syscall.SIGSTOP))
			}
			// A second writer comes while the names are exchanged, and has to
			// wait.
			blocked := make(chan error, 1)
			go func() {
				for range 20 {
					if err := appendOnce(path, "blocked\n"); err != nil {
						blocked <- err
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
				blocked <- nil
			}()
			_, err = rewrite(t.Context(), path, quick(), "b\n", 4)
			var held *durable.WriterHoldsLogError
			require.ErrorAs(t, err, &held)
			require.False(t, held.Pending)
			require.Contains(t, pids(held.Holders), h.cmd.Process.Pid)
			require.ErrorContains(t, err, fmt.Sprintf("process %d", h.cmd.Process.Pid))
			require.NoError(t, <-blocked)
			if stopped {
				require.NoError(t, h.cmd.Process.Signal(syscall.SIGCONT))
			}
			h.write(t, "held")
			got := read(t, path)
			require.Equal(t, 20, strings.Count(got, "blocked\n"), "nothing that was held up is lost")
			require.Equal(t, 1, strings.Count(got, "held\n"))
			require.True(t, strings.HasPrefix(got, "a\nb\n"))
			after, err := os.Stat(path)
			require.NoError(t, err)
			require.True(t, os.SameFile(before, after), "the old inode has its name again")
			alone(t, path)
		})
	}
}

func pids(holders []durable.Holder) []int {
	var out []int
	for _, h := range holders {
		out = append(out, h.PID)
	}
	return out
}

// TestHammerSwapsUnderLoad rewrites over and over, keeping everything, while
// writers append and never stop.
func TestHammerSwapsUnderLoad(t *testing.T) {
	const writers = 4
	swaps := 10
	if testtool.Torture() {
		swaps = 500
	}
	path := newLog(t, "")
	var stop atomic.Bool
	var wg sync.WaitGroup
	counts := make([]int, writers)
	for w := range writers {
		wg.Go(func() {
			for !stop.Load() && t.Context().Err() == nil {
				if err := appendOnce(path, fmt.Sprintf("%d %d\n", w, counts[w])); err != nil {
					t.Error(err)
					return
				}
				counts[w]++
				time.Sleep(200 * time.Microsecond) // or the log outgrows the disk: each swap copies all of it
			}
		})
	}
	o := quick()
	o.Linger = 100 * time.Millisecond      // nor is a writer that has to wait for its turn between look-up and open
	o.StallBudget = durable.MaxStallBudget // a busy machine is no stubborn writer
	for range swaps {
		s, err := durable.Begin(t.Context(), path, o)
		require.NoError(t, err)
		out, err := s.Create()
		require.NoError(t, err)
		require.NoError(t, out.CopyRange(0, s.Size()))
		rep, err := s.Commit(t.Context(), s.Size())
		require.NoError(t, err)
		require.Equal(t, durable.Exclusive, rep.Guarantee)
		require.NoError(t, s.Close())
	}
	stop.Store(true)
	wg.Wait()
	next, total := make([]int, writers), 0
	for line := range strings.Lines(read(t, path)) {
		var w, n int
		_, err := fmt.Sscanf(line, "%d %d\n", &w, &n)
		require.NoError(t, err, "torn: %q", line)
		require.Equal(t, next[w], n, "writer %d", w)
		next[w]++
		total++
	}
	require.Equal(t, counts, next)
	t.Logf("%d records, %d swaps", total, swaps)
	alone(t, path)
}

func TestMetadataIsKept(t *testing.T) {
	path := newLog(t, "a\nb\n")
	if err := xattr.Set(path, "user.papyra", []byte("kept")); err != nil {
		t.Skip("no extended attributes here: ", err)
	}
	if os.Geteuid() == 0 {
		require.NoError(t, os.Chown(path, 1234, 4321))
	}
	// An ACL: user::rw-, user:1:r--, group::r--, mask::r--, other::---
	acl := []byte{2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 1, 0, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
		16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255}
	hasACL := xattr.Set(path, "system.posix_acl_access", acl) == nil
	var want unix.Stat_t
	require.NoError(t, unix.Stat(path, &want))
	_, err := rewrite(t.Context(), path, quick(), "b\n", 4)
	require.NoError(t, err)
	var got unix.Stat_t
	require.NoError(t, unix.Stat(path, &got))
	require.NotEqual(t, want.Ino, got.Ino)
	require.Equal(t, [3]uint32{want.Mode, want.Uid, want.Gid}, [3]uint32{got.Mode, got.Uid, got.Gid})
	value, err := xattr.Get(path, "user.papyra")
	require.NoError(t, err)
	require.Equal(t, "kept", string(value))
	if hasACL {
		value, err := xattr.Get(path, "system.posix_acl_access")
		require.NoError(t, err)
		require.Equal(t, acl, value)
	}
}

func TestCancelLeavesTheLogAlone(t *testing.T) {
	path := newLog(t, "a\nb\n")
	ctx, cancel := context.WithCancel(t.Context())
	s, err := durable.Begin(ctx, path, quick())
	require.NoError(t, err)
	out, err := s.Create()
	require.NoError(t, err)
	cancel()
	_, err = out.Write(make([]byte, 1<<20))
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Commit(ctx, 0)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, s.Close())
	require.Equal(t, "a\nb\n", read(t, path))
	alone(t, path)

	// While it waits for a writer, after the exchange.
	h := hold(t, path)
	ctx, cancel = context.WithCancel(t.Context())
	o := quick()
	o.StallBudget = 20 * time.Second
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), ".events.ndjson.papyra-journal")); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err = rewrite(ctx, path, o, "b\n", 4)
	require.ErrorIs(t, err, context.Canceled)
	h.write(t, "c")
	require.Equal(t, "a\nb\nc\n", read(t, path))
	alone(t, path)
}
