package compact

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Half a line is in flight if the rest of it came after the lock was taken, or
// if its writer still has the log open. Otherwise --on-corrupt drop would drop
// the first half of a record, and the second half would be carried over.
func TestHalfALineIsInFlightWhileItsWriterIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(`{"kind":"ev`), 0o600))
	ask := func(then func(w *os.File)) bool {
		s, err := durable.Begin(context.Background(), path, durable.Options{})
		require.NoError(t, err)
		defer s.Close()
		w, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		then(w)
		defer w.Close()
		o := stream.Options{Held: func(stream.Tail) (bool, error) { return s.Held() }}
		end, err := stream.Forward(context.Background(), stream.FromReaderAt(path, s, s.Size()), o)
		require.NoError(t, err)
		return end.InFlight != nil
	}
	require.True(t, ask(func(*os.File) {}), "the writer has it open")
	require.False(t, ask(func(w *os.File) { w.Close() }), "nobody has it open")
	require.True(t, ask(func(w *os.File) {
		_, err := w.WriteString(`ent","timestamp":1}` + "\n")
		require.NoError(t, err)
		w.Close()
	}), "it grew before it was asked")
}
