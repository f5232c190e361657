package mend_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// repaired repairs a text.
func repaired(t require.TestingT, text []byte, o mend.Options) (string, mend.Summary) {
	log, err := stream.FromReader("-", bytes.NewReader(text))
	require.NoError(t, err)
	var out bytes.Buffer
	made := map[int64][]byte{} // what each change came to, by its place
	told := o.OnChange
	o.OnChange = func(c mend.Change) error {
		if told != nil {
			require.NoError(t, told(c))
		}
		var was []byte
		for p := range c.Pieces {
			raw := p.Text
			if raw == nil {
				raw = make([]byte, p.Length)
			}
			require.Len(t, raw, int(p.Length))
			if p.Fate != mend.Add {
				require.EqualValues(t, c.Offset+int64(len(was)), p.Offset)
				was = append(was, raw...)
			}
			if p.Fate != mend.Drop && !c.Continues {
				made[c.NewOffset] = append(made[c.NewOffset], raw...)
			}
		}
		require.EqualValues(t, c.Length, len(was))
		require.True(t, c.Raw == nil || bytes.Equal(c.Raw, was))
		return nil
	}
	sum, err := mend.Repair(context.Background(), log, &out, o)
	require.NoError(t, err)
	for at, text := range made {
		require.Equal(t, string(text), out.String()[at:][:len(text)])
	}
	require.EqualValues(t, out.Len(), sum.BytesOut())
	return out.String(), sum
}

// The generator knows what of its damage can be saved: that, and all healthy
// lines, is what a repair leaves.
func TestRepairLeavesWhatTheGeneratorExpects(t *testing.T) {
	for _, name := range gen.DamageNames() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				var log bytes.Buffer
				var truth []gen.Finding
				count := 3
				if name == "truncated_line" || name == "missing_newline" || name == "byte_order_mark" {
					count = 1
				}
				_, err := gen.Generate(&log, gen.Options{Seed: seed, Lines: 60, MaxLineBytes: 300 << 10, Damage: map[string]int{name: count}},
					func(f gen.Finding) error { truth = append(truth, f); return nil })
				require.NoError(t, err)
				want, err := gen.Repaired(log.Bytes(), truth)
				require.NoError(t, err)
				got, _ := repaired(t, log.Bytes(), mend.Options{Checker: record.NewChecker(record.Options{MaxLineBytes: 300 << 10})})
				require.Equal(t, string(want), got)
			}
		})
	}
}

const whole = `{"kind":"event","timestamp":1}` + "\n"

// What a caller asks for is done, and each change is told with its place, its
// reason and the bytes that went.
func TestOptions(t *testing.T) {
	small := record.NewChecker(record.Options{MaxLineBytes: 40})
	for _, tt := range []struct {
		o         mend.Options
		text      string
		want      string
		changes   string
		remaining map[record.Type]int64
	}{
		{mend.Options{FixNumbers: true}, `{"kind":"metric","timestamp":2,"a":NaN,"b":[-Infinity,"NaN"]}` + "\n",
			`{"kind":"metric","timestamp":2,"a":null,"b":[null,"NaN"]}` + "\n", "1: 0+61 fixed nonstandard_number at 35; 0+57", nil},
		{mend.Options{FixNumbers: true}, "\uFEFF" + `{"kind":"x","timestamp":2,"a":NaN}`,
			`{"kind":"x","timestamp":2,"a":null}` + "\n", "1: 0+37 fixed missing_newline at 37; 0+36", map[record.Type]int64{record.UnknownKind: 1}},
		{mend.Options{FixNumbers: true}, `{"kind":"ev{"kind":"metric","timestamp":NaN,"a":Infinity}`, "", "1: 0+57 dropped truncated_line at 13; 0+0", nil},
		{mend.Options{FixNumbers: true}, `{"kind":"ev{"kind":"metric","timestamp":1,"a":Infinity}` + "\n", `{"kind":"metric","timestamp":1,"a":null}` + "\n",
			"1: 0+56 salvaged glued_records at 13; 0+41", map[record.Type]int64{record.NonstandardNumber: 1}},
		{mend.Options{DropUnknown: true}, `{"kind":"x","timestamp":2}` + "\n" + whole + `{"timestamp":2}`, whole,
			"1: 0+27 dropped unknown_kind at 8; 0+0\n3: 58+15 dropped missing_newline at 15; 31+0", nil},
		{mend.Options{}, `{"kind":"x","timestamp":NaN}` + "\n" + whole, `{"kind":"x","timestamp":NaN}` + "\n" + whole, "", map[record.Type]int64{record.NonstandardNumber: 1}},
		{mend.Options{}, "\uFEFF" + whole + "x\x00" + whole, whole + whole, "1: 0+3 dropped byte_order_mark at -1; 0+0\n2: 34+33 salvaged nul_bytes at 1; 31+31", nil},
		{mend.Options{Checker: small}, whole + `{"kind":"event","timestamp":1,"text":"` + strings.Repeat("x", 200<<10) + "\"}\n" + whole, whole + whole,
			"2: 31+65536 dropped oversized_line at -1; 31+0\n…", nil},
		{mend.Options{}, whole + "torn" + strings.Repeat("\x00", 300_000) + whole, whole + whole,
			"2: 31+4100 salvaged nul_bytes at 4; 31+31\n… NUL bytes\n…", nil},
	} {
		var told []string
		at := int64(0)
		tt.o.OnChange = func(c mend.Change) error {
			require.NotEmpty(t, c.Reason)
			require.GreaterOrEqual(t, c.Offset, at)
			at = c.Offset + c.Length
			switch {
			case c.Raw == nil:
				told = append(told, "… NUL bytes")
				require.Equal(t, string(make([]byte, c.Length)), tt.text[c.Offset:at])
				return nil
			case c.Continues:
				told = append(told, "…")
			default:
				told = append(told, fmt.Sprintf("%d: %d+%d %s %s at %d; %d+%d", c.Line, c.Offset, c.Length, c.Action, c.Type, c.At, c.NewOffset, c.NewLength))
			}
			require.Equal(t, tt.text[c.Offset:at], string(c.Raw))
			return nil
		}
		got, sum := repaired(t, []byte(tt.text), tt.o)
		require.Equal(t, tt.want, got, "%.100q", tt.text)
		require.Equal(t, tt.changes, strings.Join(slices.Compact(told), "\n"), "%.100q", tt.text)
		require.EqualValues(t, len(tt.text), sum.BytesIn)
		require.Equal(t, sum.BytesIn, sum.BytesKept+sum.BytesDropped)
		if tt.remaining == nil {
			tt.remaining = map[record.Type]int64{}
		}
		require.Equal(t, tt.remaining, sum.Remaining, "%.100q", tt.text)
	}
}

