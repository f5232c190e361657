// Package nearest finds what a person most likely meant by a mistyped word.
package nearest

import (
	"fmt"
	"strings"
)

// Word returns the word that a person who typed text most likely meant: one
// that it begins, or one within a third of its length in single-letter mistakes
// (swapped neighbours count as one). "" if there is none.
func Word(text string, words []string) string {
	text = strings.ToLower(text)
	best, bestDistance := "", len(text)/3+1
	for _, w := range words {
		lower := strings.ToLower(w)
		d := distance(text, lower)
		if len(text) >= 2 && strings.HasPrefix(lower, text) {
			d = 0
		}
		if d < bestDistance || d == bestDistance && best == "" && d <= 1+len(text)/3 {
			best, bestDistance = w, d
		}
	}
	return best
}

// DidYouMean is the end of an error message: `; did you mean "repair"?`, or "".
func DidYouMean(text string, words []string) string {
	if w := Word(text, words); w != "" {
		return fmt.Sprintf("; did you mean %q?", w)
	}
	return ""
}

// distance counts insertions, deletions, replacements and swaps of neighbours
// that turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 1 << 20
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(x)][len(y)]
}
