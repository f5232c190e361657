package stream_test

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

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
