package jsonscan

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// pow10 are the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// tens are the powers of ten up to eight digits.
var tens = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// Float returns the value of a well-formed JSON number, correctly rounded; one
// out of range gives an infinity, and NaN and Infinity give themselves.
func Float(b []byte) float64 {
	// Digits up to 2^53 and the power of ten are exact as floats, so one
	// division rounds correctly (Clinger's fast path).
	if mantissa, places, ok := seconds(b); ok {
		if mantissa > 1<<53 {
			return Quotient(mantissa, tens[places])
		}
		return float64(mantissa) / pow10[places&15]
	}
	var mantissa uint64
	point := -1
	for i, c := range b {
		switch {
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
		if len(b)-point >= len(pow10) {
			return slowFloat(b)
		}
		f /= pow10[len(b)-point]
	}
	return f
}

// Quotient returns n/d, correctly rounded, where both may have more digits than
// a float64 holds: rounding them first and dividing then would round twice. d
// is 2 or more.
func Quotient(n, d uint64) float64 {
	if n == 0 {
		return 0
	}
	// n and d are moved so far that the quotient has 63 or 64 bits; what is
	// left over can only matter as being more than nothing: the lowest bit
	// stands for it.
	up, down := bits.LeadingZeros64(n), bits.Len64(d)-1
	n <<= up
	q, rest := bits.Div64(n>>(64-down), n<<down, d)
	if rest != 0 {
		q |= 1
	}
	return float64(q) * math.Float64frombits(uint64(1023-up-down)<<52)
}

// seconds reads what most timestamps are: ten digits, as seconds since 1970
// have for centuries, a point, and up to eight more. It returns all the digits
// as one number, and how many of them are behind the point.
func seconds(b []byte) (mantissa uint64, places int, ok bool) {
	if len(b) < 12 || len(b) > 19 || b[10] != '.' {
		return 0, 0, false
	}
	places = len(b) - 11
	whole, ok1 := EightDigits(binary.LittleEndian.Uint64(b))
	// The digits behind the point are moved up to the end of eight, with zeros
	// in front.
	last := binary.LittleEndian.Uint64(b[len(b)-8:])
	front := uint64(1)<<((8-places)*8&63) - 1
	rest, ok2 := EightDigits(last&^front | 0x3030303030303030&front)
	d, e := uint64(b[8]-'0'), uint64(b[9]-'0')
	return (whole*100+d*10+e)*tens[places] + rest, places, ok1 && ok2 && d <= 9 && e <= 9
}

// EightDigits returns the number that the eight digits of w, the first one
// lowest, give, and whether they are all digits.
func EightDigits(w uint64) (value uint64, ok bool) {
	ok = w&0xF0F0F0F0F0F0F0F0 == 0x3030303030303030 && (w+0x0606060606060606)&0xF0F0F0F0F0F0F0F0 == 0x3030303030303030
	// Neighbours are put together: to pairs, to fours, to all eight.
	w &= 0x0F0F0F0F0F0F0F0F
	w = w*10 + w>>8
	return (w&0x000000FF000000FF*(1000000<<32+100) + w>>16&0x000000FF000000FF*(10000<<32+1)) >> 32, ok
}

func slowFloat(b []byte) float64 {
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), 64)
	return f
}
