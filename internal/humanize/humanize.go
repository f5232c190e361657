// Package humanize spells numbers as people read them.
package humanize

import (
	"math"
	"strconv"
	"strings"
)

// Count spells a number of things: 1 log, 2 logs, 3 anomalies.
func Count(n int64, noun string) string {
	text := strconv.FormatInt(n, 10) + " " + noun
	switch {
	case n == 1:
		return text
	case strings.HasSuffix(noun, "y"):
		return strings.TrimSuffix(text, "y") + "ies"
	}
	return text + "s"
}

// Comma spells n with commas between the thousands: 1,234,567.
func Comma(n int64) string {
	text := strconv.FormatInt(n, 10)
	first := 1
	if n < 0 {
		first = 2
	}
	for i := len(text) - 3; i >= first; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// IBytes spells a number of bytes with two digits or more, and a unit that is a
// power of 1024: 82 B, 1.5 KiB, 15 KiB.
func IBytes(n uint64) string {
	unit, value := 0, float64(n)
	for ; value >= 1024; value /= 1024 {
		unit++
	}
	digits, scale := 0, 1.0
	if unit > 0 && value < 9.95 {
		digits, scale = 1, 10
	}
	value = math.Floor(value*scale+0.5) / scale
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + [...]string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}[unit]
}
