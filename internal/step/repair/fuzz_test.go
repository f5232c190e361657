package repair

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// FuzzRepair holds for any bytes that a file and a pipe, one core and several,
// small blocks and large ones are repaired to the same bytes, and that undo
// gives back what was there.
func FuzzRepair(f *testing.F) {
	f.Add([]byte("{\"kind\":\"event\",\"timestamp\":1}\n{\"kind\":\"ev{\"kind\":\"event\",\"timestamp\":1}\n\n\xef\xbb\xbf{}"))
	f.Add([]byte("\xef\xbb\xbf{}\r\n[1]\n{\"a\":\"\xff\"}\n{\"kind\":\"event\",\"timestamp\":NaN}"))
	f.Add(append([]byte("{\"kind\":\"event\",\"timestamp\":1}"), append(make([]byte, 65536+3), "{\"kind\":\"event\",\"timestamp\":1}\n"...)...))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		o := mend.Options{Checker: record.NewChecker(record.Options{MaxLineBytes: 4096}), Workers: 1}
		pipe, book, _ := mendAll(t, mend.Options{Checker: o.Checker}, text)
		require.Equal(t, string(text), string(undoAll(t, pipe, book)))

		path := filepath.Join(dir, "log")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		src, err := stream.Open(t.Context(), path)
		require.NoError(t, err)
		defer src.Close()
		if src.Compression() != "" {
			return
		}
		var out bytes.Buffer
		_, err = mend.Repair(t.Context(), src, &out, o)
		require.NoError(t, err)
		require.Equal(t, string(pipe), out.String())
	})
}
