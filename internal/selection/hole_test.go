package selection

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// endless is a log of NUL bytes that somebody stops reading.
type endless struct {
	stop func()
	n    int
}

func (e *endless) ReadAt(p []byte, _ int64) (int, error) {
	if e.n++; e.n == 20 {
		e.stop()
	}
	clear(p)
	return len(p), nil
}

// A run of NUL bytes as long as the log does not keep a run from being stopped.
func TestStoppedWithinZeros(t *testing.T) {
	for _, limit := range []*int64{nil, new(int64(1))} {
		ctx, cancel := context.WithCancel(context.Background())
		log := stream.FromReaderAt("log", &endless{stop: cancel}, 1<<60)
		o := options(policy.Policy{MaxRecords: limit})
		_, err := Print(ctx, log, o, io.Discard)
		require.ErrorIs(t, err, context.Canceled)
	}
}

// A hole of a sparse file costs nothing, in the first pass and in the second
// one.
func TestHoles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("holes are passed over on Linux only")
	}
	const size = 1 << 40
	f, err := os.Create(filepath.Join(t.TempDir(), "sparse"))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString(rec(0) + rec(1))
	require.NoError(t, err)
	if err := f.Truncate(size); err != nil {
		t.Skip(err)
	}
	_, err = f.WriteAt([]byte("\n"+rec(2)), size)
	require.NoError(t, err)
	log, err := stream.Open(t.Context(), f.Name())
	require.NoError(t, err)
	defer log.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, max := range []int64{1, 2, 3} {
		o := options(policy.Policy{MaxRecords: &max})
		o.Damage = Pass
		plan, err := MakePlan(ctx, log, o, false)
		require.NoError(t, err)
		require.Equal(t, max, plan.Kept.Records)
		require.Equal(t, max < 3, plan.Removes())
		sum, err := Print(ctx, log, o, io.Discard)
		require.NoError(t, err)
		require.Equal(t, max, sum.Records)
	}
}
