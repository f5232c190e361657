package stream_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// asked counts how many parts a walk asks for.
type asked struct{ n int }

func (a *asked) NewPart() stream.Part                  { a.n++; return &collected{} }
func (a *asked) Fold(*stream.Block, stream.Part) error { return nil }

// What is less than a block is walked without the pool, which would cost ten
// times as much as a small log.
func TestSmallLogNeedsNoPool(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	line := `{"kind":"event","timestamp":1}` + "\n"
	for lines, alone := range map[int]bool{0: true, 1: true, 4000: true, 5000: false} {
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat(line, lines)), 0o600))
		log, err := stream.Open(t.Context(), path)
		require.NoError(t, err)
		v := &asked{}
		end, err := stream.Forward(context.Background(), log, stream.Options{Workers: 4}, v)
		require.NoError(t, err)
		require.Equal(t, int64(lines), end.Lines)
		require.Equal(t, alone, v.n == 1, "%d lines, %d parts", lines, v.n)
		require.NoError(t, log.Close())
	}
}
