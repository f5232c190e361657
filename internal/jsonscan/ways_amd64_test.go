package jsonscan

import "testing"

// TestEveryWay runs the tests of the fast path once more for each part of it
// that has a twin for lesser processors.
func TestEveryWay(t *testing.T) {
	for _, way := range []struct {
		name string
		can  *bool
	}{{"without AVX-512", &canWide}, {"without assembly for the rules", &canCheck}, {"without assembly for layouts", &canFollow}} {
		t.Run(way.name, func(t *testing.T) {
			if !*way.can {
				t.Skip("this processor has no other way")
			}
			*way.can = false
			defer func() { *way.can = true }()
			t.Run("healthy", TestLinesTakeWhatIsHealthy)
			t.Run("any", TestLinesAgreeWithScan)
			if way.can != &canFollow { // which lines by themselves do not
				t.Run("changes", TestFastRefusesWhatTheScannerRefuses)
				t.Run("depth", TestFastDepth)
			}
			t.Run("layouts", TestLinesFollowLayouts)
			t.Run("halfway", TestLayoutThatWasLeftHalfway)
			t.Run("spliced", TestSplicedLines)
		})
	}
}
