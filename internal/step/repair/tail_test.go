package repair

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// A last line that was seen to grow is left alone, even if it rests while the log is
// rewritten for the sake of another line.
func TestTailThatWasSeenToGrowIsLeftAlone(t *testing.T) {
	const whole = "{\"kind\":\"event\",\"timestamp\":1}\n"
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(whole+"bad\n"+`{"kind":"event","tim`), 0o600))
	mend := func(seen *tail) (string, *tail) {
		src, err := stream.Open(path)
		require.NoError(t, err)
		defer src.Close()
		var out bytes.Buffer
		tr := &transformer{ctx: context.Background(), src: src, mender: defaultMender(), bar: func(int64) {},
			sink: newStreamSink(&out), seen: seen}
		require.NoError(t, tr.run())
		return out.String(), tr.InFlight
	}
	at := int64(len(whole) + len("bad\n"))
	out, left := mend(&tail{Offset: at, Length: 19})
	require.Equal(t, whole, out)
	require.Equal(t, &tail{Offset: at, Length: 20}, left) // not part of the result: carried over as it is
	_, left = mend(nil)
	require.Nil(t, left)
	_, left = mend(&tail{Offset: 0, Length: 5}) // that line has ended meanwhile
	require.Nil(t, left)
}
