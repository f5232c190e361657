package doctor

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What --quiet holds back of any number of logs is whole lines up to a bound,
// and that there were more is known.
func TestAlarmsAreBounded(t *testing.T) {
	var a alarms
	for i := range 100_000 {
		fmt.Fprintf(&a, "log %d is not healthy\n", i)
		if i == 9 {
			require.False(t, a.full)
		}
	}
	require.True(t, a.full)
	require.LessOrEqual(t, a.Len(), 64<<10)
	require.True(t, strings.HasSuffix(a.String(), "is not healthy\n"))
}
