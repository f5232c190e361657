package selection

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Several files, each plain or compressed, read as their texts one after the other, with a newline where one was torn.
func TestJoin(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`([a-z]{0,5}\n){0,3}[a-z]{0,3}`), 1, 5).Draw(t, "texts")
		compressed := rapid.SliceOfN(rapid.IntRange(0, 5), len(texts), len(texts)).Draw(t, "compressed")
		want := ""
		var sources []*stream.Log
		for i, text := range texts {
			if want += text; i < len(texts)-1 && text != "" && !strings.HasSuffix(text, "\n") {
				want += "\n"
			}
			data := []byte(text)
			if compressed[i] == 0 {
				var b bytes.Buffer
				z := gzip.NewWriter(&b)
				_, _ = z.Write(data)
				require.NoError(t, z.Close())
				data = b.Bytes()
			}
			n++
			name := filepath.Join(dir, fmt.Sprint(n))
			require.NoError(t, os.WriteFile(name, data, 0o600))
			src, err := stream.Open(name)
			require.NoError(t, err)
			defer src.Close()
			sources = append(sources, src)
		}
		log := Join("set", sources)
		if log.At == nil {
			got, err := io.ReadAll(log.Stream)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
			return
		}
		require.Equal(t, int64(len(want)), log.Size)
		got := make([]byte, len(want)+3)
		from := rapid.IntRange(0, len(want)).Draw(t, "from")
		to := rapid.IntRange(from, len(want)).Draw(t, "to")
		m, err := log.At.ReadAt(got[:to-from], int64(from))
		require.NoError(t, err)
		require.Equal(t, want[from:to], string(got[:m]))
		m, err = log.At.ReadAt(got, int64(from))
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, want[from:], string(got[:m]))
		require.NoError(t, log.Verify())
	})
}

// The newest records of a set are found from its end, across its files, and a torn record does not run into the next file.
func TestJoinedLimits(t *testing.T) {
	dir := t.TempDir()
	var sources []*stream.Log
	for i, text := range []string{rec(0) + rec(1), rec(2) + `{"torn`, rec(3) + strings.TrimSuffix(rec(4), "\n"), rec(5)} {
		name := filepath.Join(dir, fmt.Sprint(i))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		src, err := stream.Open(name)
		require.NoError(t, err)
		defer src.Close()
		sources = append(sources, src)
	}
	log := Join("set", sources)
	o := options(policy.Policy{MaxRecords: new(int64(4))})
	require.Equal(t, rec(2)+rec(3)+rec(4)+rec(5), printed(t, log, o))
	require.NoError(t, os.Truncate(filepath.Join(dir, "0"), 5))
	_, err := Print(context.Background(), log, o, io.Discard)
	var changed *stream.ChangedError
	require.ErrorAs(t, err, &changed)
}
