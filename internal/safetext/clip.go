package safetext

import (
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Width is the number of terminal columns of s, which must be safe already: it
// has no joiners or selectors, so that its runes can be counted one by one.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runewidth.RuneWidth(r)
	}
	return n
}

// truncate returns the longest beginning of s that has at most width columns.
func truncate(s string, width int) string {
	for i, r := range s {
		if width -= runewidth.RuneWidth(r); width < 0 {
			return s[:i]
		}
	}
	return s
}

// Clip returns s escaped and cut to at most width terminal columns, with … as
// the last column if something was cut off.
func Clip(s string, width int) string {
	if width <= 0 {
		return ""
	}
	// What lies far behind the cut need not be looked at, however long s is.
	// (Marks take no column, so a cut by bytes can come before the cut by
	// columns.)
	cut := false
	if limit := 16*width + utf8.UTFMax; len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) && limit > 16*width {
			limit--
		}
		s, cut = s[:limit], true
	}
	safe := String(s)
	if cut || Width(safe) > width {
		return truncate(safe, width-1) + "…"
	}
	return safe
}
