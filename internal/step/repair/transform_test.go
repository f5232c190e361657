package repair

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// mendAll repairs text in memory and returns what it became, with its ledger.
func mendAll(t require.TestingT, m *mender, text []byte) (out, book []byte, sum tally) {
	src, err := stream.FromReader("-", bytes.NewReader(text))
	require.NoError(t, err)
	var result, entries bytes.Buffer
	l := newLedger(&entries)
	tr := &transformer{ctx: context.Background(), src: src, mender: m, bar: func(int64) {},
		sink: hashSink{newStreamSink(&result), l.out}, hashIn: l.in, observe: []observer{l.record}}
	require.NoError(t, tr.run())
	require.NoError(t, l.close("test", "-", &tr.tally))
	return result.Bytes(), entries.Bytes(), tr.tally
}

// holed is a file in memory.
type holed struct{ bytes.Buffer }

func (h *holed) Zeros(n int64) error { return writeZeros(h, n) }

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// undoAll puts back what the ledger took from repaired.
func undoAll(t require.TestingT, repaired, book []byte) []byte {
	l, err := readLedger(nopCloser{bytes.NewReader(book)})
	require.NoError(t, err)
	require.NoError(t, verifyLog(context.Background(), bytes.NewReader(repaired), int64(len(repaired)), l.sum))
	var out holed
	w := &restorer{ctx: context.Background(), log: bytes.NewReader(repaired), out: &out, sum: newRunHash()}
	require.NoError(t, w.restore(l))
	return out.Bytes()
}

func defaultMender() *mender { return &mender{checker: record.NewChecker(record.Options{})} }

// messyText draws bytes that are likely to hit every path: whole records, torn
// ones, NUL bytes, white space, and anything.
func messyText(t *rapid.T) []byte {
	parts := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{
			`{"kind":"event","timestamp":1}`, `{"kind":"event","timestamp":1,"payload":{"kind":"audit","timestamp":2}}`, `{"kind":"metric","timestamp":NaN}`,
			`{"kind":"other","timestamp":1}`, `{"timestamp":1}`, `{"kind":"event"}`, `{"kind":"event","kind":"audit","timestamp":1}`, `{"kind":"ev`, `{"a":[`, `"x"`, "}",
			"\n", "\n", "\n", "\r\n", " ", "\t", "\x00", "\x00\x00\x00", "\xef\xbb\xbf", "\xff", "é", string(make([]byte, 65536)), `{"a":"` + string(bytes.Repeat([]byte("x"), 300)) + `"}`,
		}),
		rapid.StringN(0, 8, -1),
	), 0, 30).Draw(t, "parts")
	var text []byte
	for _, p := range parts {
		text = append(text, p...)
	}
	return text
}

// For any bytes at all: repair and undo give the same bytes back, the account
// balances, a second repair finds nothing to do, and what is kept are lines of
// the input, byte for byte and in order.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := messyText(t)
		m := &mender{checker: record.NewChecker(record.Options{MaxLineBytes: rapid.SampledFrom([]int{0, 100, 200}).Draw(t, "max")}),
			fixNumbers: rapid.Bool().Draw(t, "fix"), dropUnknown: rapid.Bool().Draw(t, "drop")}
		out, book, sum := mendAll(t, m, text)
		require.Equal(t, int64(len(text)), sum.BytesIn)
		require.Equal(t, sum.BytesIn, sum.BytesKept+sum.BytesDropped)
		require.Equal(t, int64(len(out)), sum.BytesKept+sum.BytesAdded)
		require.Equal(t, string(text), string(undoAll(t, out, book)))
		again, _, second := mendAll(t, m, out)
		require.Equal(t, out, again)
		require.Zero(t, second.Lines, "%v", second.Types)
		require.Equal(t, survey1(t, m.checker, out), remaining("-", &sum, m.checker.Severity).Counts)
		if !m.fixNumbers {
			requireSubsequence(t, text, out)
		}
	})
}

// survey1 counts what is wrong with single lines.
func survey1(t require.TestingT, c *record.Checker, text []byte) map[string]int64 {
	src, err := stream.FromReader("-", bytes.NewReader(text))
	require.NoError(t, err)
	r, err := survey.Log(context.Background(), src, survey.Options{Checker: c, MaxSkew: 1e9 * time.Second})
	require.NoError(t, err)
	return r.Counts
}

