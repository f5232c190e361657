package selection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

func options(p policy.Policy) *Options {
	return &Options{Rule: p.At(now), Checker: record.NewChecker(record.Options{MaxLineBytes: 10_000})}
}

func rec(i int) string {
	return fmt.Sprintf(`{"kind":"event","timestamp":%d,"n":%d}`, 1_710_000_000-100+i, i) + "\n"
}

func fileLog(text string) *stream.Log {
	return stream.FromReaderAt("log", strings.NewReader(text), int64(len(text)))
}

func pipeLog(text string) *stream.Log {
	log, err := stream.FromReader("log", strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	return log
}

// statLog is a file of which more is known than its text.
type statLog struct {
	io.ReaderAt
	fs.FileInfo
	size    int64
	written time.Time
}

func (s statLog) Stat() (fs.FileInfo, error) { return s, nil }
func (s statLog) Size() int64                { return s.size }
func (s statLog) ModTime() time.Time         { return s.written }

// What no buffer could hold stands between the records: whatever is asked for,
// a file and a pipe give the same records, and the selection and its inverse
// make up the whole.
func TestHugeDamage(t *testing.T) {
	testtool.Long(t)
	nul := strings.Repeat("\x00", 66_000)
	long := strings.Repeat("y", 300_000)
	text := rec(0) + rec(1) + long + "\n" + rec(2) + nul + "\n" + rec(3) + `{"kind":"ev` + nul + "\n" + rec(4) + "bad\n" + rec(5) + nul
	records := []string{rec(0), rec(1), rec(2), rec(3), rec(4), rec(5)}
	for _, max := range []int64{-1, 0, 1, 3, 4, 6} {
		for _, limit := range []int64{-1, 0, 2} {
			for _, age := range []int{-1, 98, 200} {
				for bits := range 8 {
					o := options(policy.Policy{})
					var p policy.Policy
					want := records
					if age >= 0 {
						p.MaxAge = new(time.Duration(age) * time.Second)
						want = want[max0(100-age):]
					}
					if max >= 0 {
						p.MaxRecords = new(max)
						want = want[max0(len(want)-int(max)):]
					}
					if limit >= 0 {
						o.Limit = new(limit)
						want = want[max0(len(want)-int(limit)):]
					}
					o.Rule = p.At(now)
					o.Reverse, o.Invert = bits&1 != 0, bits&2 != 0
					if bits&4 != 0 {
						o.HoldBytes = 100
					}
					if o.Invert {
						want = records[:len(records)-len(want)]
					}
					expected := strings.Join(want, "")
					if o.Reverse {
						expected = ""
						for _, r := range want {
							expected = r + expected
						}
					}
					name := fmt.Sprintf("max %d limit %d age %d bits %d", max, limit, age, bits)
					require.Equal(t, expected, printed(t, fileLog(text), o), "file: "+name)
					require.Equal(t, expected, printed(t, pipeLog(text), o), "pipe: "+name)
				}
			}
		}
	}
}

func max0(n int) int { return max(n, 0) }

// The same damage stays where it is in a plan, unless it goes with its record.
func TestPlanHugeDamage(t *testing.T) {
	nul := strings.Repeat("\x00", 66_000)
	long := strings.Repeat("y", 300_000) + "\n"
	torn := `{"kind":"ev`
	text := rec(0) + long + rec(1) + nul + "\n" + rec(2) + torn + nul + "\n" + rec(3) + torn
	for _, tt := range []struct {
		max  int64
		kept string
		rest string // with damaged lines dropped
	}{
		{4, text, rec(0) + rec(1) + rec(2) + rec(3)},
		{3, long + rec(1) + nul + "\n" + rec(2) + torn + nul + "\n" + rec(3) + torn, rec(1) + rec(2) + rec(3)},
		{2, nul + "\n" + rec(2) + torn + nul + "\n" + rec(3) + torn, rec(2) + rec(3)},
		{1, torn + nul + "\n" + rec(3) + torn, rec(3)},
		{0, torn, ""},
	} {
		for _, damage := range []Damage{Skip, Pass} {
			for _, count := range []bool{true, false} {
				o := options(policy.Policy{MaxRecords: new(tt.max)})
				o.Damage = damage
				plan, err := MakePlan(context.Background(), fileLog(text), o, count)
				require.NoError(t, err)
				got := ""
				require.NoError(t, plan.Ranges(context.Background(), fileLog(text), o, func(r Range) error {
					got += text[r.From:r.To]
					return nil
				}))
				want := tt.kept
				if damage == Skip {
					want = tt.rest
				}
				require.Equal(t, want, got+text[plan.Tail:], "keep %d, count %v", tt.max, count)
				require.Equal(t, int64(len(want)), plan.BytesKept)
			}
		}
	}
}

// With Fail the first damaged line is named, and a file prints nothing.
func TestFail(t *testing.T) {
	nul := strings.Repeat("\x00", 65_536)
	for _, tt := range []struct {
		name, text, err string
		grown           int64
	}{
		{"healthy", rec(0) + rec(1), "", 0},
		{"blank lines are no damage", rec(0) + "\n \n" + rec(1), "", 0},
		{"damaged", rec(0) + "\n" + rec(1) + "bad\n" + rec(2), "log: line 4 (byte 93): corrupted_line: ", 0},
		{"oversized", rec(0) + strings.Repeat("x", 300_000) + "\n", "line 2 (byte 46): oversized_line", 0},
		{"zeros", rec(0) + nul + rec(1), "line 2 (byte 46): nul_bytes", 0},
		{"torn", rec(0) + `{"kind"`, "line 2 (byte 46): truncated_line: ", 0},
		{"torn and quiet", rec(0) + `{"kind"`, "line 2 (byte 46): truncated_line: ", 0},
		{"torn and growing", rec(0) + `{"kind"`, "", 1},
		{"whole but unterminated", rec(0) + strings.TrimSuffix(rec(1), "\n"), "", 0},
	} {
		for _, max := range []*int64{nil, new(int64(1))} {
			size := int64(len(tt.text))
			file := stream.FromReaderAt("log", statLog{ReaderAt: strings.NewReader(tt.text), size: size + tt.grown}, size)
			for _, log := range []*stream.Log{file, pipeLog(tt.text)} {
				if !log.Seekable() && tt.grown > 0 {
					continue
				}
				t.Run(tt.name, func(t *testing.T) {
					o := options(policy.Policy{MaxRecords: max})
					o.Damage = Fail
					var out bytes.Buffer
					_, err := Print(context.Background(), log, o, &out)
					if tt.err == "" {
						require.NoError(t, err)
						return
					}
					require.ErrorContains(t, err, tt.err)
					var corrupt *CorruptError
					require.ErrorAs(t, err, &corrupt)
					if log.Seekable() || max != nil {
						require.Empty(t, out.String())
					}
				})
			}
		}
	}
}

// failingAt is a log that can't be read from an offset on.
type failingAt struct {
	text string
	from int64
}

var errDisk = errors.New("input/output error")

func (f failingAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := strings.NewReader(f.text).ReadAt(p, off)
	if off+int64(n) > f.from {
		return int(max(0, f.from-off)), errDisk
	}
	return n, err
}

// A read error says where it struck and is never taken for the end.
func TestReadErrors(t *testing.T) {
	text := strings.Repeat(rec(0), 500)
	for bits := range 16 {
		o := options(policy.Policy{})
		o.Reverse, o.Invert = bits&1 != 0, bits&2 != 0
		if bits&4 != 0 {
			o.Limit = new(int64(450))
		}
		if bits&8 != 0 {
			o.Rule = policy.Policy{MaxRecords: new(int64(460))}.At(now)
		}
		log := stream.FromReaderAt("log", failingAt{text, 9000}, int64(len(text)))
		_, err := Print(context.Background(), log, o, io.Discard)
		require.ErrorIs(t, err, errDisk, bits)
		require.ErrorContains(t, err, "at byte ", bits)
		pipe, err := stream.FromReader("log", io.MultiReader(strings.NewReader(text), errReader{}))
		require.NoError(t, err)
		_, err = Print(context.Background(), pipe, o, io.Discard)
		require.ErrorIs(t, err, errDisk, bits)
		_, err = MakePlan(context.Background(), log, o, bits&1 != 0)
		require.ErrorIs(t, err, errDisk, bits)
	}
	short := stream.FromReaderAt("log", strings.NewReader(text), int64(len(text))+100)
	for _, limit := range []*int64{nil, new(int64(1))} {
		o := options(policy.Policy{})
		o.Limit = limit
		_, err := Print(context.Background(), short, o, io.Discard)
		var changed *stream.ChangedError
		require.ErrorAs(t, err, &changed)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errDisk }

// What was printed before a failure to write counts, and the failure comes
// through.
func TestWriteErrors(t *testing.T) {
	text := strings.Repeat(rec(0), 5000)
	for bits := range 4 {
		o := options(policy.Policy{})
		o.Reverse = bits&1 != 0
		if bits&2 != 0 {
			o.Limit = new(int64(4000))
		}
		for _, log := range []*stream.Log{fileLog(text), pipeLog(text)} {
			_, err := Print(context.Background(), log, o, fullWriter{})
			require.ErrorIs(t, err, errFull)
		}
	}
}

var errFull = errors.New("no space left on device")

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, errFull }

// Whoever stops the run gets an error, not an empty log.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	text := strings.Repeat(rec(0), 5000)
	for bits := range 4 {
		o := options(policy.Policy{})
		o.Reverse = bits&1 != 0
		if bits&2 != 0 {
			o.Limit = new(int64(10))
		}
		for _, log := range []*stream.Log{fileLog(text), pipeLog(text)} {
			_, err := Print(ctx, log, o, io.Discard)
			require.ErrorIs(t, err, context.Canceled, bits)
		}
	}
}