// Many cores come to the same result as one.
func TestWorkers(t *testing.T) {
	var log bytes.Buffer
	_, err := gen.Generate(&log, gen.Options{Seed: 3, Lines: 3000, Damage: map[string]int{"glued_records": 20, "corrupted_line": 20, "nul_bytes": 5}}, nil)
	require.NoError(t, err)
	one, sum := repaired(t, log.Bytes(), mend.Options{Workers: 1})
	require.NotZero(t, sum.Actions[mend.Salvaged])
	require.NotZero(t, sum.Actions[mend.Dropped])
	four, same := repaired(t, log.Bytes(), mend.Options{Workers: 4})
	require.Equal(t, one, four)
	require.Equal(t, sum, same)
}

// frail fails at its n-th call.
type frail struct{ n int }

var errFrail = errors.New("the disk is full")

func (f *frail) call() error {
	if f.n--; f.n == 0 {
		return errFrail
	}
	return nil
}

func (f *frail) Keep(int64, []byte) error { return f.call() }
func (f *frail) Add(string) error         { return f.call() }
func (f *frail) Flush() error             { return f.call() }

// Whatever fails, and whenever, is said.
func TestEveryFailureIsTold(t *testing.T) {
	text := whole + `{"kind":"metric","timestamp":2,"a":[NaN,1]}` + "\nbad\n" + whole + strings.TrimSpace(whole)
	o := mend.Options{FixNumbers: true, Workers: 1}
	for n := 1; ; n++ {
		require.Less(t, n, 100)
		f := &frail{n}
		log, err := stream.FromReader("-", strings.NewReader(text))
		require.NoError(t, err)
		if _, err = mend.Into(t.Context(), log, f, o); err == nil {
			require.Greater(t, f.n, 0, "a failure was lost")
			require.Greater(t, n, 7)
			break
		}
		require.ErrorIs(t, err, errFrail)
	}
	for n := 1; n <= 3; n++ {
		f := &frail{n}
		o.OnChange = func(mend.Change) error { return f.call() }
		log, err := stream.FromReader("-", strings.NewReader(text))
		require.NoError(t, err)
		sum, err := mend.Into(t.Context(), log, &frail{}, o)
		require.ErrorIs(t, err, errFrail)
		require.EqualValues(t, n, sum.Lines)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	log, err := stream.FromReader("-", strings.NewReader(text))
	require.NoError(t, err)
	_, err = mend.Repair(ctx, log, io.Discard, mend.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// What is read of a stream is passed on before the stream goes on.
func TestLive(t *testing.T) {
	in, feed := io.Pipe()
	out, w := io.Pipe()
	done := make(chan error)
	go func() {
		log, err := stream.FromReader("-", in)
		if err == nil {
			_, err = mend.Repair(t.Context(), log, w, mend.Options{})
		}
		done <- errors.Join(err, w.Close())
	}()
	lines := bufio.NewReader(out)
	for range 3 {
		_, err := io.WriteString(feed, "bad\n"+whole)
		require.NoError(t, err)
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, whole, line)
	}
	require.NoError(t, feed.Close())
	_, err := lines.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, <-done)
}

// An unfinished last line that a writer holds is left to its writer.
func TestInFlight(t *testing.T) {
	text := whole + `{"kind":"ev`
	log := stream.FromReaderAt("log", strings.NewReader(text), int64(len(text)))
	var out bytes.Buffer
	sum, err := mend.Repair(t.Context(), log, &out, mend.Options{Held: func(stream.Tail) (bool, error) { return true, nil }})
	require.NoError(t, err)
	require.Equal(t, whole, out.String())
	require.Equal(t, &stream.Tail{Offset: 31, Length: 11}, sum.InFlight)
	require.EqualValues(t, len(whole), sum.BytesIn)
	require.Zero(t, sum.Lines)
}

func TestActionNames(t *testing.T) {
	for _, a := range []mend.Action{mend.Dropped, mend.Salvaged, mend.Terminated, mend.Fixed} {
		text, err := a.MarshalText()
		require.NoError(t, err)
		var b mend.Action
		require.NoError(t, b.UnmarshalText(text))
		require.Equal(t, a, b)
	}
	require.Error(t, new(mend.Action).UnmarshalText([]byte("lost")))
}
