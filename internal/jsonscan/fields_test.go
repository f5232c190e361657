package jsonscan

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFieldsAreFoundWhereTheyStand(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		count, dup       int
	}{
		{"kind", `{"kind": "event"}`, `"event"`, 1, 0},
		{"kind", `{"kind":1, "kind" : [2]}`, `[`, 2, 11},
		{"kind", `{"x": {"kind": 1}, "KIND": 2}`, ``, 0, 0},
		{"kind", `[{"kind": 1}]`, ``, 0, 0},
		{"kind", `{"\u006bind": "a\"b"}`, `"a\"b"`, 1, 0},
		{"/kind", `{"kind": {}}`, `{`, 1, 0},
		{"", `{"": -1.5e3}`, `-1.5e3`, 1, 0},
		{"/", `{"": null}`, `null`, 1, 0},
		{"/a~1b/c~0d", `{"a/b": {"c~d": true}}`, `true`, 1, 0},
		{"/a/b", `{"a": {"b": 1, "c": {"b": 2}}, "b": 3}`, `1`, 1, 0},
		{"/a/b", `{"a": [{"b": 1}]}`, ``, 0, 0},
		{"/a/b", `{"a": {"b": 1}, "a": {"b": 2}}`, `2`, 1, 16},
		{"/a/b", `{"a": {"b": 1}, "a": 7}`, ``, 0, 16},
		{"/a/b", `{"a": {"b": 1, "b": 2}}`, `2`, 2, 15},
		{"/a/b/c/d", `{"a": {"b": {"c": {"d": "deep"}, "d": 1}}}`, `"deep"`, 1, 0},
		{"/a/b/c/d", `{"a": {"b": {"c": {"x": {"d": "deep"}}}}}`, ``, 0, 0},
	} {
		var r Result
		require.True(t, MustCompile("other", c.name).Scan([]byte(c.text), 0, 100, &r), c.text)
		f := r.Fields[1]
		require.Equal(t, c.want, c.text[f.Start:f.End], "%s in %s", c.name, c.text)
		require.Equal(t, []int{c.count, c.dup}, []int{f.Count, f.Dup}, "%s in %s", c.name, c.text)
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, name := range []string{"/a/b/c/d/e", "/~2", "/a~"} {
		_, err := Compile(name)
		require.Error(t, err, name)
	}
	_, err := Compile(make([]string, MaxFields+1)...)
	require.Error(t, err)
}

func TestScanAllocatesNothing(t *testing.T) {
	f := MustCompile("kind", "/payload/\u00e9")
	text := []byte(`{"kind": "event", "payload": {"\u00e9": [[{}]], "x": -1.5e3}}`)
	var r Result
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if !f.Scan(text, 0, 100, &r) {
			t.Fatal(r)
		}
		f.Fast(text, 100, &r)
	}))
}

func TestFloatRoundsAsStrconvDoes(t *testing.T) {
	for _, s := range []string{"0", "-0", "1", "12345678", "1710000000.123", "9007199254740993.25", "1e999", "0.1", "-5e-324", "123456789012345678901234567890",
		"0.00000000000000000000000000017", "1234567.12345678", "1.7976931348623157e308", "99999999.99999999", "1710000000.0", "1710000000.12345678", "9999999999.999999", "171000000e.5", "1710000000.5e3", "17100000.0e-5", "9007199254.740993", "9007199254.7409931"} {
		require.Equal(t, slowFloat([]byte(s)), Float([]byte(s)), s)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200_000 { // seconds of any age, with digits enough to round twice
		s := fmt.Sprintf("%010d.%0*d", rng.Int64N(1e10), 1+rng.IntN(8), rng.Int64N(10))
		if n := len(s); n < 19 && rng.IntN(2) == 0 {
			s = fmt.Sprintf("%010d.%0*d", rng.Int64N(1e10), 8, rng.Int64N(1e8))[:12+rng.IntN(8)]
		}
		require.Equal(t, slowFloat([]byte(s)), Float([]byte(s)), s)
	}
}

// TestFastShorterKey: a key of another wanted one's length that ends like a
// longer one stands nearer to the start of the text than that is long.
func TestFastShorterKey(t *testing.T) {
	f := MustCompile("a_long_TIMESTAMP", "b__TIMESTAMP")
	for _, text := range []string{`{"x__TIMESTAMP":1}`, `{"b__TIMESTAMP":1}`, `{"a_long_TIMESTAMP":1,"b__TIMESTAMP":2}`} {
		var fast, slow Result
		require.True(t, f.Scan([]byte(text), 0, 100, &slow))
		if f.Fast([]byte(text), 100, &fast) {
			require.Equal(t, slow.Fields, fast.Fields, text)
		}
	}
}
