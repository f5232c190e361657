package repair

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

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
		m := &mender{checker: record.NewChecker(record.Options{MaxLineBytes: 4096})}
		pipe, book, _ := mendAll(t, m, text)
		require.Equal(t, string(text), string(undoAll(t, pipe, book)))

		path := filepath.Join(dir, "log")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		src, err := stream.Open(path)
		require.NoError(t, err)
		defer src.Close()
		if src.Compression() != "" {
			return
		}
		var out bytes.Buffer
		tr := &transformer{ctx: context.Background(), src: src, mender: m, bar: func(int64) {}, sink: newStreamSink(&out), workers: 1}
		require.NoError(t, tr.run())
		require.Equal(t, string(pipe), out.String())
	})
}
