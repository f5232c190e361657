package record

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/pick"
)

func checkerOf(t testing.TB, name string) *Checker {
	p, err := Preset(name)
	require.NoError(t, err)
	return NewChecker(Options{Profile: p})
}

func TestSamplesAreHealthy(t *testing.T) {
	for name, lines := range samples(t) {
		c := checkerOf(t, name)
		require.Equal(t, name, c.Profile().Name)
		for i, line := range lines {
			r := c.Check(line, 0)
			require.Equal(t, None, r.Fault, "%s line %d: %s: %s", name, i+1, c.Explain(r.Verdict, line), line)
			require.Equal(t, c.Profile().HasKind() && pick.NewFinder(string(c.Profile().Kind.Field)).Find(line) != nil, r.Kind.Known(), "%s line %d", name, i+1)
			slow := c.blank()
			c.slow(&slow, line, 0)
			require.Equal(t, r, slow, "%s line %d", name, i+1)
		}
	}
}

// TestRulesAgreeWithFinders: finders look members up one by one, and so are
// another opinion on every record.
func TestRulesAgreeWithFinders(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	rounds := 40
	if testing.Short() {
		rounds = 4
	}
	all := samples(t)
	for _, p := range allPresets(t) {
		c := checkerOf(t, p.Name)
		oracle := findersOf(p)
		for other, lines := range all {
			for range rounds {
				for _, line := range lines[:20] {
					line = mutate(rng, line)
					r := c.Check(line, 0)
					if !r.IsRecord() {
						continue
					}
					require.Equal(t, oracle.fits(line), r.Faults&lacking == 0, "%s on a line of %s: %s: %s", p.Name, other, c.Explain(r.Verdict, line), line)
					if raw := oracle.kind.Find(line); raw != nil && r.Kind.Known() {
						require.Equal(t, string(raw), string(r.KindLiteral(line)))
					}
				}
			}
		}
	}
}

// mutate renames, repeats or damages something of a line, or nothing.
func mutate(rng *rand.Rand, line []byte) []byte {
	line = bytes.Clone(line)
	switch rng.IntN(5) {
	case 0:
		line[rng.IntN(len(line))] = `"{}[]:,0123456789abcx\ `[rng.IntN(22)]
	case 1: // a member twice
		for range 20 {
			if i := rng.IntN(len(line)); line[i] == '"' {
				if end := bytes.IndexByte(line[i:], ','); end > 0 {
					line = append(append(append(bytes.Clone(line[:i]), line[i:i+end]...), ','), line[i:]...)
					break
				}
			}
		}
	case 2: // a letter as an escape
		i := rng.IntN(len(line))
		if c := line[i]; c >= 'a' && c <= 'z' {
			line = append(append(bytes.Clone(line[:i]), fmt.Sprintf(`\u%04x`, c)...), line[i+1:]...)
		}
	}
	return line
}

func TestRulesAllocateNothing(t *testing.T) {
	if testtool.Race {
		t.Skip("the race detector empties pools at random")
	}
	for name, lines := range samples(t) {
		c := checkerOf(t, name)
		require.Zero(t, testing.AllocsPerRun(3, func() {
			for _, line := range lines {
				c.Check(line, 0)
			}
		}), name)
	}
}

func TestRulesExplain(t *testing.T) {
	p, err := ParseProfile([]byte(`{"name":"mine","kind":{"field":"level","known":["a",7]},"time":{"field":"/t/at","format":"unix_ms"},"require":["level","/t/at","msg",["x","y"]]}`))
	require.NoError(t, err)
	c := NewChecker(Options{Profile: p, AllowKinds: []string{"b", "8"}, Producer: true})
	for line, want := range map[string]struct {
		fault Type
		text  string
		at    int32
	}{
		`{"level":"a","t":{"at":1},"msg":"","x":1}`:           {None, "", -1},
		`{"level":"\u0061","t":{"at":"1"},"msg":"","y":1}`:    {None, "", -1},
		`{"level":7,"t":{"at":1},"msg":"","y":1}`:             {None, "", -1},
		`{"level":8,"t":{"at":1},"msg":"","y":1}`:             {None, "", -1},
		`{"level":"b","t":{"at":1},"msg":"","y":1}`:           {None, "", -1},
		`{"t":{"at":1},"msg":"","y":1}`:                       {MissingKind, `the record has no "level"`, -1},
		`{"level":1.5,"t":{"at":1},"msg":"","y":1}`:           {MissingKind, `"level" is neither a string nor an integer`, 9},
		`{"level":null,"t":{"at":1},"msg":"","y":1}`:          {MissingKind, `"level" is neither a string nor an integer`, 9},
		`{"level":"7","t":{"at":1},"msg":"","y":1}`:           {UnknownKind, `"level" is none of the known values`, 9},
		`{"level":"c\\","t":{"at":1},"msg":"","y":1}`:         {UnknownKind, `"level" is none of the known values`, 9},
		`{"level":7,"at":1,"msg":"","y":1}`:                   {MissingTimestamp, `the record has no "/t/at"`, -1},
		`{"level":7,"t":{"at":"now"},"msg":"","y":1}`:         {MissingTimestamp, `"/t/at" is not a time in the format unix_ms`, 21},
		`{"level":7,"t":{"at":1},"y":1}`:                      {MissingField, `the record has no "msg"`, -1},
		`{"level":7,"t":{"at":1},"msg":1}`:                    {MissingField, `the record has no "x" or "y"`, -1},
		`{"level":1,"level":7,"t":{"at":1},"msg":"","y":1}`:   {DuplicateKey, `"level" stands twice; the last one counts`, 11},
		`{"level":7,"t":{"at":1,"at":2},"msg":"","y":1}`:      {DuplicateKey, `"/t/at" stands twice; the last one counts`, 23},
		`{"level":7,"t":{"at":1},"msg":` + "\r" + `"","y":1}`: {None, "", -1},
		`{"level":7,"t":{"at":1},"msg":NaN,"y":1}`:            {NonstandardNumber, "NaN and Infinity are not JSON numbers", 30},
		`{"level":7,"t":{"at":1},"msg":"","y":1`:              {CorruptedLine, "the text ends too early", 38},
	} {
		r := c.Check([]byte(line), 0)
		require.Equal(t, want.fault, r.Fault, line)
		require.Equal(t, want.text, c.Explain(r.Verdict, []byte(line)), line)
		require.Equal(t, want.at, r.At, line)
	}
}

// TestRulesWithoutDemands: what is not required may be missing, but must be
// right where it is there.
func TestRulesWithoutDemands(t *testing.T) {
	c := checkerOf(t, "transcript")
	require.Equal(t, None, c.Check([]byte(`{"type":"summary"}`), 0).Fault)
	require.False(t, c.Check([]byte(`{"type":"summary"}`), 0).HasTimestamp)
	require.Equal(t, MissingTimestamp, c.Check([]byte(`{"type":"summary","timestamp":7}`), 0).Fault)
	require.Equal(t, None, checkerOf(t, "any").Check([]byte(`{}`), 0).Fault)
	require.Equal(t, CorruptedLine, checkerOf(t, "any").Check([]byte(`[]`), 0).Fault)
}

func TestTooManyFields(t *testing.T) {
	_, err := ParseProfile([]byte(`{"name":"a","require":["a","b","c","d","e","f","g","h","i"]}`))
	require.EqualError(t, err, "1:1: kind, time and require name 9 fields, at most 8 are allowed")
	require.Panics(t, func() { NewChecker(Options{Profile: &Profile{Kind: KindRule{Field: "/a/b/c/d/e"}}}) })
}
