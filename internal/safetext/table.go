package safetext

import (
	"slices"
	"strings"
)

// Table lays out rows of safe cells in columns, two spaces apart, a string for
// each row without spaces at its end. In align, l stands for a column of which
// the cells stand on the left, r for one with cells on the right. A row may be
// short.
func Table(align string, rows [][]string) []string {
	widths := make([]int, len(align))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], Width(cell))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			room := strings.Repeat(" ", widths[i]-Width(cell))
			if align[i] == 'r' {
				cell, room = room+cell, ""
			}
			b.WriteString(cell + room + "  ")
		}
		lines[n] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// Fit is Table with a header, which may be nil, if it has room in width
// columns; 0 is any number. Else it is a paragraph for each row: the first
// cell, and below it the others, each behind its header, but for dashes.
func Fit(align string, header []string, rows [][]string, width int) []string {
	all := rows
	if header != nil {
		all = append([][]string{header}, rows...)
	}
	lines := Table(align, all)
	if width <= 0 || !slices.ContainsFunc(lines, func(line string) bool { return Width(line) > width }) {
		return lines
	}
	lines = nil
	for _, row := range rows {
		lines = append(lines, row[0])
		for i, cell := range row[1:] {
			if cell == "-" {
				continue // there is nothing to tell
			}
			if header != nil {
				cell = header[i+1] + ": " + cell
			}
			for n, part := range Fold(cell, width-4) {
				lines = append(lines, strings.Repeat("  ", 1+min(n, 1))+part)
			}
		}
	}
	return lines
}

// Fold breaks a safe text between words into lines of at most width columns; a
// word that is wider has a line of its own.
func Fold(text string, width int) []string {
	var lines []string
	used := width
	for _, word := range strings.Fields(text) {
		n := Width(word)
		if len(lines) == 0 || used+1+n > width {
			lines, used = append(lines, word), n
			continue
		}
		lines[len(lines)-1] += " " + word
		used += 1 + n
	}
	return lines
}
