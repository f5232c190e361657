package cli

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCodeOf(t *testing.T) {
	locked := Failf(ExitLocked, "held")
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, ExitOK},
		{errors.New("x"), ExitFailed},
		{Usagef("x"), ExitUsage},
		{fmt.Errorf("x: %w", locked), ExitLocked},
		{errors.Join(locked, nil), ExitLocked},
		{errors.Join(Exit(ExitAnomalies), locked), ExitLocked},
		{fmt.Errorf("a: %w", errors.Join(locked, errors.New("close"))), ExitFailed},
	} {
		require.Equal(t, tt.want, CodeOf(tt.err), "%v", tt.err)
	}
}

// TestWorse: every exit code has its place, and the order of the logs does not
// matter.
func TestWorse(t *testing.T) {
	codes := append([]int{130, 143}, severity[:]...)
	for _, m := range ExitMeanings() {
		require.Contains(t, severity, m.Code)
		require.Equal(t, m.Code, Worse(ExitOK, m.Code))
	}
	for i, a := range codes {
		for _, b := range codes[max(i, 2):] {
			require.Equal(t, a, Worse(a, b))
			require.Equal(t, CodeOf(errors.Join(Exit(a), Exit(b))), CodeOf(errors.Join(Exit(b), Exit(a))))
			if i >= 2 {
				require.Equal(t, a, Worse(b, a))
			}
		}
	}
	require.True(t, slices.Contains(severity[:], ExitOK))
}
