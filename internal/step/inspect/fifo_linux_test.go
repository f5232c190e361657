package inspect

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFIFOIsReadOnce: the preview must not open a pipe for a second look, which
// would wait for a writer for ever.
func TestFIFOIsReadOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	go func() {
		if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			f.Write(bigLog(3000))
			f.Close()
		}
	}()
	code, out, errs := run(t, nil, 80, "--json", "--max-records", "1234", path)
	require.Zero(t, code, errs)
	p := decode(t, out).Files[0].Preview
	require.EqualValues(t, 1234, p.Kept.Records)
	require.Zero(t, p.Uncertain)
}
