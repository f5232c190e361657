package compact

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
)

// hookFS does something just before the log is opened to be locked.
type hookFS struct {
	durable.FS
	hook func()
}

func (h *hookFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if h.hook != nil {
		h.hook()
		h.hook = nil
	}
	return h.FS.OpenFile(name, flag, perm)
}

// A log is read before it is locked. Whatever happens to it in between, what
// stays is what should stay of it now. What is only appended is kept as it is,
// as if it had come while the log was replaced.
func TestBetweenReadingAndLocking(t *testing.T) {
	text := testLog()
	other := strings.ReplaceAll(text, `"n":`, `"other":`)
	for name, change := range map[string]func(t *testing.T, path string) string{
		"nothing": func(t *testing.T, _ string) string { return filtered(t, text, 100) },
		"appended": func(t *testing.T, path string) string {
			write(t, path, os.O_APPEND, other)
			return filtered(t, text, 100) + other
		},
		"replaced": func(t *testing.T, path string) string {
			require.NoError(t, os.Remove(path))
			write(t, path, os.O_CREATE, other+text)
			return filtered(t, other+text, 100)
		},
		"cut back and appended": func(t *testing.T, path string) string {
			cut := strings.LastIndex(text[:len(text)-5000], "\n") + 1
			require.NoError(t, os.Truncate(path, int64(cut)))
			write(t, path, os.O_APPEND, other)
			return filtered(t, text[:cut]+other, 100)
		},
		"rewritten in place": func(t *testing.T, path string) string {
			write(t, path, os.O_TRUNC, other+text)
			return filtered(t, other+text, 100)
		},
		"emptied": func(t *testing.T, path string) string {
			write(t, path, os.O_TRUNC, "")
			return ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.ndjson")
			write(t, path, os.O_CREATE, text)
			var want string
			hook := &hookFS{FS: durable.OS(), hook: func() { want = change(t, path) }}
			code, _, said := run(t, &Command{fs: hook}, "--offline", "--max-age", "100", "--force", path)
			require.Zero(t, code, said)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, string(got) == want, said)
		})
	}
}

func write(t *testing.T, path string, flag int, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|flag, 0o640)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
