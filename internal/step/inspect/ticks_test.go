package inspect

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTimeTicks(t *testing.T) {
	east := time.FixedZone("east", 5*3600+1800)
	at := func(text string) float64 {
		d, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		return float64(d.UnixNano()) / 1e9
	}
	for _, tt := range []struct {
		from, to string
		zone     *time.Location
		want     []string
	}{
		{"2024-03-09T16:00:00.123Z", "2024-03-09T16:00:03.5Z", time.UTC, []string{"16:00:01", "16:00:02", "16:00:03"}},
		{"2024-03-09T16:00:00Z", "2024-03-09T16:00:00.9Z", time.UTC, []string{"16:00:00.000", "16:00:00.200", "16:00:00.400", "16:00:00.600", "16:00:00.800"}},
		{"2024-03-09T16:07:00Z", "2024-03-09T18:01:00Z", time.UTC, []string{"16:30", "17:00", "17:30", "18:00"}},
		{"2024-03-09T22:07:00Z", "2024-03-10T03:01:00Z", time.UTC, []string{"Mar 9 23:00", "Mar 10 00:00", "Mar 10 01:00", "Mar 10 02:00", "Mar 10 03:00"}},
		{"2024-03-09T16:07:00Z", "2024-03-09T18:01:00Z", east, []string{"22:00", "22:30", "23:00", "23:30"}},
		{"2024-03-09T16:07:00Z", "2024-03-13T18:01:00Z", time.UTC, []string{"Mar 10", "Mar 11", "Mar 12", "Mar 13"}},
		{"2024-03-09T16:07:00Z", "2024-07-13T18:01:00Z", time.UTC, []string{"Apr 2024", "May 2024", "Jun 2024", "Jul 2024"}},
		{"2019-03-09T16:07:00Z", "2024-07-13T18:01:00Z", time.UTC, []string{"2020", "2022", "2024"}},
	} {
		var got []string
		for _, k := range timeTicks(at(tt.from), at(tt.to), tt.zone) {
			got = append(got, k.Label)
		}
		require.Equal(t, tt.want, got, tt.from)
	}
	require.NotEmpty(t, timeTicks(1e15, 2e15, time.UTC), "no times, but round numbers")
}

// Whatever the times of a log, the ticks are few, in order, within, and far
// enough from each other.
func TestTimeTicksAreFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Float64Range(-1e10, 1e10).Draw(t, "from")
		width := math.Pow(10, rapid.Float64Range(-2, 10.5).Draw(t, "digits"))
		ticks := timeTicks(from, from+width, time.UTC)
		require.LessOrEqual(t, len(ticks), maxTicks+1)
		last := -1.0
		for _, k := range ticks {
			left, err := strconv.ParseFloat(k.Left, 64)
			require.NoError(t, err)
			require.Greater(t, left, last)
			require.LessOrEqual(t, left, 100.0)
			last = left
		}
	})
}

// All labels of an axis have one unit.
func TestSizeLabel(t *testing.T) {
	for most, want := range map[float64][]string{
		3000:        {"0 B", "1,000 B", "2,000 B", "3,000 B"},
		5 << 20:     {"0 MiB", "2 MiB", "4 MiB", "6 MiB"},
		900:         {"0 B", "500 B", "1,000 B"},
		1100 * 1024: {"0 KiB", "500 KiB", "1,000 KiB", "1,500 KiB"},
	} {
		var c chart
		c.grid(most, 1024, sizeLabel)
		var got []string
		for _, l := range c.Lines {
			got = append(got, l.Label)
		}
		require.Equal(t, want, got)
	}
}
