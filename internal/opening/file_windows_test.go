package opening

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// folder is a temporary one. Not all versions of Wine can remove it as Go does.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "papyra")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// A log that is being read or added to is rotated, deleted and made anew, as
// elsewhere.
func TestFileLetsOthersRename(t *testing.T) {
	for name, flag := range map[string]int{"read": os.O_RDONLY, "append": os.O_WRONLY | os.O_APPEND, "write": os.O_RDWR} {
		log := filepath.Join(folder(t), "log")
		require.NoError(t, os.WriteFile(log, []byte("one\n"), 0o600))
		f, err := File(log, flag, 0)
		require.NoError(t, err, name)
		require.NoError(t, os.Rename(log, log+".1"), name)
		require.NoError(t, os.WriteFile(log, []byte("two\n"), 0o600), name)
		if flag != os.O_RDONLY {
			_, err = f.WriteString("xxx\n")
			require.NoError(t, err)
		}
		if flag&os.O_WRONLY == 0 {
			_, err = f.Seek(0, io.SeekStart)
			require.NoError(t, err)
			text, err := io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, map[int]string{os.O_RDONLY: "one\n", os.O_RDWR: "xxx\n"}[flag], string(text))
		}
		require.NoError(t, f.Close())
		text, err := os.ReadFile(log + ".1")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"read": "one\n", "append": "one\nxxx\n", "write": "xxx\n"}[name], string(text))
		require.NoError(t, os.Remove(log))
	}
}

func TestFileFails(t *testing.T) {
	dir := folder(t)
	_, err := File(filepath.Join(dir, "none"), os.O_RDONLY, 0)
	require.ErrorIs(t, err, os.ErrNotExist)
	f, err := File(filepath.Join(dir, "new"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	_, err = File(filepath.Join(dir, "new"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	require.ErrorIs(t, err, os.ErrExist)
	_, err = File(dir, os.O_RDWR, 0)
	require.Error(t, err)
	d, err := File(dir, os.O_RDONLY, 0)
	require.NoError(t, err)
	info, err := d.Stat()
	require.NoError(t, err)
	require.True(t, info.IsDir())
	require.NoError(t, d.Close())
}
