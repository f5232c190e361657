package durable_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	_, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)

	a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{Create: true})
	require.NoError(t, err)
	off, err := a.Append([]byte("one\n"))
	require.NoError(t, err)
	require.Zero(t, off)
	require.NoError(t, appendOnce(path, "torn"))
	off, err = a.Append([]byte("two\nthree\n"))
	require.NoError(t, err)
	require.EqualValues(t, 9, off, "the offset of the record, not of the newline before it")
	require.NoError(t, a.Sync())
	require.NoError(t, a.Close())
	require.NoError(t, a.Close())
	require.Equal(t, "one\ntorn\ntwo\nthree\n", read(t, path))

	for _, bad := range []string{"", "no newline"} {
		_, err = a.Append([]byte(bad))
		require.ErrorContains(t, err, "not whole lines")
	}
	_, err = a.Append([]byte("x\n"))
	require.ErrorIs(t, err, os.ErrClosed)
}

// A rewrite or a rotation gives the path another file: the appender goes with
// the path, as the producer does.
func TestAppendFollowsThePath(t *testing.T) {
	path := newLog(t, "a\nb\n")
	a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{Create: true})
	require.NoError(t, err)
	defer a.Close()
	_, err = a.Append([]byte("c\n"))
	require.NoError(t, err)
	_, err = rewrite(t.Context(), path, quick(), "b\n", 4)
	require.NoError(t, err, "an idle appender is not in the way")
	_, err = a.Append([]byte("d\n"))
	require.NoError(t, err)
	require.Equal(t, "b\nc\nd\n", read(t, path))

	require.NoError(t, os.Rename(path, path+".1"))
	_, err = a.Append([]byte("e\n"))
	require.NoError(t, err)
	require.NoError(t, a.Sync())
	require.Equal(t, "e\n", read(t, path))
	require.Equal(t, "b\nc\nd\n", read(t, path+".1"))
}

func TestAppendWaitsForARewrite(t *testing.T) {
	path := newLog(t, "a\n")
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	_, err = durable.OpenAppender(t.Context(), path, durable.AppendOptions{Wait: -1})
	require.ErrorIs(t, err, durable.ErrLocked)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := durable.OpenAppender(ctx, path, durable.AppendOptions{})
		done <- err
	}()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.NoError(t, s.Close())
}

// TestHammerAppendersAndRewrites: many appenders, the producer and rewrites at
// once.
func TestHammerAppendersAndRewrites(t *testing.T) {
	const appenders, batches = 4, 60
	path := newLog(t, "")
	var wg sync.WaitGroup
	for w := range appenders {
		wg.Go(func() {
			// However busy the machine: no test is about how long that is.
			a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{Wait: time.Hour})
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Close()
			for n := range batches {
				line := fmt.Sprintf("%d %d\n", w, n)
				if w == 0 {
					err = appendOnce(path, line)
				} else {
					_, err = a.Append([]byte(line))
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
			if err := a.Sync(); err != nil {
				t.Error(err)
			}
		})
	}
	swaps := 0
	finished := make(chan struct{})
	go func() { wg.Wait(); close(finished) }()
	for running := true; running; {
		select {
		case <-finished:
			running = false
		default:
		}
		o := quick()
		o.StallBudget = durable.MaxStallBudget
		s, err := durable.Begin(t.Context(), path, o)
		if errors.Is(err, durable.ErrLocked) {
			continue
		}
		require.NoError(t, err)
		out, err := s.Create()
		require.NoError(t, err)
		require.NoError(t, out.CopyRange(0, s.Size()))
		_, err = s.Commit(t.Context(), s.Size())
		require.NoError(t, err)
		require.NoError(t, s.Close())
		swaps++
		// The lock is not fair: the appenders get it when nobody else wants it.
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
	next := make([]int, appenders)
	for line := range strings.Lines(read(t, path)) {
		var w, n int
		_, err := fmt.Sscanf(line, "%d %d\n", &w, &n)
		require.NoError(t, err, "torn: %q", line)
		require.Equal(t, next[w], n, "appender %d", w)
		next[w]++
	}
	for w := range next {
		require.Equal(t, batches, next[w])
	}
	t.Logf("%d swaps", swaps)
}

// rotationsEach is fewer than an append bears in a row.
const rotationsEach = 50

// TestAppendBesideRotation has the log renamed away all the time, but not for
// ever during one append: an append that makes a missing log tries again.
func TestAppendBesideRotation(t *testing.T) {
	path := newLog(t, "")
	var left, rotated atomic.Int32 // how often the log may yet be renamed during this append; how often it was
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for ; !stop.Load(); runtime.Gosched() {
			if left.Load() > 0 && os.Rename(path, fmt.Sprintf("%s.%d", path, rotated.Load()+1)) == nil {
				left.Add(-1)
				rotated.Add(1)
			}
		}
	})
	defer wg.Wait()
	defer stop.Store(true)
	left.Store(rotationsEach)
	a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{Create: true, Wait: time.Hour})
	require.NoError(t, err)
	records := 0
	for ; records < 300 || rotated.Load() < 100; records++ {
		left.Store(rotationsEach)
		_, err := a.Append(fmt.Appendf(nil, "%d\n", records))
		require.NoError(t, err)
	}
	require.NoError(t, a.Close())
	stop.Store(true)
	wg.Wait()
	var all string
	for n := 1; n <= int(rotated.Load()); n++ {
		data, err := os.ReadFile(fmt.Sprintf("%s.%d", path, n))
		require.NoError(t, err)
		all += string(data)
	}
	if data, err := os.ReadFile(path); err == nil {
		all += string(data)
	}
	lines := strings.Fields(all)
	require.Len(t, lines, records)
	for n, line := range lines {
		require.Equal(t, fmt.Sprint(n), line)
	}
}

func BenchmarkAppend(b *testing.B) {
	path := filepath.Join(b.TempDir(), "events.ndjson")
	a, err := durable.OpenAppender(b.Context(), path, durable.AppendOptions{Create: true})
	require.NoError(b, err)
	defer a.Close()
	line := []byte(record("bench", 200))
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := a.Append(line); err != nil {
			b.Fatal(err)
		}
	}
}
