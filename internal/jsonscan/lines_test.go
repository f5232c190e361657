package jsonscan

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// linesAgree holds Lines over a text against the scanner over each of its
// lines, and returns how many lines were taken.
func linesAgree(t testing.TB, l *Lines, text []byte) (taken int) {
	t.Helper()
	for n, f := range fieldSets {
		l.Reset(f, text, 10000)
		start := 0
		for start < len(text) {
			want := len(text)
			if i := bytes.IndexByte(text[start:], '\n'); i >= 0 {
				want = start + i
			}
			var fast, slow Result
			end, ok := l.Next(&fast)
			if end != want {
				t.Fatalf("%q, set %d: the line at %d ends at %d, want %d", text, n, start, end, want)
			}
			if ok {
				if line := text[start:end]; !f.Scan(line, 0, 10000, &slow) || fast != slow {
					t.Fatalf("%q, set %d: the fast path says %+v, the scanner %+v", line, n, fast, slow)
				}
				if n == 0 {
					taken++
				}
			}
			start = end + 1
		}
		var r Result
		if end, ok := l.Next(&r); end != -1 || ok {
			t.Fatalf("%q: a line at %d behind the last one", text, end)
		}
	}
	return taken
}

// TestLinesAgreeWithScan puts healthy and odd lines in all orders behind each
// other.
func TestLinesAgreeWithScan(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	l := new(Lines)
	pick := func(lines []string) string { return lines[random.IntN(len(lines))] }
	for range 3000 {
		var text []byte
		odd := random.IntN(4)
		for range random.IntN(40) {
			line := shifted(pick(fastLines), random.IntN(100))
			switch i := random.IntN(len(line)); random.IntN(10) {
			case 0:
				line = pick(oddLines)
			case odd:
				line = line[:i] + pick(changes) + line[i+random.IntN(2):]
			}
			text = append(append(text, line...), '\n')
		}
		if len(text) > 0 && random.IntN(2) == 0 {
			text = text[:len(text)-1]
		}
		linesAgree(t, l, text)
	}
}

func TestLinesTakeWhatIsHealthy(t *testing.T) {
	if !canClassify {
		t.Skip("no fast path on this processor")
	}
	var text []byte
	want := 0
	for n := range 300 {
		for _, line := range fastLines {
			text = append(append(text, shifted(line, 20*n)...), '\n')
			want++
		}
	}
	require.Equal(t, want, linesAgree(t, new(Lines), text))
}
