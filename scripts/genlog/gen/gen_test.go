package gen

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// make1 returns a log and the truth about it.
func make1(t require.TestingT, o Options) ([]byte, []Finding, Summary) {
	var log, told bytes.Buffer
	sum, err := Generate(&log, o, WriteTruth(&told))
	require.NoError(t, err)
	truth, err := ReadTruth(&told)
	require.NoError(t, err)
	return log.Bytes(), truth, sum
}

func TestSameSeedSameBytes(t *testing.T) {
	o := Options{Seed: 3, Lines: 500, Damage: map[string]int{"corrupted_line": 20, "nul_bytes": 9}}
	a, truthA, _ := make1(t, o)
	b, truthB, _ := make1(t, o)
	require.Equal(t, a, b)
	require.Equal(t, truthA, truthB)
	o.Seed = 4
	c, _, _ := make1(t, o)
	require.NotEqual(t, a, c)
}

func TestHealthyLog(t *testing.T) {
	for name, long := range map[string]bool{"papyra": false, "long": true} {
		t.Run(name, func(t *testing.T) {
			log, truth, sum := make1(t, Options{Seed: 1, Lines: 3000, Long: long})
			require.Empty(t, truth)
			require.EqualValues(t, 3000, sum.Lines)
			require.EqualValues(t, len(log), sum.Bytes)
			lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
			require.Len(t, lines, 3000)
			kinds, last := map[string]int{}, 0.0
			lo, hi := 100, 600
			if long {
				lo, hi = 4000, 5000
			}
			for i, line := range lines {
				h := healthy(t, line)
				kinds[h.kind]++
				require.Greater(t, h.timestamp, last, "line %d", i+1)
				last = h.timestamp
				require.True(t, lo <= len(line) && len(line) <= hi, "line %d has %d bytes", i+1, len(line))
			}
			if !long {
				require.Len(t, kinds, 4)
				require.Greater(t, kinds["event"], 1500)
				require.Greater(t, kinds["dead_letter"], 100)
				require.True(t, bytes.Contains(log, []byte("Zürich")) && bytes.Contains(log, []byte(`Z\u00fcrich`)))
			} else {
				require.Greater(t, depth(lines[0]), 30)
			}
		})
	}
}

func TestSizeAndTimes(t *testing.T) {
	log, _, sum := make1(t, Options{Seed: 1, Size: 1 << 20, Start: 1000, End: 2000})
	require.EqualValues(t, len(log), sum.Bytes)
	require.True(t, 1<<20 <= len(log) && len(log) < 1<<20+600)
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	require.InDelta(t, 1000, healthy(t, lines[0]).timestamp, 1e-6)
	require.InDelta(t, 2000, healthy(t, lines[len(lines)-1]).timestamp, 2)
	require.InDelta(t, 1500, healthy(t, lines[len(lines)/2]).timestamp, 25)
}

func TestEveryDamageIsThereAsTold(t *testing.T) {
	shapes := map[string]int{}
	for _, d := range damages() {
		shapes[d.name] = len(d.shapes)
	}
	for _, name := range DamageNames() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				n := shapes[name]
				o := Options{
					Seed: rapid.Uint64().Draw(t, "seed"), Damage: map[string]int{name: n}, MaxLineBytes: minLimit,
					Lines: int64(rapid.IntRange(n+1, 200).Draw(t, "lines")),
				}
				log, truth, _ := make1(t, o)
				require.Len(t, truth, n)
				verify(t, log, truth, o)
			})
		})
	}
}

func TestAllDamageTogether(t *testing.T) {
	for _, tail := range []string{"truncated_line", "missing_newline"} {
		rapid.Check(t, func(t *rapid.T) {
			o := Options{Seed: rapid.Uint64().Draw(t, "seed"), Damage: map[string]int{}, MaxLineBytes: minLimit}
			all := 0
			for _, d := range damages() {
				if n := len(d.shapes); !d.tail || d.name == tail {
					o.Damage[d.name] = n
					all += n
				}
			}
			if rapid.Bool().Draw(t, "by size") {
				o.Size = int64(rapid.IntRange(1, 1<<20).Draw(t, "size"))
			} else {
				o.Lines = int64(rapid.IntRange(all+1, 3*all).Draw(t, "lines"))
			}
			log, truth, sum := make1(t, o)
			require.Len(t, truth, all)
			require.EqualValues(t, all, sum.Damaged)
			if o.Lines > 0 {
				require.Equal(t, o.Lines, sum.Lines)
			}
			verify(t, log, truth, o)
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, o := range map[string]Options{
		"neither a number of lines nor a size": {},
		"unknown damage":                       {Lines: 9, Damage: map[string]int{"rot": 1}},
		"negative count":                       {Lines: 9, Damage: map[string]int{"nul_bytes": -1}},
		"at most 1":                            {Lines: 9, Damage: map[string]int{"truncated_line": 2}},
		"exclude each other":                   {Lines: 9, Damage: map[string]int{"truncated_line": 1, "missing_newline": 1}},
		"do not fit":                           {Lines: 9, Damage: map[string]int{"nul_bytes": 10}},
		"healthy line before it":               {Lines: 9, Damage: map[string]int{"timestamp_regression": 9}},
		"must be at least":                     {Lines: 9, MaxLineBytes: 1000, Damage: map[string]int{"too_deep": 1}},
		"before the start":                     {Lines: 9, Start: 2, End: 1},
	} {
		_, err := Generate(io.Discard, o, nil)
		require.ErrorContains(t, err, name)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestErrorsAreTold(t *testing.T) {
	_, err := Generate(failing{}, Options{Lines: 10}, nil)
	require.EqualError(t, err, "write log: no space")
	_, err = Generate(io.Discard, Options{Lines: 10, Damage: map[string]int{"nul_bytes": 1}}, func(Finding) error { return errors.New("no ink") })
	require.EqualError(t, err, "tell the truth: no ink")
	_, err = ReadTruth(bytes.NewReader([]byte("{}\nx\n")))
	require.ErrorContains(t, err, "line 2")
	_, err = Repaired([]byte("short\n"), []Finding{{Offset: 3, Length: 9}})
	require.Error(t, err)
}

func BenchmarkGenerate(b *testing.B) {
	for name, long := range map[string]bool{"papyra": false, "long": true} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(16 << 20)
			for b.Loop() {
				if _, err := Generate(io.Discard, Options{Size: 16 << 20, Long: long}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
