package repair

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// A last line that was seen to grow is left alone, even if it rests while the
// log is rewritten for the sake of another line.
func TestTailThatWasSeenToGrowIsLeftAlone(t *testing.T) {
	const whole = "{\"kind\":\"event\",\"timestamp\":1}\n"
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(whole+"bad\n"+`{"kind":"event","tim`), 0o600))
	repaired := func(seen *stream.Tail) (string, *stream.Tail) {
		src, err := stream.Open(t.Context(), path)
		require.NoError(t, err)
		defer src.Close()
		var out bytes.Buffer
		sum, err := mend.Repair(t.Context(), src, &out, mend.Options{Held: heldOr(seen, func() (bool, error) { return false, nil })})
		require.NoError(t, err)
		return out.String(), sum.InFlight
	}
	at := int64(len(whole) + len("bad\n"))
	out, left := repaired(&stream.Tail{Offset: at, Length: 19})
	require.Equal(t, whole, out)
	require.Equal(t, &stream.Tail{Offset: at, Length: 20}, left) // not part of the result: carried over as it is
	_, left = repaired(nil)
	require.Nil(t, left)
	_, left = repaired(&stream.Tail{Offset: 0, Length: 5}) // that line has ended meanwhile
	require.Nil(t, left)
}
