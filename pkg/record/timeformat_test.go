package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// exact is the float64 nearest to sec + nsec/1e9, by way of rational numbers.
func exact(sec, nsec int64) float64 {
	n := new(big.Int).Add(new(big.Int).Mul(big.NewInt(sec), big.NewInt(1e9)), big.NewInt(nsec))
	f, _ := new(big.Rat).SetFrac(n, big.NewInt(1e9)).Float64()
	return f
}

func TestSecondsOfRFC3339(t *testing.T) {
	m := new(minute) // of any other time, which must not matter
	for text, want := range map[string]float64{
		"1970-01-01T00:00:00Z":                    0,
		"1970-01-01 00:00:00.5+00:00":             0.5,
		"1969-12-31t23:59:59.25z":                 -0.75,
		"2024-02-29T12:00:00+0100":                1709204400,
		"2024-02-29T12:00:00-01":                  1709211600,
		"2016-12-31T23:59:60Z":                    1483228800, // a leap second
		"2024-03-09T16:00:00,123Z":                1710000000.123,
		"2024-03-09T16:00:00.123456789012345678Z": exact(1710000000, 123456789),
		"0000-01-01T00:00:00Z":                    -62167219200,
		"9999-12-31T23:59:59.999999999Z":          exact(253402300799, 999999999),
		"2024-03-09T16:00:00.000000001-23:59":     exact(1710086340, 1),
		`2024-03-09T16\u003a00:00Z`:               1710000000,
		`2024-03-09T16:00:00\u002b00:00`:          1710000000,
	} {
		got, ok := RFC3339.Seconds([]byte(`"` + text + `"`))
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
		got, ok = RFC3339.seconds([]byte(`"`+text+`"`), m)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "now", "2024-03-09", "2024-03-09T16:00:00", "2024-03-09T16:00:00.", "2024-03-09T16:00:00.5", "2024-03-09T16:00:00.Z",
		"2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-04-31T00:00:00Z",
		"2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z", "2024-01-01T00:00:00+24:00",
		"2024-01-01T00:00:00+01:60", "2024-01-01T00:00:00+1:00", "2024-01-01T00:00:00+01:0", "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00 Z",
		"2024/01/01T00:00:00Z", "2024-01-01T00.00.00Z", "2024-01-01_00:00:00Z", "+024-01-01T00:00:00Z", "2024-01-01T00:00:0xZ", "1710000000",
		strings.Repeat("\x00", 16) + ":00Z",
	} {
		_, ok := RFC3339.Seconds([]byte(`"` + text + `"`))
		require.False(t, ok, text)
		_, ok = RFC3339.seconds([]byte(`"`+text+`"`), m)
		require.False(t, ok, text)
	}
	_, ok := RFC3339.Seconds([]byte(`1710000000`))
	require.False(t, ok)
}

// TestInstantsAreRoundedOnce draws the nanoseconds that lie closest to where two
// results meet: of middles that are multiples of 1/2^m, steps/(5^9 * 2^m) away.
func TestInstantsAreRoundedOnce(t *testing.T) {
	const odd = 5 * 5 * 5 * 5 * 5 * 5 * 5 * 5 * 5
	rapid.Check(t, func(t *rapid.T) {
		exponent := rapid.IntRange(0, 33).Draw(t, "exponent")
		sec := int64(1)<<exponent | rapid.Int64Range(0, 1<<exponent-1).Draw(t, "sec")
		inverse := new(big.Int).ModInverse(big.NewInt(1<<(53-exponent-9)), big.NewInt(odd)).Int64()
		steps := rapid.Int64Range(-3, 3).Draw(t, "steps")
		nsec := (steps*inverse%odd+odd)%odd + odd*rapid.Int64Range(0, 1<<9-1).Draw(t, "more")
		for _, sec := range []int64{sec, -sec} {
			if got := (instant{sec, nsec}).float(); got != exact(sec, nsec) {
				t.Fatalf("%d.%09d is %v, not %v", sec, nsec, got, exact(sec, nsec))
			}
		}
	})
}

func TestSecondsOfNumbers(t *testing.T) {
	for _, tt := range []struct {
		format TimeFormat
		raw    string
		want   float64
	}{
		{Unix, `1710000000`, 1710000000},
		{Unix, `1710000000.123`, 1710000000.123},
		{Unix, `"1710000000.123"`, 1710000000.123},
		{Unix, `-1.5e3`, -1500},
		{UnixMilli, `1710000000123`, 1710000000.123},
		{UnixMilli, `"1710000000123"`, 1710000000.123},
		{UnixMilli, `1710000000123.5`, 1710000000.1235},
		{UnixMicro, `"1710000000123456"`, 1710000000.123456},
		{UnixNano, `1710000000123456789`, exact(1710000000, 123456789)},
		{UnixNano, `"1710000000123456789"`, exact(1710000000, 123456789)},
		{UnixNano, `-1710000000123456789`, -exact(1710000000, 123456789)},
		{UnixNano, `1`, 1e-9},
		{UnixNano, `0`, 0},
		{UnixNano, `1.71e18`, 1710000000},
		{Unix, `"\u0031"`, 1},
	} {
		got, ok := tt.format.Seconds([]byte(tt.raw))
		require.True(t, ok, tt.raw)
		require.Equal(t, tt.want, got, tt.raw)
	}
	for _, raw := range []string{``, `"`, `""`, `"x"`, `null`, `true`, `[1]`, `{}`, `NaN`, `Infinity`, `-Infinity`, `1e999`, `"01"`, `"1."`, `".5"`, `" 1"`, `"1 "`, `"+1"`, `"0x1"`, `"1e"`, `"-"`, `"Infinity"`, `"1_0"`} {
		for f := Unix; f <= UnixNano; f++ {
			_, ok := f.Seconds([]byte(raw))
			require.False(t, ok, "%s %s", f, raw)
		}
	}
}

