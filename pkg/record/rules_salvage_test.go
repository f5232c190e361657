package record

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// wreck is a line that holds whole records and what is left of others.
type wreck struct {
	line  []byte
	whole []Span
}

func (w *wreck) record(text []byte) *wreck {
	w.whole = append(w.whole, Span{len(w.line), len(w.line) + len(text)})
	w.line = append(w.line, text...)
	return w
}

func (w *wreck) other(text []byte) *wreck {
	w.line = append(w.line, text...)
	return w
}

// newWreck makes one in the ways in which logs are wrecked: cut records with
// others behind them, lost newlines, blocks of NUL bytes, and what has no whole
// record at all.
func newWreck(rng *rand.Rand, lines [][]byte, splices bool) *wreck {
	one := func() []byte { return lines[rng.IntN(len(lines))] }
	cut := func() []byte {
		l := one()
		if len(l) < 3 {
			return []byte(`{"cu`)
		}
		return l[:1+rng.IntN(len(l)-1)]
	}
	rear := func() []byte { l := one(); return l[1+rng.IntN(len(l)-1):] }
	nul := make([]byte, 1+rng.IntN(40))
	w := &wreck{}
	switch rng.IntN(14) {
	case 0, 1, 2, 3:
		return w.other(cut()).record(one())
	case 4:
		return w.record(one()).record(one())
	case 5:
		return w.record(one()).record(one()).record(one())
	case 6:
		return w.record(one()).other(cut()).record(one())
	case 7:
		return w.other(cut()).record(one()).record(one())
	case 8:
		return w.other(cut()).other(nul).record(one())
	case 9:
		return w.other(nul).record(one())
	case 10:
		return w.record(one()).other(nul)
	case 11:
		return w.other(cut()).other(cut()).record(one())
	case 12:
		if !splices {
			break // a whole record and a value that is none are told apart by less
		}
		return w.other(cut()).other(rear())
	}
	return w.other(cut())
}

// TestSalvageByProfile: what is saved from wrecks is whole records and nothing
// else, and nearly all of them.
func TestSalvageByProfile(t *testing.T) {
	rounds := 100_000
	if testing.Short() {
		rounds = 5_000
	}
	for name, lines := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := checkerOf(t, name)
			rng := rand.New(rand.NewPCG(9, 9))
			total, saved := 0, 0
			for range rounds {
				w := newWreck(rng, lines, name != "papyra")
				if c.Check(w.line, 0).IsRecord() {
					continue // a cut that left only the opening of the next, say
				}
				total += len(w.whole)
				for _, s := range c.Salvage(w.line, 0) {
					if !truly(w, s) {
						t.Fatalf("saved %q from %q", w.line[s.Start:s.End], w.line)
					}
					saved++
				}
			}
			share := float64(saved) / float64(total)
			t.Logf("%d of %d records (%.1f %%)", saved, total, 100*share)
			if !c.rules.loose() {
				require.GreaterOrEqual(t, share, 0.85)
			}
		})
	}
}

// truly reports whether s is one of the whole records. A fragment may be cut so
// late that it is whole.
func truly(w *wreck, s Span) bool {
	for _, whole := range w.whole {
		if whole == s {
			return true
		}
	}
	return false
}

// TestSalvageOfAny: where any object is a record, nothing is looked for behind
// a fragment.
func TestSalvageOfAny(t *testing.T) {
	c := checkerOf(t, "any")
	for line, want := range map[string][]Span{
		`{"a":1}{"b":2}`:          {{0, 7}, {7, 14}},
		`{"a":1}{"b":2}{"c":{}}`:  {{0, 7}, {7, 14}, {14, 22}},
		`{"a":{"b":2}`:            nil,
		`{"a":"x{"b":2}`:          nil,
		`{"a":1{"b":2}`:           nil,
		`{"a":1}{"b":{"c":3}`:     {{0, 7}},
		`{"a":1}x{"b":2}`:         nil,
		`"x"{"b":2}`:              nil,
		`7{"b":2}`:                nil,
		"{\"a\"\x00\x00{\"b\":2}": {{6, 13}},
		"\x00{\"b\":2}":           {{1, 8}},
		"{\"b\":2}\x00":           {{0, 7}},
		"\x00{\"b\":2}\x00":       nil,
		"\x00x\"{\"b\":2}":        nil,
	} {
		require.Equal(t, want, c.Salvage([]byte(line), 0), line)
		if want == nil && bytes.IndexByte([]byte(line), 0) < 0 {
			require.Equal(t, CorruptedLine, c.Check([]byte(line), 0).Fault, line)
		}
	}
}
