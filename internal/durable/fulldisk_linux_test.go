package durable_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
)

// smallDisk mounts a tmpfs of that size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("cannot mount a small file system: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// A full disk tears the line that does not fit. It is cut off again where
// nobody else can be appending, and stays where that cannot be proved.
func TestFullDisk(t *testing.T) {
	for name, witness := range map[string]bool{"alone": false, "with a reader": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(smallDisk(t, "1m"), "events.ndjson")
			a, err := durable.OpenAppender(t.Context(), path, durable.AppendOptions{Create: true})
			require.NoError(t, err)
			defer a.Close()
			if witness { // somebody who has it open keeps the lease away that would prove it
				f, err := os.Open(path)
				require.NoError(t, err)
				defer f.Close()
			}
			line := []byte(strings.Repeat("x", 99_999) + "\n")
			batch := bytes.Repeat(line, 20)
			_, err = a.Append(batch)
			var part *durable.AppendError
			require.ErrorAs(t, err, &part)
			require.ErrorIs(t, err, syscall.ENOSPC)
			require.Equal(t, 10*len(line), part.Written)
			require.Zero(t, part.Offset)
			got := read(t, path)
			if witness {
				require.NotZero(t, part.Torn)
				require.Len(t, got, part.Written+part.Torn)
			} else {
				require.Zero(t, part.Torn)
				require.Len(t, got, part.Written)
			}
			require.True(t, strings.HasPrefix(string(batch), got))
			require.NoError(t, a.Sync(), "what was written before is good")
		})
	}
}

func TestFullDiskRefusesRewrite(t *testing.T) {
	path := filepath.Join(smallDisk(t, "1m"), "events.ndjson")
	content := strings.Repeat("y", 600_000) + "\n"
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	_, err := rewrite(t.Context(), path, quick(), content, int64(len(content)))
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "are free in")
	require.Equal(t, content, read(t, path))
	alone(t, path)
}
