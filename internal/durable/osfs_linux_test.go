package durable_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
)

// Every operation on a descriptor that is closed, or on a name that is not
// there, is an error and no answer.
func TestOSErrors(t *testing.T) {
	fsys, path := durable.OS(), newLog(t, "a\n")
	none := filepath.Join(t.TempDir(), "none", "below")
	f, err := fsys.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	open, err := fsys.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer open.Close()
	require.NoError(t, f.Close())
	for what, do := range map[string]func() error{
		"stat":      func() error { _, err := f.Stat(); return err },
		"append":    func() error { _, _, err := f.Append([]byte("x")); return err },
		"reserve":   func() error { _, _, err := f.Reserve(1); return err },
		"copy":      func() error { _, err := f.CopyFrom(open, 0, 0, 1); return err },
		"copy from": func() error { _, err := open.CopyFrom(f, 0, 0, 1); return err },
		"lock":      f.Lock,
		"unlock":    f.Unlock,
		"lease":     func() error { return f.SetLease(durable.ReadLease) },
		"leased":    func() error { _, err := f.Lease(); return err },
		"unlease":   func() error { _, err := f.Unlease(); return err },
		"meta":      func() error { return f.CopyMeta(open) },
		"meta from": func() error { return open.CopyMeta(f) },
		"names":     func() error { _, err := fsys.Names(none); return err },
		"mkdir":     func() error { return fsys.MkdirAll(filepath.Join(path, "below", "it"), 0o700) },
		"sync":      func() error { return fsys.SyncDir(none) },
		"free":      func() error { _, err := fsys.Free(none); return err },
		"leases":    func() error { return fsys.KeepsLeases(none) },
		"exchange":  func() error { return fsys.Exchange(path, none) },
		"place":     func() error { _, err := fsys.Place(none); return err },
	} {
		require.Error(t, do(), what)
	}
	require.Empty(t, fsys.Life(none))
	require.ErrorIs(t, fsys.KeepsLeases("/proc"), durable.ErrNoLease)
	_, _, err = open.Reserve(1<<30 + 1)
	require.ErrorContains(t, err, "too long a line")
	require.Equal(t, "a\n", read(t, path))
}

// The new file has holes where the log has: what a log with holes takes of the
// disk does not grow.
func TestHolesStay(t *testing.T) {
	const hole = 256 << 20
	path := newLog(t, "a\n")
	require.NoError(t, os.Truncate(path, hole))
	require.NoError(t, appendOnce(path, "\nb\n"))
	require.NoError(t, os.Truncate(path, 2*hole))
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	defer s.Close()
	out, err := s.CreateFor(0)
	require.NoError(t, err)
	require.NoError(t, out.CopyRange(0, s.Size()))
	require.NoError(t, out.Zeros(hole))
	require.EqualValues(t, 3*hole, out.Written())
	_, err = s.Commit(t.Context(), s.Size())
	require.NoError(t, err)
	var st unix.Stat_t
	require.NoError(t, unix.Stat(path, &st))
	require.EqualValues(t, 3*hole, st.Size)
	require.Less(t, st.Blocks, int64(1000))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	got := make([]byte, 5)
	_, err = f.ReadAt(got, hole-1)
	require.NoError(t, err)
	require.Equal(t, "\x00\nb\n\x00", string(got))
}

// Errors of the new file stick, and a hole that nobody can have is one.
func TestOutputErrorsStick(t *testing.T) {
	s, err := durable.Begin(t.Context(), newLog(t, "a\n"), quick())
	require.NoError(t, err)
	defer s.Close()
	out, err := s.Create()
	require.NoError(t, err)
	_, err = s.Create()
	require.ErrorContains(t, err, "has one already")
	big := strings.Repeat("x", 1<<20)
	_, err = io.WriteString(out, big)
	require.NoError(t, err)
	require.NoError(t, out.Zeros(0))
	require.ErrorIs(t, out.CopyRange(1, 2), io.ErrUnexpectedEOF, "past the end of the log")
	_, err = io.WriteString(out, big)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorIs(t, out.Zeros(1), io.ErrUnexpectedEOF)
	_, err = s.Commit(t.Context(), 2)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = s.Commit(t.Context(), 2)
	require.ErrorContains(t, err, "no new file")
	require.Equal(t, "a\n", read(t, s.Path()))
	alone(t, s.Path())
}
