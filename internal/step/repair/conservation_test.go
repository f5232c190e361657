package repair

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// mendAll repairs text in memory and returns what it became, with its ledger.
func mendAll(t require.TestingT, o mend.Options, text []byte) (out, book []byte, sum mend.Summary) {
	src, err := stream.FromReader("-", bytes.NewReader(text))
	require.NoError(t, err)
	var result, entries bytes.Buffer
	l := newLedger(&entries)
	o.Visitors = []stream.Visitor{l.in}
	j := &job{ctx: context.Background(), log: src, sink: hashSink{mend.NewSink(&result), l.out}, Options: o,
		observe: []func(mend.Change) error{l.record}}
	require.NoError(t, j.run())
	require.NoError(t, l.close("test", "-", &j.Summary))
	return result.Bytes(), entries.Bytes(), j.Summary
}

// holed is a file in memory.
type holed struct{ bytes.Buffer }

func (h *holed) Zeros(n int64) error { return durable.WriteZeros(h, n) }

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

// undoAll puts back what the ledger took from repaired.
func undoAll(t require.TestingT, repaired, book []byte) []byte {
	l, err := readLedger(context.Background(), nopCloser{bytes.NewReader(book)})
	require.NoError(t, err)
	require.NoError(t, verifyLog(context.Background(), bytes.NewReader(repaired), int64(len(repaired)), l.sum))
	var out holed
	w := &restorer{ctx: context.Background(), log: bytes.NewReader(repaired), out: &out, sum: newRunHash()}
	require.NoError(t, w.restore(l))
	return out.Bytes()
}

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
		o := mend.Options{Checker: record.NewChecker(record.Options{MaxLineBytes: rapid.SampledFrom([]int{0, 100, 200}).Draw(t, "max")}),
			FixNumbers: rapid.Bool().Draw(t, "fix"), DropUnknown: rapid.Bool().Draw(t, "drop")}
		out, book, sum := mendAll(t, o, text)
		require.Equal(t, int64(len(text)), sum.BytesIn)
		require.Equal(t, sum.BytesIn, sum.BytesKept+sum.BytesDropped)
		require.Equal(t, int64(len(out)), sum.BytesKept+sum.BytesAdded)
		require.Equal(t, string(text), string(undoAll(t, out, book)))
		again, _, second := mendAll(t, o, out)
		require.Equal(t, out, again)
		require.Zero(t, second.Lines, "%v", second.Types)
		require.Equal(t, survey1(t, o.Checker, out), remaining("-", &sum, o.Checker.Severity).Counts)
		if !o.FixNumbers {
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

var _ io.Writer = (*restorer)(nil)

// A line is repaired in the same way however many NUL bytes stand on it, and
// undo gives them back.
func TestNULRunOfAnyLength(t *testing.T) {
	const rec = `{"kind":"event","timestamp":1}`
	for _, line := range []string{"N", "N" + rec, rec + "N", "torn N" + rec, rec + "N" + rec, rec + "Nx" + "N" + rec, rec + rec + "N"} {
		want, counted := "", mend.Summary{}
		for _, n := range []int{1, 4095, 4096, 4097, 65535, 65536, 300_000} {
			text := []byte(rec + "\n" + strings.ReplaceAll(line, "N", strings.Repeat("\x00", n)) + "\n" + rec + "\n")
			out, book, sum := mendAll(t, mend.Options{}, text)
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
