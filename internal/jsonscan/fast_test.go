package jsonscan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// fieldSets are what the tests look for.
var fieldSets = []*Fields{
	MustCompile("kind", "timestamp"),
	MustCompile("k", "timestamp", "s", "", "x: y, {z} [w]", "list", "o", "kind"),
	MustCompile("/a/b", "/kind", "/o/x/y/z", "/z/y/x", "/z/y", "/z~1/y"),
	MustCompile(),
}

// agree holds the fast path against the scanner: where it accepts, the scanner
// does too, has nothing to note, and finds the same. It reports whether the
// fast path accepts for the first set of fields.
func agree(t testing.TB, line []byte) bool {
	t.Helper()
	accepted := false
	for n, f := range fieldSets {
		var fast, slow Result
		if !f.Fast(line, 10000, &fast) {
			continue
		}
		if !f.Scan(line, 0, 10000, &slow) || fast != slow {
			t.Fatalf("%q, set %d: the fast path says %+v, the scanner %+v", line, n, fast, slow)
		}
		accepted = accepted || n == 0
	}
	return accepted
}

// fastLines are healthy and laid out as the fast path knows it.
var fastLines = []string{
	`{"kind": "event", "timestamp": 1}`,
	`{"kind":"event","timestamp":1710000000.5}`,
	`{"kind":"custom","timestamp":12345678}`,
	`{"kind":"metric","timestamp":0.00000000000000000000000000017}`,
	`{"kind":"metric","timestamp":9007199254740993.25}`,
	`{"kind": "audit", "list": [], "o": {}, "n": [0, -0, -1.5, 1e5, 2.5E-05, 10.25e+3, 100], "l": [true, false, null], "timestamp": -0.25}`,
	`{"timestamp": 17e8, "a": [[{"x": [1, {"kind": "no", "timestamp": 5}]}], ["b", "c"]], "kind": "dead_letter", "z": {"y": {"x": null}}}`,
	`{"a": {"b": "é\\n", "c": {"b": 1}}, "z": {"x": [{"y": 1}], "y": {"x": null}}, "o": {"x": {"y": {"z": [1]}}}, "kind": "event", "timestamp": 1.5}`,
	`{"kind": "metric", "s": "q\" b\\\\ n\n \u00e9 \ud83d\ude00 é東京🚀 \\", "name": "x: y, {z} [w]", "timestamp": 1710000000.000001, "t": "\\\""}`,
}

// shifted puts a string of every length in front, so that everything crosses
// the border between words of 64 bytes, and between batches of them.
func shifted(line string, n int) string {
	return `{"p": "` + strings.Repeat("p", n) + `", ` + line[1:]
}

func TestFastTakesWhatIsHealthy(t *testing.T) {
	if !canClassify {
		t.Skip("no fast path on this processor")
	}
	for _, line := range fastLines {
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

// sparsely is the step of a loop: a longer one under the race detector, which
// looks for pointers that are used wrongly here, and takes its time over each.
func sparsely(step int) int {
	if testtool.Race {
		return 7 * step
	}
	return step
}

// changes are put in the place of a byte, and before it.
var changes = []string{"", `"`, `\`, "{", "}", "[", "]", ",", ":", " ", "0", "1", "-", ".", "e", "t", "u", "\x00", "\t", "\r", "\x7f", "\x80", "é", "\xed\xa0\x80", "\xf5", "kind", `\u0061`, `"kind": 1, `, `, "timestamp": 2`, "NaN"}

// TestFastRefusesWhatTheScannerRefuses changes every byte of every line, at
// every distance from the border of a word.
func TestFastRefusesWhatTheScannerRefuses(t *testing.T) {
	// With 64 bytes a block, each place of a line meets many places of a block.
	step := sparsely(testtool.Amount(13, 5, 1))
	for _, line := range fastLines {
		for n := 0; n < 70; n += step {
			text := shifted(line, n)
			for i := n + 6; i < len(text); i += sparsely(1) {
				for _, change := range changes {
					agree(t, []byte(text[:i]+change+text[i+1:])) // in its place
					agree(t, []byte(text[:i]+change+text[i:]))   // before it
				}
			}
		}
	}
}

func TestFastDepth(t *testing.T) {
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
		t.Skip("no fast path on this processor")
	}
	text := make([]byte, 0, 700)
	for i := range 700 {
		text = append(text, byte(i*7+i/251))
	}
	for from := range 65 {
		for words := 1; words <= 8; words++ {
			var out [9]chars
			classify(&text[from], words, &out[0])
			for i := range 64 * words {
				w, bit, c := &out[i/64], i%64, text[from+i]
				for name, m := range map[string]struct {
					mask uint64
					want bool
				}{
					"quote": {w.quote, c == '"'}, "slash": {w.slash, c == '\\'}, "open": {w.open, c == '{' || c == '['},
					"shut": {w.shut, c == '}' || c == ']'}, "comma": {w.comma, c == ','}, "colon": {w.colon, c == ':'},
					"space": {w.space, c == ' '}, "digit": {w.digit, c >= '0' && c <= '9'}, "zero": {w.zero, c == '0'},
					"dot": {w.dot, c == '.'}, "high": {w.high, c >= 0x80}, "control": {w.control, c < 0x20}, "newline": {w.newline, c == '\n'},
				} {
					if m.mask>>bit&1 == 1 != m.want {
						t.Fatalf("byte %q at %d of %d: %s", c, i, 64*words, name)
					}
				}
				if w.quoted != parity(w.quote) {
					t.Fatalf("quoted is %x, quote %x", w.quoted, w.quote)
				}
			}
			if out[words] != (chars{}) {
				t.Fatal("wrote too much")
			}
		}
	}
}
