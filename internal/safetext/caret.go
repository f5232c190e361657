package safetext

import (
	"strings"
	"unicode/utf8"
)

// Caret returns what fits into width columns of a line around the byte at,
// escaped, and a line with a caret under that byte.
func Caret[T string | []byte](line T, at, width int) (text, caret string) {
	at = min(max(at, 0), len(line))
	start := max(at-width, 0)
	for start < at && (!utf8.RuneStart(line[start]) || Width(String(string(line[start:at]))) > width/2) {
		start++
	}
	before := String(string(line[start:at]))
	if start > 0 {
		before = "…" + before
	}
	column := Width(before)
	after := line[at:min(len(line), at+20*width)] // more than Clip looks at
	return before + Clip(string(after), width-column), strings.Repeat(" ", column) + "^"
}
