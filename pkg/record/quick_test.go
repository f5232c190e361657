package record

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// agree holds the quick look against the scanner: where it has a verdict, that
// is the scanner's, to the last field.
func agree(t testing.TB, line []byte) (quick bool) {
	t.Helper()
	c := NewChecker(Options{AllowKinds: []string{"custom"}})
	if !canClassify {
		return false
	}
	fast, ok := c.quick(line)
	if !ok {
		return false
	}
	if slow := c.slow(line, 0); fast != slow {
		t.Fatalf("%q: the quick look says %+v, the scanner %+v: %s", line, fast, slow, slow.Reason.Text(line, slow.At))
	}
	if got := c.Check(line, First); got != fast {
		t.Fatalf("%q: %+v, want %+v", line, got, fast)
	}
	return true
}

// quickLines are healthy and laid out as the quick look knows it.
var quickLines = []string{
	`{"kind": "event", "timestamp": 1}`,
	`{"kind":"event","timestamp":1710000000.5}`,
	`{"kind":"custom","timestamp":12345678}`,
	`{"kind":"metric","timestamp":0.00000000000000000000000000017}`,
	`{"kind":"metric","timestamp":9007199254740993.25}`,
	`{"kind": "audit", "list": [], "o": {}, "n": [0, -0, -1.5, 1e5, 2.5E-05, 10.25e+3, 100], "l": [true, false, null], "timestamp": -0.25}`,
	`{"timestamp": 17e8, "a": [[{"x": [1, {"kind": "no", "timestamp": 5}]}], ["b", "c"]], "kind": "dead_letter", "z": {"y": {"x": null}}}`,
	`{"kind": "metric", "s": "q\" b\\\\ n\n \u00e9 \ud83d\ude00 é東京🚀 \\", "name": "x: y, {z} [w]", "timestamp": 1710000000.000001, "t": "\\\""}`,
}

// shifted puts a string of every length in front, so that everything crosses
// the border between words of 64 bytes, and between batches of them.
func shifted(line string, n int) string {
	return `{"p": "` + strings.Repeat("p", n) + `", ` + line[1:]
}

func TestQuickTakesWhatIsHealthy(t *testing.T) {
	if !canClassify {
		t.Skip("no quick look on this processor")
	}
	for _, line := range quickLines {
		require.True(t, agree(t, []byte(line)), line)
		missed := 0
		for n := range 300 {
			if !agree(t, []byte(shifted(line, n))) {
				missed++
			}
		}
		require.Zero(t, missed, line)
	}
}

// TestQuickRefusesWhatTheScannerRefuses changes every byte of every line, at
// every distance from the border of a word.
func TestQuickRefusesWhatTheScannerRefuses(t *testing.T) {
	changes := []string{"", `"`, `\`, "{", "}", "[", "]", ",", ":", " ", "0", "1", "-", ".", "e", "t", "u", "\x00", "\t", "\r", "\x7f", "\x80", "é", "\xed\xa0\x80", "\xf5", "kind", `\u0061`, `"kind": 1, `, `, "timestamp": 2`, "NaN"}
	step := 1
	if testing.Short() {
		step = 13
	}
	for _, line := range quickLines {
		for n := 0; n < 70; n += step {
			text := shifted(line, n)
			for i := n + 6; i < len(text); i++ {
				for _, change := range changes {
					agree(t, []byte(text[:i]+change+text[i+1:])) // in its place
					agree(t, []byte(text[:i]+change+text[i:]))   // before it
				}
			}
		}
	}
}

func TestQuickDepth(t *testing.T) {
	for depth := range 1000 {
		deep := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		if depth%3 == 0 {
			deep = strings.Repeat(`{"a": [`, depth/2) + strings.Repeat("]}", depth/2)
		}
		agree(t, fmt.Appendf(nil, `{"kind": "event", "deep": [%s], "timestamp": 1}`, deep))
	}
}

// TestClassifyAgreesWithBytes looks at every byte value, length and alignment.
func TestClassifyAgreesWithBytes(t *testing.T) {
	if !canClassify {
		t.Skip("no quick look on this processor")
	}
	text := make([]byte, 0, 700)
	for i := range 700 {
		text = append(text, byte(i*7+i/251))
	}
	for from := range 65 {
		for n := 1; n <= 300; n++ {
			q := quick{text: text[from : from+n : from+n]}
			for batch := 0; batch < n; batch += 64 * quickWords {
				q.classify(batch)
				for i := batch; i < min(n, batch+64*quickWords); i++ {
					w, bit := &q.words[(i-batch)/64], i%64
					c := q.text[i]
					for name, m := range map[string]struct {
						mask uint64
						want bool
					}{
						"quote": {w.quote, c == '"'}, "slash": {w.slash, c == '\\'}, "open": {w.open, c == '{' || c == '['},
						"close": {w.close, c == '}' || c == ']'}, "comma": {w.comma, c == ','}, "colon": {w.colon, c == ':'},
						"space": {w.space, c == ' '}, "digit": {w.digit, c >= '0' && c <= '9'}, "zero": {w.zero, c == '0'},
						"dot": {w.dot, c == '.'}, "high": {w.high, c >= 0x80},
					} {
						if m.mask>>bit&1 == 1 != m.want {
							t.Fatalf("byte %q at %d of %d: %s", c, i, n, name)
						}
					}
				}
			}
		}
	}
}

func FuzzQuick(f *testing.F) {
	for _, line := range quickLines {
		f.Add([]byte(line), uint8(0))
		f.Add([]byte(line), uint8(40))
	}
	f.Fuzz(func(t *testing.T, line []byte, n uint8) {
		agree(t, line)
		if len(line) > 0 {
			agree(t, []byte(shifted(string(line), int(n))))
		}
	})
}
