package appender

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// Several appenders, writers that open, append and close as the Python producer
// does, and a rewrite after the other: no record is lost, none is there twice,
// none is torn, and each writer's are in order.
func TestAppendersProducersAndRewrites(t *testing.T) {
	const appenders, producers = 4, 2
	records := testtool.Amount(50, 150, 150)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	line := func(writer, i int) string {
		return fmt.Sprintf(`{"kind":"event","timestamp":%d,"writer":%d}`+"\n", i, writer)
	}
	require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))

	var writers sync.WaitGroup
	errs := make(chan error, appenders+producers)
	acked := make([]int64, appenders)
	for w := range appenders {
		writers.Go(func() {
			log, err := durable.OpenAppender(context.Background(), path, durable.AppendOptions{})
			if err != nil {
				errs <- err
				return
			}
			defer log.Close()
			e, h := testEngine(t, log, []string{"batch", "always", "interval=1ms", "batch"}[w])
			r, in := io.Pipe()
			go func() {
				for i := range records {
					// In two writes, as a pipe may well deliver them.
					text := line(w, i)
					_, _ = io.WriteString(in, text[:i%len(text)])
					_, _ = io.WriteString(in, text[i%len(text):])
				}
				in.Close()
			}()
			if err := e.run(context.Background(), r); err != nil {
				errs <- err
			}
			acked[w] = h.records()
		})
	}
	for p := range producers {
		writers.Go(func() {
			for i := range records {
				f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
				if err != nil {
					errs <- err
					return
				}
				_, err = f.WriteString(line(appenders+p, i))
				if cerr := f.Close(); err != nil || cerr != nil {
					errs <- fmt.Errorf("producer: %w", errors.Join(err, cerr))
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	swaps := 0
	for writing := true; writing; {
		select {
		case <-done:
			writing = false
		default:
			swaps += rewriteAll(t, path)
		}
	}
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	for _, n := range acked {
		require.EqualValues(t, records, n)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	next := make([]int, appenders+producers)
	for i, got := range strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n") {
		var at, writer int
		if _, err := fmt.Sscanf(got, `{"kind":"event","timestamp":%d,"writer":%d}`, &at, &writer); err != nil {
			require.True(t, i == 0 && got == "{}\n", "%q", got)
			continue
		}
		require.Equal(t, next[writer], at, "writer %d", writer)
		next[writer]++
	}
	for writer, n := range next {
		require.Equal(t, records, n, "writer %d", writer)
	}
	t.Logf("%d rewrites", swaps)
	require.Positive(t, swaps)
}

// rewriteAll replaces the log by a copy of itself and returns 1 if it did.
func rewriteAll(t *testing.T, path string) int {
	s, err := durable.Begin(context.Background(), path, durable.Options{Wait: 30 * time.Second, Linger: 5 * time.Millisecond})
	if err != nil {
		t.Logf("begin: %v", err)
		if strings.Contains(err.Error(), "lease") {
			t.Skip(err)
		}
		return 0
	}
	defer s.Close()
	out, err := s.Create()
	require.NoError(t, err)
	_, err = io.Copy(out, s.Log())
	require.NoError(t, err)
	_, err = s.Commit(context.Background(), s.Size())
	require.NoError(t, err)
	return 1
}
