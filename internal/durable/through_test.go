package durable_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// shout is a rewrite in which everything passes through a filter.
func shout(fs *simfs.FS) error {
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	if err != nil {
		return err
	}
	defer s.Close()
	out, err := s.Create()
	if err != nil {
		return err
	}
	upper := func(r io.Reader, w io.Writer) error {
		text, err := io.ReadAll(r)
		if err == nil {
			_, err = io.WriteString(w, strings.ToUpper(string(text)))
		}
		return err
	}
	s.Through(upper)
	if err := upper(s.Log(), out); err != nil {
		return err
	}
	_, err = s.Commit(context.Background(), s.Size())
	return err
}

// A writer looks the log up before any operation of such a rewrite, and appends
// before a later one. On success its line has passed through the filter, if it
// went to the old file; on failure the log is as it was and the line behind it.
// Wherever the run is killed then, nothing is lost or there twice after the
// next one.
func TestThrough(t *testing.T) {
	const line = "late line\n"
	old := strings.Join(oldLines, "")
	filtered, refused, takenBack, younger := 0, 0, 0, 0
	for _, gap := range []int{0, 1, 4} {
		for k, hit := 0, true; hit; k++ {
			hit = false
			fs, _ := world(scenario{})
			before := fs.Ino(simLog)
			w, opened := fs.Writer(), false
			fs.Hook = func(op simfs.Op) {
				if op.N == k {
					hit = w.Lookup(simLog)
				}
				if !hit || op.N < k+gap {
					return
				}
				if !opened && w.Open() {
					opened = true
					w.Write(line)
					w.Close()
				}
				if opened && op.N%5 == k%5 {
					fs.Crashes(func(c *simfs.FS) {
						settledLate(t, c, old, line, fmt.Sprintf("power lost before %s, at %d", op.Name, op.N), false)
					})
					c := fs.Clone()
					c.Hook = nil
					c.Restart()
					settledLate(t, c, old, line, fmt.Sprintf("killed before %s, at %d", op.Name, op.N), true)
				}
			}
			err := shout(fs)
			fs.Hook = nil
			if !opened {
				continue
			}
			got, _ := fs.Get(simLog)
			when := fmt.Sprintf("looked up at %d, gap %d: %v", k, gap, err)
			switch {
			case err != nil:
				refused++
				require.ErrorIs(t, err, durable.ErrLate, when)
				var why *durable.RefusedError
				if errors.As(err, &why) {
					takenBack++
				}
				require.Equal(t, old+line, got, when)
			case w.Ino() == before:
				filtered++
				require.Equal(t, strings.ToUpper(old+line), got, when)
			default:
				younger++
				require.Equal(t, strings.ToUpper(old)+line, got, when)
			}
		}
	}
	require.NotZero(t, filtered)
	require.NotZero(t, refused)
	require.NotZero(t, takenBack, "a refusal")
	require.NotZero(t, younger)
}

// settledLate checks what the next run leaves.
func settledLate(t *testing.T, fs *simfs.FS, old, line, when string, kept bool) {
	t.Helper()
	s, err := durable.Begin(context.Background(), simLog, simOptions(fs))
	require.NoError(t, err, when)
	require.NoError(t, s.Close())
	got, _ := fs.Get(simLog)
	text := strings.ToUpper(got)
	require.True(t, strings.HasPrefix(text, strings.ToUpper(old)), "%s: %q", when, got)
	n := strings.Count(text, strings.ToUpper(line))
	require.LessOrEqual(t, n, 1, "%s: %q", when, got)
	if kept { // the writer did not fsync: a power loss may take its line
		require.Equal(t, 1, n, "%s: %q", when, got)
	}
}
