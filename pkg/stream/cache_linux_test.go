package stream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// resident returns how many bytes of a file are in the page cache.
func resident(t *testing.T, path string) (n int64) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	m, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	require.NoError(t, err)
	defer func() { require.NoError(t, unix.Munmap(m)) }()
	pages := make([]byte, (len(m)+os.Getpagesize()-1)/os.Getpagesize())
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&m[0])), uintptr(len(m)), uintptr(unsafe.Pointer(&pages[0])))
	require.Zero(t, errno, errno)
	for _, p := range pages {
		n += int64(p&1) * int64(os.Getpagesize())
	}
	return n
}

// A walk leaves what it read in the page cache, and one without cache takes it
// out again, but for the beginning, which is looked at when the log is
// verified.
func TestWithoutCache(t *testing.T) {
	dir := t.TempDir()
	var fs unix.Statfs_t
	require.NoError(t, unix.Statfs(dir, &fs))
	if fs.Type == unix.TMPFS_MAGIC {
		testtool.Missing(t, "a file system with a page cache: %s is memory", dir)
	}
	line := []byte(`{"kind": "event", "timestamp": 1710000000.5, "payload": "`)
	var text bytes.Buffer
	for i := range 400_000 {
		text.Write(append(line, byte('a'+i%26), '"', '}', '\n'))
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.NoCompression)
	require.NoError(t, err)
	_, err = z.Write(text.Bytes())
	require.NoError(t, err)
	require.NoError(t, z.Close())
	type walk = func(context.Context, *stream.Log, stream.Options, ...stream.Visitor) (stream.End, error)
	for name, c := range map[string]struct {
		text []byte
		walk walk
	}{
		"forward":  {text.Bytes(), stream.Forward},
		"backward": {text.Bytes(), stream.Backward},
		"gzip":     {packed.Bytes(), stream.Forward},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			f, err := os.Create(path)
			require.NoError(t, err)
			_, err = f.Write(c.text)
			require.NoError(t, err)
			require.NoError(t, f.Sync(), "pages that are not written stay")
			require.NoError(t, f.Close())
			read := func(ctx context.Context) int64 {
				log, err := stream.Open(ctx, path)
				require.NoError(t, err)
				_, err = c.walk(ctx, log, stream.Options{})
				require.NoError(t, err)
				require.NoError(t, log.Close())
				return resident(t, path)
			}
			size := int64(len(c.text))
			require.Greater(t, read(t.Context()), size*9/10, "kept")
			require.Less(t, read(stream.WithoutCache(t.Context())), int64(1<<20), "dropped, of %d", size)
		})
	}
}