// requireSubsequence checks that every line of out stands in text, after the
// one before it.
func requireSubsequence(t require.TestingT, text, out []byte) {
	rest := text
	for line := range bytes.Lines(out) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		at := bytes.Index(rest, line)
		require.GreaterOrEqual(t, at, 0, "%q is not in the input", line)
		rest = rest[at+len(line):]
	}
}

// The generator knows what of its damage can be saved: that, and all healthy
// lines, is what a repair leaves.
func TestRepairLeavesWhatTheGeneratorExpects(t *testing.T) {
	for _, name := range gen.DamageNames() {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(5) {
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
				m := &mender{checker: record.NewChecker(record.Options{MaxLineBytes: 300 << 10})}
				got, book, _ := mendAll(t, m, log.Bytes())
				require.Equal(t, string(want), string(got))
				require.Equal(t, log.Bytes(), undoAll(t, got, book))
			}
		})
	}
}

// A flipped bit damages its own line only: every other line is kept as it was,
// and the flip is either found or leaves a valid record.
func TestBitFlips(t *testing.T) {
	flips := 1_000_000
	if testing.Short() {
		flips = 50_000
	}
	if os.Getenv("PAPYRA_TORTURE") != "" {
		flips = 20_000_000
	}
	var log bytes.Buffer
	_, err := gen.Generate(&log, gen.Options{Seed: 11, Lines: 4}, nil)
	require.NoError(t, err)
	text := log.Bytes()
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1]
	rng := rand.New(rand.NewPCG(5, 6))
	m := defaultMender()
	var found, valid int
	for range flips {
		at, bit := rng.IntN(len(text)), byte(1)<<rng.IntN(8)
		text[at] ^= bit
		ok, err := flipIsContained(m, text, lines, at)
		if ok {
			valid++
		} else {
			found++
		}
		require.NoError(t, err, "bit %#x of byte %d", bit, at)
		text[at] ^= bit
	}
	t.Logf("%d flips: %d found, %d left a valid record", flips, found, valid)
	require.Greater(t, found, flips/4)
}

// catcher is a visitor of one block, and its part.
type catcher struct{ plan }

func (c *catcher) NewPart() stream.Part                  { return c }
func (c *catcher) Fold(*stream.Block, stream.Part) error { return nil }

// flipIsContained looks at a log of which the byte at was changed. It reports
// whether all lines are still valid.
func flipIsContained(m *mender, text []byte, lines [][]byte, at int) (valid bool, err error) {
	start, hit := 0, 0
	for at >= start+len(lines[hit]) {
		start += len(lines[hit])
		hit++
	}
	end := start + len(lines[hit])
	wasNewline := at == end-1
	if wasNewline && hit+1 < len(lines) {
		end += len(lines[hit+1]) // the flip joined two lines
	}
	p := catcher{plan{mender: m}}
	log := stream.FromReaderAt("log", bytes.NewReader(text), int64(len(text)))
	if _, err := stream.Forward(context.Background(), log, stream.Options{BlockBytes: len(text) + 1, Workers: 1}, &p); err != nil {
		return false, err
	}
	valid = len(p.edits) == 0
	for _, e := range p.edits {
		if int(e.start) < start || int(e.end) > end {
			return false, fmt.Errorf("bytes %d to %d are touched, but the line is %d to %d", e.start, e.end, start, end)
		}
	}
	if wasNewline && valid {
		return false, fmt.Errorf("two lines became one and nobody noticed")
	}
	return valid, nil
}

var _ io.Writer = (*restorer)(nil)

// A line is repaired in the same way however many NUL bytes stand on it, and
// undo gives them back.
func TestNULRunOfAnyLength(t *testing.T) {
	const rec = `{"kind":"event","timestamp":1}`
	for _, line := range []string{"N", "N" + rec, rec + "N", "torn N" + rec, rec + "N" + rec, rec + "Nx" + "N" + rec, rec + rec + "N"} {
		want, counted := "", tally{}
		for _, n := range []int{1, 4095, 4096, 4097, 65535, 65536, 300_000} {
			text := []byte(rec + "\n" + strings.ReplaceAll(line, "N", strings.Repeat("\x00", n)) + "\n" + rec + "\n")
			out, book, sum := mendAll(t, defaultMender(), text)
			if want == "" {
				want, counted = string(out), sum
			}
			require.Equal(t, want, string(out), "%s: %d", line, n)
			require.Equal(t, counted.Types, sum.Types)
			require.EqualValues(t, 1, sum.Lines)
			require.Equal(t, string(text), string(undoAll(t, out, book)))
		}
	}
}
