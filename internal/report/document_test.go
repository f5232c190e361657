package report

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
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
	require.False(t, NewDocument("", "", true, document(result("a", blank())).Files).Healthy)
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

func TestLimitChangesNothingButWhatIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := document()
		for range rapid.IntRange(0, 5).Draw(t, "files") {
			f := result("x")
			for i := range rapid.IntRange(0, 20).Draw(t, "anomalies") {
				f.Add(corrupt(int64(i+1)), 15)
			}
			d.Add(f)
		}
		before := d.Total
		n := rapid.IntRange(0, 60).Draw(t, "limit")
		d.Limit(n)
		shown, omitted := int64(0), int64(0)
		for _, f := range d.Files {
			shown += int64(len(f.Anomalies))
			omitted += f.Omitted
			require.Equal(t, f.Total(), int64(len(f.Anomalies))+f.Omitted)
		}
		require.LessOrEqual(t, shown, int64(n))
		require.Equal(t, before.Anomalies(), shown+d.Total.Omitted)
		require.Equal(t, omitted, d.Total.Omitted)
		before.Omitted = d.Total.Omitted
		require.Equal(t, before, d.Total)
	})
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