// TestSecondsKeepOrder: what is rounded may become equal, but never changes
// places.
func TestSecondsKeepOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		n := rng.Int64N(4e18)
		a, _ := UnixNano.Seconds(strconv.AppendInt(nil, n, 10))
		b, _ := UnixNano.Seconds(strconv.AppendInt(nil, n+1+rng.Int64N(300), 10))
		require.LessOrEqual(t, a, b, n)
	}
}

func randomTimes() int { return testtool.Amount(20_000, 100_000, 1_000_000) }

// randomRFC3339 writes a random moment in one of the many ways.
func randomRFC3339(rng *rand.Rand) (text string, at time.Time) {
	sec := rng.Int64N(253402300800+62135596800) - 62135596800
	if rng.IntN(2) == 0 {
		sec = rng.Int64N(4e9)
	}
	zone := time.FixedZone("", (rng.IntN(2*1439+1)-1439)*60)
	at = time.Unix(sec, rng.Int64N(1e9)).In(zone)
	if at.Year() < 0 || at.Year() > 9999 {
		at = at.UTC()
	}
	layout := "2006-01-02" + []string{"T", " "}[rng.IntN(2)] + "15:04:05"
	text = at.Format(layout)
	if digits := rng.IntN(12); digits > 0 {
		text += []string{".", ","}[rng.IntN(2)] + (fmt.Sprintf("%09d", at.Nanosecond()) + "7310")[:digits]
	}
	return text + at.Format([]string{"Z07:00", "-07:00", "-0700", "Z0700"}[rng.IntN(4)]), at
}

var shape = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d([.,]\d+)?([Zz]|[+-]\d\d(:?\d\d)?)$`)

func TestSecondsAgainstTimeParse(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range randomTimes() {
		text, _ := randomRFC3339(rng)
		if rng.IntN(4) == 0 { // and what is no time at all
			b := []byte(text)
			b[rng.IntN(len(b))] = "0123456789-+:. TZx"[rng.IntN(18)]
			text = string(b)
		}
		var want time.Time
		err := fmt.Errorf("no layout")
		for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02 15:04:05Z07"} {
			if want, err = time.Parse(layout, text); err == nil {
				break
			}
		}
		if err == nil && !shape.MatchString(text) {
			err = errors.New("time.Parse takes more than what it is asked for") // " 6:00" for hours
		}
		got, ok := RFC3339.Seconds([]byte(`"` + text + `"`))
		if ok && err != nil && strings.Contains(text, ":60") {
			continue // time.Parse knows no leap seconds
		}
		if !ok && err == nil && (strings.Contains(text, "+24") || strings.Contains(text, "-24") || strings.HasSuffix(text, "60")) {
			continue // and takes offsets of a day or of sixty minutes
		}
		require.Equal(t, err == nil, ok, "%s: %v", text, err)
		if ok {
			require.Equal(t, exact(want.Unix(), int64(want.Nanosecond())), got, text)
		}
	}
}

func TestSecondsOfRandomNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range randomTimes() {
		n := rng.Int64N(1 << (1 + rng.IntN(62)))
		if rng.IntN(8) == 0 {
			n = -n
		}
		raw := strconv.FormatInt(n, 10)
		if rng.IntN(2) == 0 {
			raw = `"` + raw + `"`
		}
		for f, scale := range map[TimeFormat]int64{Unix: 1, UnixMilli: 1e3, UnixMicro: 1e6, UnixNano: 1e9} {
			got, ok := f.Seconds([]byte(raw))
			require.True(t, ok, raw)
			want, _ := new(big.Rat).SetFrac(big.NewInt(n), big.NewInt(scale)).Float64()
			if n < 1<<53 && n > -1<<53 || f == UnixNano {
				require.Equal(t, want, got, "%s %s", f, raw)
			} else { // rounded twice: within one step of a float64
				require.LessOrEqual(t, math.Abs(got-want), math.Abs(want-math.Nextafter(want, 0)), "%s %s", f, raw)
			}
		}
	}
}

const pythonTimes = `
import sys, json
from fractions import Fraction
from datetime import datetime
scale = {"unix_ms": 10**3, "unix_us": 10**6, "unix_ns": 10**9}
for line in sys.stdin:
    kind, value = json.loads(line)
    print(float.hex(datetime.fromisoformat(value).timestamp() if kind == "rfc3339" else float(Fraction(int(value), scale[kind]))))
