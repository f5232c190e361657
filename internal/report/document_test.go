package report

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTotals(t *testing.T) {
	d := all()
	require.Equal(t, Total{Files: 7, Missing: 1, Unhealthy: 2, Failures: 1, InFlight: 1, Bytes: 5*1000 + 3141592, Lines: 72, Records: 60,
		Errors: 2004, Warnings: 2, Omitted: 2000, Kinds: map[string]int64{"event": 48, "audit": 12},
		Counts: map[string]int64{"truncated_line": 1, "blank_line": 2, "corrupted_line": 2003}}, d.Total)
	require.Equal(t, int64(4), d.Total.Healthy())
	require.False(t, d.Healthy)

	require.True(t, document().Healthy)
	require.True(t, document(result("a", blank())).Healthy)
	require.False(t, newHeld(true, result("a", blank())).Healthy)
	require.False(t, document(failed()).Unhealthy(), "a failure is no verdict")
}

func TestAddTakesTheWorse(t *testing.T) {
	f := result("x", torn())
	f.Healthy = true
	require.False(t, document(f).Healthy)
	require.False(t, f.Healthy)

	f = result("x")
	f.Healthy = false
	d := document(f)
	require.True(t, d.Failed())
	require.NotContains(t, show(t, Text, d, Options{}), "healthy\n")
}

// TestTotalsSaturate: a sum that overflows is not less than its parts, and no
// health.
func TestTotalsSaturate(t *testing.T) {
	d := document()
	for range 3 {
		f := result("x")
		f.Errors, f.Records, f.Bytes, f.Counts["blank_line"], f.Kinds["event"] = math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64
		f.Warnings = 1
		d.Add(f)
	}
	require.False(t, d.Healthy)
	require.Equal(t, int64(math.MaxInt64), d.Total.Anomalies())
	require.Equal(t, int64(math.MaxInt64), d.Total.Records)
	require.Equal(t, int64(math.MaxInt64), d.Total.Counts["blank_line"])
	require.Equal(t, int64(math.MaxInt64), d.Total.Kinds["event"])
	for _, format := range Formats() {
		require.NotContains(t, show(t, format, d, Options{}), "-9223", format)
	}
}

func TestKindsOfTotalAreBounded(t *testing.T) {
	d := document()
	for i := range 100 {
		f := result("x")
		for j := range 60 {
			f.Kinds[string(rune('a'+i%26))+string(rune('A'+j))+string(rune('0'+i/26))] = 1
		}
		d.Add(f)
	}
	require.LessOrEqual(t, len(d.Total.Kinds), maxKinds+1)
	n := int64(0)
	for _, v := range d.Total.Kinds {
		n += v
	}
	require.Equal(t, int64(100*70), n)
}
