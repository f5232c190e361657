package cli

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "7d": 7 * 24 * time.Hour, "12h": 12 * time.Hour, "90m": 90 * time.Minute, "3600": time.Hour, "0.5": time.Second / 2,
		"1h30m": 90 * time.Minute, "1w2d": 9 * 24 * time.Hour, "200ms": 200 * time.Millisecond, "1.5h": 90 * time.Minute, "5us": 5 * time.Microsecond,
		"5µs": 5 * time.Microsecond, " 5s ": 5 * time.Second, "106751d": 106751 * 24 * time.Hour,
	} {
		got, err := ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Std(), text)
	}
	for text, why := range map[string]string{
		"": "empty", "-5s": "negative", "-1": "negative", "NaN": "digit", "Inf": "digit", "+5s": "digit", "5M": "months or minutes", "1y": "unknown unit",
		"1mo": "unknown unit", "7D": "unknown unit", "1h1h": "repeated", "1m1h": "out of order", "1h5": "unknown unit", "1e3": "unknown unit", "1,5h": "separators",
		"292y": "unknown unit", "106752d": "292 years", "9999999999999": "292 years", "5 s": "unknown unit", "1..5h": "number", "d": "digit",
		"99999999999999999999999999999999999999999": "digits",
	} {
		_, err := ParseDuration(text)
		require.ErrorContains(t, err, why, text)
	}
}

func TestDurationString(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute, "200ms": 200 * time.Millisecond, "1s500ms": 1500 * time.Millisecond,
	} {
		require.Equal(t, want, Duration(d).String())
	}
}

func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "ns") >> rapid.IntRange(0, 62).Draw(t, "shift"))
		got, err := ParseDuration(d.String())
		require.NoError(t, err)
		require.Equal(t, d, got)
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"7d", "1h30m", "0.5", "5M", "-1", "1w", "5µs"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q is negative: %d", s, d)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("%q: %d is printed as %s, which reads as %d, %v", s, d, d, again, err)
		}
	})
}

func TestParseMoment(t *testing.T) {
	defer func(zone *time.Location) { time.Local = zone }(time.Local)
	time.Local = time.FixedZone("far", -5*3600) // a local time is not one in UTC
	now := time.Unix(1_710_000_000, 0)
	for text, want := range map[string]string{
		"2024-03-09T16:00:00Z":           "2024-03-09T16:00:00Z",
		"2024-03-09t16:00:00.25z":        "2024-03-09T16:00:00.25Z",
		"2024-03-09 18:00:00+02:00":      "2024-03-09T16:00:00Z",
		"1710000000":                     "2024-03-09T16:00:00Z",
		"1710000000.5":                   "2024-03-09T16:00:00.5Z",
		"0":                              "1970-01-01T00:00:00Z",
		"253402300799":                   "9999-12-31T23:59:59Z",
		"7d":                             "2024-03-02T16:00:00Z",
		"2 hours ago":                    "2024-03-09T14:00:00Z",
		"1 week ago":                     "2024-03-02T16:00:00Z",
		"90m":                            "2024-03-09T14:30:00Z",
		"2024-03-09T16:00:00.123456789Z": "2024-03-09T16:00:00.123456789Z",
	} {
		m, err := ParseMoment(text)
		require.NoError(t, err, text)
		require.True(t, m.IsSet())
		require.Equal(t, want, m.At(now).UTC().Format(time.RFC3339Nano), text)
	}
	for text, want := range map[string]time.Time{
		"today":               time.Date(2024, 3, 9, 0, 0, 0, 0, time.Local),
		"Yesterday":           time.Date(2024, 3, 8, 0, 0, 0, 0, time.Local),
		"2024-03-09":          time.Date(2024, 3, 9, 0, 0, 0, 0, time.Local),
		"2024-03-09 10:00":    time.Date(2024, 3, 9, 10, 0, 0, 0, time.Local),
		"2024-03-09T10:00:30": time.Date(2024, 3, 9, 10, 0, 30, 0, time.Local),
		"2024-03-09 10:00:30": time.Date(2024, 3, 9, 15, 0, 30, 0, time.UTC),
		"7d":                  time.Date(2024, 3, 2, 15, 0, 0, 0, time.Local),
		"2 hours ago":         time.Date(2024, 3, 9, 13, 0, 0, 0, time.Local),
	} {
		m, err := ParseMoment(text)
		require.NoError(t, err, text)
		require.True(t, want.Equal(m.At(time.Date(2024, 3, 9, 15, 0, 0, 0, time.Local))), text)
	}
	for text, why := range map[string]string{
		"": "empty", "-5": "negative", "tomorrow": "digit", "2 months ago": "2024-03-09", "2024-03-09T25:00": "a date and a time", "2024-13-01T00:00:00Z": "date",
		"1710000000000": "milliseconds", "7M": "an age like 7d", "NaN": "digit", "12:30": "date",
	} {
		_, err := ParseMoment(text)
		require.ErrorContains(t, err, why, text)
	}
	require.False(t, Moment{}.IsSet())
	m, err := ParseMoment("1710000000.25")
	require.NoError(t, err)
	require.Equal(t, 1710000000.25, m.Unix(now))
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"7d", "2024-03-09T16:00:00Z", "1710000000.5", "1710000000000"} {
		f.Add(s)
	}
	now := time.Unix(1_710_000_000, 0)
	f.Fuzz(func(t *testing.T, s string) {
		if m, err := ParseMoment(s); err == nil {
			if u := m.Unix(now); math.IsNaN(u) || math.IsInf(u, 0) {
				t.Fatalf("%q is %v", s, u)
			}
		}
	})
}
