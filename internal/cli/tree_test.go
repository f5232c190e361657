package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, dir string, names ...string) {
	for _, name := range names {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))
	}
}

func treeOf(dir string, globs ...string) *TreeInputs {
	in := &TreeInputs{Recursive: true, Glob: globs}
	in.Args = []string{dir}
	return in
}

// What takes the place of a file, or of a folder on the way to it, after it was
// found, is not followed out of the tree.
func TestNoLinkOutOfTheTree(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	dir, out := t.TempDir(), t.TempDir()
	write(t, dir, "a.jsonl", "b/c.jsonl", "d.jsonl")
	write(t, out, "c.jsonl")
	env := &Env{Ctx: t.Context(), Getenv: func(string) string { return "" }}
	found, err := List(treeOf(dir).Each(env))
	require.NoError(t, err)
	require.Len(t, found, 3)
	require.NoError(t, os.Remove(filepath.Join(dir, "a.jsonl")))
	require.NoError(t, os.Symlink(filepath.Join(out, "c.jsonl"), filepath.Join(dir, "a.jsonl")))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "b")))
	require.NoError(t, os.Symlink(out, filepath.Join(dir, "b")))
	for _, in := range found[:2] {
		log, _, err := env.OpenLog(in, false, 0)
		require.ErrorContains(t, err, "escapes", "%s", in.Path)
		require.Nil(t, log)
	}
	log, _, err := env.OpenLog(found[2], false, 0)
	require.NoError(t, err)
	require.NoError(t, log.Close())

	// And a folder that became a link is not listed.
	again, err := List(treeOf(dir).Each(env))
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Equal(t, filepath.Join(dir, "d.jsonl"), again[0].Path)
}

// A folder that can't be read is a log on which there is no verdict, beside the
// others.
func TestFolderThatCannotBeRead(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("nothing is unreadable to root")
	}
	dir := t.TempDir()
	write(t, dir, "a/x.jsonl", "b/x.jsonl")
	require.NoError(t, os.Chmod(filepath.Join(dir, "a"), 0))
	defer os.Chmod(filepath.Join(dir, "a"), 0o700)
	env := &Env{Ctx: t.Context(), Getenv: func(string) string { return "" }}
	found, err := List(treeOf(dir).Each(env))
	require.NoError(t, err)
	require.Len(t, found, 2)
	_, _, err = env.OpenLog(found[0], false, 0)
	require.ErrorIs(t, err, os.ErrPermission)
}

// However many are worked on at once, what comes of them is taken in order, and
// nothing goes on after the end.
func TestInOrder(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		write(t, dir, fmt.Sprintf("%02d.jsonl", i))
	}
	require.NoError(t, os.Truncate(filepath.Join(dir, "20.jsonl"), SmallLog+1))
	env := &Env{Ctx: t.Context(), Getenv: func(string) string { return "" }}
	each := func() iter.Seq2[Input, error] { return treeOf(dir).Each(env) }
	for _, atOnce := range []int{1, 2, 7} {
		var running, most, alone atomic.Int64
		work := func(in Input, small bool) string {
			n := running.Add(1)
			defer running.Add(-1)
			most.Store(max(most.Load(), n))
			if !small && atOnce > 1 {
				alone.Add(1)
				if n != 1 {
					return "not alone"
				}
			}
			return filepath.Base(in.Path)
		}
		var got []string
		require.NoError(t, InOrder(t.Context(), each(), atOnce, work, func(name string) error {
			require.Equal(t, fmt.Sprintf("%02d.jsonl", len(got)), name)
			got = append(got, name)
			return nil
		}))
		require.Len(t, got, 50)
		require.LessOrEqual(t, most.Load(), int64(atOnce))
		require.Equal(t, min(int64(atOnce-1), 1), alone.Load())

		enough := errors.New("enough")
		require.ErrorIs(t, InOrder(t.Context(), each(), atOnce, work, func(name string) error {
			if name == "30.jsonl" {
				return enough
			}
			return nil
		}), enough)
		require.Zero(t, running.Load())

		ctx, cancel := context.WithCancel(t.Context())
		require.ErrorIs(t, InOrder(ctx, each(), atOnce, work, func(name string) error {
			cancel()
			return nil
		}), context.Canceled)
		broken := func(yield func(Input, error) bool) { yield(Input{}, enough) }
		require.ErrorIs(t, InOrder(t.Context(), broken, atOnce, work, func(string) error { return nil }), enough)
	}
}
