package record_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
)

// pythonReader does to every line what the producer's reader does to a file
// that holds this line alone: text mode in UTF-8, a look at each line of it,
// white space off both ends, json.loads, and a dict is kept. It prints 1 where
// that gives one dict and nothing that is skipped.
const pythonReader = `
import io, json, sys
out = []
for line in open(sys.argv[1], "rb").read().split(b"\n"):
    good = bad = 0
    try:
        for part in io.StringIO(line.decode("utf-8"), newline=None):
            part = part.strip()
            if not part:
                continue
            try:
                ok = isinstance(json.loads(part), dict)
            except Exception:
                ok = False
            good, bad = good + ok, bad + (not ok)
    except UnicodeDecodeError:
        bad = 1
    out.append("1" if good == 1 and not bad else "0")
print("".join(out))
`

// TestProducerReaderAgreesWithPython holds the verdict under Options.Producer
// against a real python3 over mutated records. Nesting between the depth that
// is refused here and Python's own limit, which depends on the caller, is left
// out.
func TestProducerReaderAgreesWithPython(t *testing.T) {
	testtool.Need(t, "python3")
	rng := rand.New(rand.NewPCG(1, 2))
	lines := [][]byte{
		[]byte(`{"a":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`),
		[]byte(`{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`),
		[]byte(`{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`),
		[]byte(`{"kind":"event","timestamp":1,"n":` + strings.Repeat("7", 4300) + `}`),
		[]byte(`{"kind":"event","timestamp":1,"n":` + strings.Repeat("7", 4301) + `}`),
		[]byte(`{"kind":"event","timestamp":1,"n":` + strings.Repeat("7", 5000) + `.5}`),
		[]byte("\u00a0\u2028{\"kind\":\"event\"}\u3000\x1f\x0b"), []byte("{\"a\":\r1}"), []byte("\r{}\r\r"), []byte("{}\r{}"),
		[]byte(`{"timestamp":1e999}`), []byte(`{"a":"\ud800"}`), []byte("\xef\xbb\xbf{}"), []byte("\u00a0"), []byte("\u200b{}"),
	}
	for _, seed := range checkSeeds {
		if !strings.Contains(seed, "\n") {
			lines = append(lines, []byte(seed))
		}
	}
	for n := len(lines); len(lines) < 60_000; {
		lines = append(lines, mutate(rng, lines[rng.IntN(n)]))
	}
	file := filepath.Join(t.TempDir(), "lines")
	require.NoError(t, os.WriteFile(file, bytes.Join(lines, []byte("\n")), 0o600))
	out, err := exec.Command("python3", "-c", pythonReader, file).Output()
	require.NoError(t, err)
	verdicts := bytes.TrimSpace(out)
	require.Len(t, verdicts, len(lines))

	c := record.NewChecker(record.Options{Producer: true})
	loaded := 0
	for i, line := range lines {
		r := c.Check(line, record.First)
		got := r.IsRecord() && !r.Faults.Has(record.UnreadableByProducer)
		if want := verdicts[i] == '1'; got != want {
			t.Fatalf("%.300q: python reads it: %v; verdict %v, faults %v, %s", line, want, r.Fault, r.Faults.Types(), r.Explain(line))
		}
		if r.IsRecord() && !got {
			require.Equal(t, record.Error, c.Severity(r.Fault), "%.300q", line)
		}
		if got {
			loaded++
		}
	}
	t.Logf("%d lines, of which python reads %d: no disagreement", len(lines), loaded)
	require.Greater(t, loaded, len(lines)/20, "the corpus must not be all damage")
}

// mutate changes a few bytes of a line.
func mutate(rng *rand.Rand, line []byte) []byte {
	out := append([]byte(nil), line...)
	tokens := []string{"\r", " ", "\t", "NaN", "-Infinity", "\\", "\\u", "\\ud83d", "\"", "{", "}", "[", "]", ",", ":", "0", "1e9", "-", ".", "\x00", "\x1f",
		"\x7f", "\u0085", "\u00a0", "\u2029", "\ufeff", "\xff", "\xc3", "é", "😀", "null", "tru", "\"kind\":\"event\"", "\x0c", "\x1c"}
	for range rng.IntN(3) {
		at := rng.IntN(len(out) + 1)
		switch rng.IntN(4) {
		case 0:
			out = append(out[:at:at], append([]byte(tokens[rng.IntN(len(tokens))]), out[at:]...)...)
		case 1:
			end := min(len(out), at+rng.IntN(3))
			out = append(out[:at:at], out[end:]...)
		case 2:
			if at < len(out) {
				out[at] ^= 1 << rng.IntN(8)
			}
		case 3:
			// White space and the like at the ends is what differs most.
			token := tokens[rng.IntN(len(tokens))]
			if rng.IntN(2) == 0 {
				out = append([]byte(token), out...)
			} else {
				out = append(out, token...)
			}
		}
	}
	return bytes.ReplaceAll(out, []byte("\n"), nil)
}
