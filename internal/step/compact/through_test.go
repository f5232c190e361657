package compact

import (
	"context"
	"encoding/json"
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

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
)

func TestWords(t *testing.T) {
	for command, want := range map[string][]string{
		`sed s/a/b/`:                     {"sed", "s/a/b/"},
		`  jq  -c 'del(.a) | .b' `:       {"jq", "-c", "del(.a) | .b"},
		`jq -c "del(.\"a b\")"`:          {"jq", "-c", `del(."a b")`},
		`a\ b 'c\d' "e\f" g"h"'i' '' ""`: {"a b", `c\d`, `e\f`, "ghi", "", ""},
		`cat $HOME *`:                    {"cat", "$HOME", "*"},
		`open 'quote`:                    nil,
		``:                               nil,
	} {
		require.Equal(t, want, words(command), command)
	}
}

// Writers append while a log is filtered, again and again: each of their
// records is there once, and what the log had when a run that succeeded ended
// has passed through the filter. They are in the order of their writer unless a
// run was refused, since that may have been taken back after the exchange.
func TestThroughBesideWriters(t *testing.T) {
	testtool.Need(t, "sed")
	path := filepath.Join(t.TempDir(), "l.ndjson")
	write(t, path, os.O_CREATE, `{"kind":"event","timestamp":1710000000,"w":9,"n":0,"p":"secret"}`+"\n")
	const writers, each = 3, 150
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := range each {
				f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
				if err == nil {
					_, err = fmt.Fprintf(f, `{"kind":"event","timestamp":1710000001,"w":%d,"n":%d,"p":"secret"}`+"\n", w, n)
					err = errors.Join(err, f.Close())
				}
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()
	done, refused := 0, 0
	for running := true; running; {
		select {
		case <-over:
			running = false // and once more, with nobody about
		default:
		}
		code, _, said := run(t, &Command{}, "--through", "sed s/secret/x/", path)
		if strings.Contains(said, "leases") {
			<-over
			t.Skip("no leases here: " + said)
		}
		switch {
		case code == 0:
			done++
		case strings.Contains(said, "the filter has not seen"):
			refused++
		default:
			t.Errorf("exit %d: %s", code, said)
		}
	}
	require.NotZero(t, done)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	type id struct{ W, N int }
	seen, next := map[id]int{}, map[int]int{}
	for line := range strings.Lines(string(text)) {
		var r struct {
			id
			P string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		require.Equal(t, "x", r.P)
		seen[r.id]++
		require.Equal(t, 1, seen[r.id], "writer %d, record %d", r.W, r.N)
		if refused == 0 {
			require.Equal(t, next[r.W], r.N, "writer %d", r.W)
		}
		next[r.W]++
	}
	require.Equal(t, map[int]int{0: each, 1: each, 2: each, 9: 1}, next)
	t.Logf("%d runs, %d refused", done, refused)
}

// No process of a command that hangs outlives the run.
func TestThroughEndsWithTheRun(t *testing.T) {
	testtool.Need(t, "sh")
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("asked to stop")
	pids, said := io.Pipe()
	f := &through{args: []string{"sh", "-c", "sleep 1000 & echo $! $$ >&2; wait"}, checker: record.NewChecker(record.Options{}), stderr: said}
	var child, shell int
	go func() {
		_, _ = fmt.Fscan(pids, &child, &shell)
		stop(why)
		_, _ = io.Copy(io.Discard, pids)
	}()
	err := f.run(ctx, func(io.Writer) error { return nil }, io.Discard)
	require.Error(t, err)
	require.NoError(t, said.Close())
	for _, pid := range []int{child, shell} {
		require.NotZero(t, pid)
		require.Eventually(t, func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			return err != nil || strings.Contains(string(stat), ") Z ")
		}, 10*time.Second, time.Millisecond)
	}
}
