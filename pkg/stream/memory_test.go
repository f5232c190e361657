package stream_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Many long lines in a row take no more memory than a few.
func TestLongLinesShareABuffer(t *testing.T) {
	const length, lines = 3 << 20, 30
	text := strings.Repeat(strings.Repeat("x", length)+"\n", lines)
	forward := allocated(func() {
		r := stream.NewReader(strings.NewReader(text), stream.ReaderOptions{})
		seen := 0
		err := stream.Each(context.Background(), r, stream.EachOptions{Workers: 2},
			func(*stream.Block, *struct{}) {}, func(b *stream.Block, _ *struct{}) error { seen += int(b.Newlines()); return nil })
		require.NoError(t, err)
		require.Equal(t, lines, seen)
	})
	require.Less(t, forward, uint64(length*20), "forward")
	backward := allocated(func() {
		r := stream.NewBackward(strings.NewReader(text), int64(len(text)), stream.ReaderOptions{})
		var b stream.Block
		for r.Offset() > 0 {
			require.NoError(t, r.Next(&b))
		}
	})
	require.Less(t, backward, uint64(length*20), "backward")
}
