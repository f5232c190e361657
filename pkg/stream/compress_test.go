package stream_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// A window that is too large is no damage: another reader can read the data.
func TestZstdWindowTooLarge(t *testing.T) {
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed, zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(false))
	require.NoError(t, err)
	_, err = w.Write(bytes.Repeat([]byte(`{"kind":"event","timestamp":1}`+"\n"), 1<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	log, err := stream.FromReader("big.zst", &packed)
	if err == nil {
		_, err = stream.Forward(t.Context(), log, stream.Options{})
	}
	require.ErrorContains(t, err, "wants more memory than is allowed")
	require.NotContains(t, err.Error(), "damaged")
}

// TestGzipIsTheStandardLibrary has files of several members read, of any level,
// whole or damaged: both readers refuse the same, and have the same text of
// what they accept.
func TestGzipIsTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var packed bytes.Buffer
		for range rapid.IntRange(1, 3).Draw(t, "members") {
			w, err := gzip.NewWriterLevel(&packed, rapid.IntRange(gzip.HuffmanOnly, gzip.BestCompression).Draw(t, "level"))
			require.NoError(t, err)
			line := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "line")
			_, err = w.Write(bytes.Repeat(append(line, '\n'), rapid.SampledFrom([]int{0, 1, 3, 2000}).Draw(t, "times")))
			require.NoError(t, err)
			require.NoError(t, w.Close())
		}
		data := packed.Bytes()
		if at := rapid.IntRange(0, 2*len(data)).Draw(t, "damage"); at >= 3 && at < len(data) { // behind the magic
			data[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		data = data[:max(len(data)-rapid.SampledFrom([]int{0, 0, 1, 9}).Draw(t, "cut"), 3)]
		var want []byte
		z, werr := gzip.NewReader(bytes.NewReader(data))
		if werr == nil {
			want, werr = io.ReadAll(z)
		}
		var got bytes.Buffer
		log, err := stream.FromReader("log.gz", bytes.NewReader(data))
		if err == nil {
			_, err = stream.Forward(t.Context(), log, stream.Options{}, &copying{&got})
		}
		if werr == nil && err != nil && strings.Contains(err.Error(), "invalid header") {
			return // reserved flags, which RFC 1952 wants refused
		}
		require.Equal(t, werr == nil, err == nil, "%v, and by this reader %v", werr, err)
		if err == nil {
			require.Equal(t, string(want), got.String())
		}
	})
}

// copying is a visitor that has the text of a log.
type copying struct{ to *bytes.Buffer }

func (c *copying) NewPart() stream.Part { return nothing{} }
func (c *copying) Fold(b *stream.Block, _ stream.Part) error {
	return b.Raw(0, len(b.Data), func(text []byte, zeros int64) error {
		c.to.Write(text)
		c.to.Write(make([]byte, zeros))
		return nil
	})
}
