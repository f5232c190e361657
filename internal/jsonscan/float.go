package jsonscan

import (
	"encoding/binary"
	"strconv"
	"unsafe"
)

// pow10 are the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Float returns the value of a well-formed JSON number, correctly rounded; one
// out of range gives an infinity, and NaN and Infinity give themselves.
func Float(b []byte) float64 {
	// Digits up to 2^53 and the power of ten are exact as floats, so one
	// division rounds correctly (Clinger's fast path).
	var mantissa uint64
	i, point := 0, -1
	if len(b) > 8 {
		// Seconds since 1970 have more than eight digits.
		mantissa, i = eightDigits(binary.LittleEndian.Uint64(b))
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c-'0' <= 9:
			if mantissa = mantissa*10 + uint64(c-'0'); mantissa > 1<<53 {
				return slowFloat(b)
			}
		case c == '.':
			point = i + 1
		default: // a sign, an exponent, a word
			return slowFloat(b)
		}
	}
	f := float64(mantissa)
	if point >= 0 {
		if i-point >= len(pow10) {
			return slowFloat(b)
		}
		f /= pow10[i-point]
	}
	return f
}

// eightDigits returns the number that the eight digits of w give, and 8, or 0
// and 0 if they are not all digits.
func eightDigits(w uint64) (value uint64, n int) {
	if w&0xF0F0F0F0F0F0F0F0 != 0x3030303030303030 || (w+0x0606060606060606)&0xF0F0F0F0F0F0F0F0 != 0x3030303030303030 {
		return 0, 0
	}
	// Neighbours are put together: to pairs, to fours, to all eight.
	w &= 0x0F0F0F0F0F0F0F0F
	w = w*10 + w>>8
	return (w&0x000000FF000000FF*(1000000<<32+100) + w>>16&0x000000FF000000FF*(10000<<32+1)) >> 32, 8
}

func slowFloat(b []byte) float64 {
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return f
}