`

// TestSecondsAgainstPython asks an implementation that shares nothing with Go.
// Python's datetime keeps microseconds.
func TestSecondsAgainstPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").Run() != nil {
		t.Skip("python3 of 3.11 or later is needed")
	}
	rng := rand.New(rand.NewPCG(7, 8))
	var in strings.Builder
	var got []float64
	for range randomTimes() {
		f := []TimeFormat{RFC3339, RFC3339, UnixMilli, UnixMicro, UnixNano}[rng.IntN(5)]
		var text string
		if f == RFC3339 {
			at := time.Unix(rng.Int64N(253402300800-86400), rng.Int64N(1e6)*1e3).In(time.FixedZone("", (rng.IntN(2*1439+1)-1439)*60))
			text = at.Format("2006-01-02" + []string{"T", " "}[rng.IntN(2)] + "15:04:05.000000"[:8+[]int{0, 7, 4}[rng.IntN(3)]] + []string{"Z07:00", "-0700"}[rng.IntN(2)])
		} else {
			text = strconv.FormatInt(rng.Int64N(1<<53), 10)
			if f == UnixNano {
				text = strconv.FormatInt(rng.Int64N(1<<62), 10)
			}
		}
		quoted, err := json.Marshal([]string{f.String(), text})
		require.NoError(t, err)
		in.Write(append(quoted, '\n'))
		s, ok := f.Seconds([]byte(`"` + text + `"`))
		require.True(t, ok, text)
		got = append(got, s)
	}
	cmd := exec.Command(python, "-c", pythonTimes)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	require.NoError(t, err)
	asked := strings.Split(in.String(), "\n")
	lines := strings.Fields(string(out))
	require.Len(t, lines, len(got))
	for i, line := range lines {
		want, err := strconv.ParseFloat(line, 64)
		require.NoError(t, err)
		require.Equal(t, want, got[i], asked[i])
	}
}

func TestSecondsAllocateNothing(t *testing.T) {
	raw := [][]byte{[]byte(`"2024-03-09T16:00:00.123456789+01:00"`), []byte(`"2024-03-09T16\u003a00:00Z"`), []byte(`1710000000123`), []byte(`"1710000000123456789"`), []byte(`1710000000.25`)}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, r := range raw {
			for f := Unix; f <= RFC3339; f++ {
				f.Seconds(r)
			}
		}
	}))
}

func FuzzSeconds(f *testing.F) {
	for _, seed := range []string{`"2024-03-09T16:00:00.123456789+01:00"`, `1710000000.123`, `"1710000000123"`, `"\u0031"`, `1e999`, `-0`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for format := Unix; format <= RFC3339; format++ {
			s, ok := format.Seconds(raw)
			if ok && (math.IsNaN(s) || math.IsInf(s, 0)) {
				t.Fatalf("%s gives %v for %q", format, s, raw)
			}
			text := strings.Trim(string(raw), `"`)
			if n, err := strconv.ParseInt(text, 10, 64); err == nil && ok && format == Unix && (string(raw) == text || string(raw) == `"`+text+`"`) && s != float64(n) {
				t.Fatalf("%q is %v", raw, s)
			}
			if at, err := time.Parse(time.RFC3339Nano, text); err == nil && format == RFC3339 && string(raw) == `"`+text+`"` && shape.MatchString(text) {
				if _, offset := at.Zone(); offset > -86400 && offset < 86400 && (!ok || s != exact(at.Unix(), int64(at.Nanosecond()))) && !strings.HasSuffix(text, "60") {
					t.Fatalf("%q is %v, %v", raw, s, ok)
				}
			}
		}
	})
}

// What Append writes is the time that Seconds reads, as far as the format goes.
func TestAppendAndSeconds(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range randomTimes() {
		at := time.Unix(rng.Int64N(4e9)-1e9, rng.Int64N(1e9)).UTC()
		for f, least := range map[TimeFormat]time.Duration{Unix: time.Microsecond, UnixMilli: time.Millisecond, UnixMicro: time.Microsecond,
			UnixNano: 1, RFC3339: time.Microsecond} {
			raw := f.Append([]byte("x"), at)[1:]
			got, ok := f.Seconds(raw)
			require.True(t, ok, "%s", raw)
			// Append cuts towards the past, as UnixMilli does.
			want := time.Unix(0, at.UnixNano()-(at.UnixNano()%int64(least)+int64(least))%int64(least))
			require.Equal(t, exact(want.Unix(), int64(want.Nanosecond())), got, "%s %s", f, raw)
			if f == RFC3339 {
				parsed, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(raw))
				require.NoError(t, err)
				require.True(t, want.Equal(parsed), "%s", raw)
			}
		}
	}
}
