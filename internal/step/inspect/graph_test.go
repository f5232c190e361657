package inspect

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawn(counts []int64, columns, height int) []string {
	return graph(counts, columns, height, strings.ToUpper, func(n int64) string { return strconv.FormatInt(n, 10) })
}

func TestGraph(t *testing.T) {
	require.Equal(t, []string{
		"4 ┤   ╭",
		"3 ┤   │",
		"2 ┼╮  │",
		"1 ┤│╭─╯",
		"0 ┤╰╯",
	}, drawn([]int64{2, 0, 1, 1, 4}, 0, 4))
	require.Equal(t, []string{
		"2 ┤  ╭",
		"1 ┤╭─╯",
		"0 ┼╯",
	}, drawn([]int64{0, 2}, 4, 2), "a line between two counts")
}

// TestGraphLines: the line is whole, and the count of every column can be read
// off it: in each column it leaves at the row at which the next one enters.
func TestGraphLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 2, 60).Draw(t, "counts")
		height := rapid.IntRange(1, 9).Draw(t, "height")
		lines := drawn(counts, len(counts), height)
		require.Len(t, lines, height+1)
		most := max(slices.Max(counts), 1)
		for x := 1; x < len(counts); x++ {
			want := int(math.Round(float64(counts[x]) * float64(height) / float64(most)))
			var ends []int
			for i, line := range lines {
				_, plot, _ := strings.Cut(line, " ")
				if cells := []rune(plot); x < len(cells) && strings.ContainsRune("─╭╰", cells[x]) {
					ends = append(ends, height-i)
				}
			}
			require.Equal(t, []int{want}, ends, "column %d", x)
		}
	})
}
