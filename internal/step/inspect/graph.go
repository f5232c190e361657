package inspect

import (
	"math"
	"slices"
	"strings"
)

// graph draws counts as a line over height rows and the zero, each row behind
// its label and the axis. If there is room for more columns than counts, the
// line runs straight from one to the next.
func graph(counts []int64, columns, height int, paint func(string) string, label func(int64) string) []string {
	most := max(slices.Max(counts), 1)
	columns = max(columns, len(counts))
	// level is the row of a column, from below.
	level := func(x int) int {
		at := float64(x) * float64(len(counts)-1) / float64(columns-1)
		i := min(int(at), len(counts)-2)
		a, b := float64(counts[i]), float64(counts[i+1])
		return int(math.Round((a + (b-a)*(at-float64(i))) * float64(height) / float64(most)))
	}
	rows := make([][]rune, height+1)
	for y := range rows {
		rows[y] = []rune("┤" + strings.Repeat(" ", columns-1))
	}
	rows[level(0)][0] = '┼'
	for x := 1; x < columns; x++ {
		from, to := level(x-1), level(x)
		switch {
		case from == to:
			rows[to][x] = '─'
			continue
		case from < to:
			rows[from][x], rows[to][x] = '╯', '╭'
		default:
			rows[from][x], rows[to][x] = '╮', '╰'
		}
		for y := min(from, to) + 1; y < max(from, to); y++ {
			rows[y][x] = '│'
		}
	}
	lines := make([]string, 0, len(rows))
	for y := height; y >= 0; y-- {
		lines = append(lines, label(most*int64(y)/int64(height))+" "+paint(strings.TrimRight(string(rows[y]), " ")))
	}
	return lines
}
