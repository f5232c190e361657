package durable_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// quick are options for tests on real files: nothing waits longer than needed.
func quick() durable.Options {
	return durable.Options{Linger: 10 * time.Millisecond, StallBudget: 300 * time.Millisecond}
}

// newLog makes a log in a directory of its own.
func newLog(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o640))
	return path
}

// rewrite replaces the log with content, from upTo on carried over.
func rewrite(ctx context.Context, path string, o durable.Options, content string, upTo int64) (durable.Report, error) {
	s, err := durable.Begin(ctx, path, o)
	if err != nil {
		return durable.Report{}, err
	}
	defer s.Close()
	out, err := s.Create()
	if err != nil {
		return durable.Report{}, err
	}
	if _, err := io.WriteString(out, content); err != nil {
		return durable.Report{}, err
	}
	return s.Commit(ctx, upTo)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(data)
}

// alone asserts that nothing but the named files is in the log's directory.
func alone(t *testing.T, path string, also ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.ElementsMatch(t, append(also, filepath.Base(path)), names)
}

// appendOnce is what the producer does.
func appendOnce(path, line string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}

func TestRewrite(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*durable.Options)
		want durable.Guarantee
	}{
		{"exclusive", func(*durable.Options) {}, durable.Exclusive},
		{"offline", func(o *durable.Options) { o.Offline = true }, durable.Offline},
		{"raced", func(o *durable.Options) { o.AllowRace = true }, durable.Raced},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := newLog(t, "a\nb\nc\nd")
			o := quick()
			tt.set(&o)
			rep, err := rewrite(t.Context(), path, o, "B\n", 4)
			require.NoError(t, err)
			require.Equal(t, tt.want, rep.Guarantee)
			require.EqualValues(t, 7, rep.BytesBefore)
			require.EqualValues(t, 5, rep.BytesAfter)
			require.Equal(t, "B\nc\nd", read(t, path))
			alone(t, path)
			fi, err := os.Stat(path)
			require.NoError(t, err)
			require.EqualValues(t, 0o640, fi.Mode().Perm())
		})
	}
}
