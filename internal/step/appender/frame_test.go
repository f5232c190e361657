package appender

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// However the input is cut into pieces, the lines come out whole, numbered, and
// those that are too long in bounded pieces.
func TestFramerCutsLikeSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ab\n]{0,60}`).Draw(t, "text")
		limit := rapid.IntRange(1, 12).Draw(t, "limit")
		want := strings.SplitAfter(text, "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}

		f := newFramer(limit)
		var got []string
		var line strings.Builder
		collect := func(p piece) {
			require.LessOrEqual(t, p.end-p.start, limit+len(text))
			require.EqualValues(t, len(got)+1, p.line)
			require.Equal(t, p.first, line.Len() == 0)
			line.Write(f.buf[p.start:p.end])
			if p.last {
				require.Equal(t, len(strings.TrimSuffix(line.String(), "\n")) > limit, p.over)
				got = append(got, line.String())
				line.Reset()
			}
		}
		for rest := []byte(text); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "chunk")
			require.NoError(t, f.fill(func(dst []byte) ([]byte, error) { return append(dst, rest[:n]...), nil }))
			rest = rest[n:]
			for p, ok := f.next(); ok; p, ok = f.next() {
				collect(p)
			}
			require.LessOrEqual(t, len(f.buf)-f.start, limit, "an unfinished line is held only up to the limit")
		}
		if p, ok := f.rest(); ok {
			collect(p)
			if !p.over {
				want[len(want)-1] += "\n"
			}
		}
		_, more := f.next()
		require.False(t, more)
		if len(want) == 0 {
			want = nil
		}
		require.Equal(t, want, got)
	})
}

// A line far beyond the limit is never held.
func TestFramerIsBounded(t *testing.T) {
	f := newFramer(1 << 20)
	chunk := bytes.Repeat([]byte{'x'}, intakeBytes)
	for range 100 {
		require.NoError(t, f.fill(func(dst []byte) ([]byte, error) { return append(dst, chunk...), nil }))
		for _, ok := f.next(); ok; _, ok = f.next() {
		}
		require.LessOrEqual(t, cap(f.buf), 4<<20)
	}
}

func TestBatchHoldsWhatWasAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		buf := []byte(rapid.StringMatching(`([a-z]{0,5}\n){0,20}`).Draw(t, "buf"))
		var b batch
		b.begin(buf)
		var want []byte
		records := int64(0)
		for at := 0; at < len(buf); {
			end := at + bytes.IndexByte(buf[at:], '\n') + 1
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0: // refused
			case 1:
				agree := rapid.Bool().Draw(t, "agree")
				more := rapid.StringMatching(`[0-9]{1,4}`).Draw(t, "more")
				mid := rapid.IntRange(at, end-1).Draw(t, "mid")
				line := string(buf[at:mid]) + more + string(buf[mid:end])
				b.insert(at, end, mid, []byte(more), func(whole []byte) bool {
					require.Equal(t, line, string(whole)+"\n")
					return agree
				})
				if agree {
					want = append(want, line...)
					records++
				}
			default:
				b.add(at, end)
				want = append(want, buf[at:end]...)
				records++
			}
			at = end
		}
		require.Equal(t, string(want), string(b.data()))
		require.Equal(t, records, b.records)
	})
}
