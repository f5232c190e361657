package selection

import (
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// No room for a temporary file is an error, not an empty result.
func TestHoldWithoutRoom(t *testing.T) {
	o := options(policy.Policy{})
	o.Reverse, o.HoldBytes, o.TempDir = true, 100, "/nonexistent/directory"
	_, err := Print(context.Background(), pipeLog(strings.Repeat(rec(0), 5000)), o, io.Discard)
	require.ErrorContains(t, err, "hold records in a temporary file: ")
}

// counter counts what is read of a log.
type counter struct {
	io.ReaderAt
	n int64
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// What is asked of the end of a log costs what is kept, not what is there.
func TestCostGrowsWithWhatIsKept(t *testing.T) {
	text := strings.Repeat(rec(50), 400_000)
	for _, tt := range []struct {
		name string
		p    policy.Policy
		o    func(*Options)
	}{
		{"records", policy.Policy{MaxRecords: new(int64(2000))}, func(*Options) {}},
		{"bytes", policy.Policy{MaxBytes: new(int64(100_000))}, func(*Options) {}},
		{"limit", policy.Policy{}, func(o *Options) { o.Limit = new(int64(2000)) }},
		{"limit of an age", policy.Policy{MaxAge: new(time.Hour)}, func(o *Options) { o.Limit = new(int64(2000)) }},
		{"reverse", policy.Policy{MaxRecords: new(int64(2000))}, func(o *Options) { o.Reverse = true }},
		{"pass", policy.Policy{MaxRecords: new(int64(2000))}, func(o *Options) { o.Damage = Pass }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(tt.p)
			tt.o(o)
			c := &counter{ReaderAt: strings.NewReader(text)}
			log := stream.FromReaderAt("log", c, int64(len(text)))
			sum, err := Print(context.Background(), log, o, io.Discard)
			require.NoError(t, err)
			require.Greater(t, sum.Records, int64(1900))
			require.Less(t, c.n, int64(len(text)/10))
			require.Greater(t, sum.From, int64(len(text)*9/10))
			if tt.p.MaxAge == nil {
				c.n = 0
				_, err = MakePlan(context.Background(), log, options(policy.Policy{MaxRecords: new(int64(2000))}), false)
				require.NoError(t, err)
				require.Less(t, c.n, int64(len(text)/10))
			}
		})
	}
}

// The clock guard sees files that an age limit is not meant for, and lets Force
// go on.
func TestClockGuard(t *testing.T) {
	old := strings.ReplaceAll(rec(0)+rec(1), "17099", "1700")
	millis := rec(0) + strings.ReplaceAll(rec(1), `,"n"`, `000,"n"`)
	for _, tt := range []struct {
		name, text, want string
		written          time.Time
		fileOnly         bool
	}{
		{"old in a young file", old, "would drop every dated record", now.Add(-time.Minute), true},
		{"milliseconds", millis, "over a day after now", now.Add(-time.Minute), false},
	} {
		o := options(policy.Policy{MaxAge: new(time.Hour)})
		size := int64(len(tt.text))
		file := stream.FromReaderAt("log", statLog{ReaderAt: strings.NewReader(tt.text), size: size, written: tt.written}, size)
		for _, log := range []*stream.Log{file, pipeLog(tt.text)} {
			if !log.Seekable() && tt.fileOnly {
				continue
			}
			if log.Seekable() {
				_, err := MakePlan(context.Background(), log, o, false)
				require.ErrorContains(t, err, tt.want, tt.name)
			}
			_, err := Print(context.Background(), log, o, io.Discard)
			require.ErrorContains(t, err, tt.want, tt.name)
		}
		forced := *o
		forced.Force = true
		_, err := MakePlan(context.Background(), file, &forced, false)
		require.NoError(t, err)
		_, err = Print(context.Background(), file, &forced, io.Discard)
		require.NoError(t, err)
	}
}

// Blocks of any size, with and without the long way, many workers: a larger log
// than the model test draws.
func TestLargeLogs(t *testing.T) {
	testtool.Long(t)
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range 8_000 {
		switch rng.IntN(50) {
		case 0:
			b.WriteString("damaged\n")
		case 1:
			b.WriteString("\n")
		default:
			b.WriteString(strings.TrimSuffix(rec(rng.IntN(100)), "}\n") + `,"p":"` + strings.Repeat("z", rng.IntN(300)) + "\"}\n")
		}
		_ = i
	}
	text := b.String()
	for bits := range 64 {
		p := policy.Policy{}
		if bits&1 != 0 {
			p.MaxAge = new(50 * time.Second)
		}
		if bits&2 != 0 {
			p.MaxRecords = new(int64(2500))
		}
		if bits&4 != 0 {
			p.MaxBytes = new(int64(400_000))
		}
		o := options(p)
		o.Reverse, o.Invert = bits&8 != 0, bits&16 != 0
		if bits&32 != 0 {
			o.Damage = Pass
		}
		o.HoldBytes = 200 << 10
		want := model(text, o)
		require.True(t, want == printed(t, fileLog(text), o), "file: bits %d", bits)
		require.True(t, want == printed(t, pipeLog(text), o), "pipe: bits %d", bits)
	}
}

// What is held in memory is cut often enough to stay there, where it fits.
func TestHoldStaysInMemory(t *testing.T) {
	var text strings.Builder
	for i := range 100_000 {
		text.WriteString(rec(i))
	}
	size := len(rec(50_000))
	o := options(policy.Policy{MaxRecords: new(int64(500_000 / size))})
	o.HoldBytes, o.TempDir = 1_000_000, "/nonexistent/directory"
	sum, err := Print(context.Background(), pipeLog(text.String()), o, io.Discard)
	require.NoError(t, err)
	require.Equal(t, int64(500_000/size), sum.Records)
}

// Lines longer than any buffer are turned as well, wherever they fall.
func TestLongLinesAreTurned(t *testing.T) {
	var text, turned string
	for i, n := range []int{1, stream.DefaultBlockBytes, 10, 3 * stream.DefaultBlockBytes, stream.DefaultBlockBytes - 100, 1, 1} {
		line := strings.TrimSuffix(rec(i), "}\n") + `,"x":"` + strings.Repeat("y", n) + "\"}\n"
		text, turned = text+line, line+turned
	}
	o := options(policy.Policy{MaxRecords: new(int64(100))})
	o.Reverse, o.Checker = true, record.NewChecker(record.Options{})
	require.Equal(t, turned, printed(t, fileLog(text), o))
	require.Equal(t, turned, printed(t, pipeLog(text), o))
}
