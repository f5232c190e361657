package export

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Ids depend on nothing but the log, never go back, and are those of the times
// wherever these go on.
func TestIDs(t *testing.T) {
	require.Equal(t, "1710000000123-0", id{}.after(millis(1710000000.123)).String())
	require.Equal(t, "0-1", id{}.after(millis(-5)).String())
	require.EqualValues(t, 1001, millis(1.001))
	rapid.Check(t, func(t *rapid.T) {
		var last id
		for _, ms := range rapid.SliceOf(rapid.Uint64Range(0, 5)).Draw(t, "times") {
			next := last.after(ms)
			if !last.less(next) || next.ms < ms || next.ms > ms && next.ms != last.ms {
				t.Fatalf("%s after %s for %d", next, last, ms)
			}
			again, err := parseID(next.String())
			if err != nil || again != next {
				t.Fatalf("%s is read as %s: %v", next, again, err)
			}
			last = next
		}
	})
}
