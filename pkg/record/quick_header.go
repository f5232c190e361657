package record

import (
	"encoding/binary"
	"math"
)

// valueAt returns where the value of the key stands whose closing quote is at i.
func valueAt(text []byte, i int) int {
	if i += 2; text[i] == ' ' {
		i++
	}
	return i
}

// header reads kind and timestamp of a line that is known to be well formed,
// from where their values start. It reports whether both are as they should be.
func (c *Checker) header(text []byte, kindAt, timeAt int, h *Header) bool {
	if text[kindAt] != '"' {
		return false
	}
	end := kindAt + 1
	for text[end] != '"' && text[end] != '\\' {
		end++
	}
	if text[end] != '"' {
		return false
	}
	h.Kind = c.known(text[kindAt+1 : end])
	h.kindStart, h.kindEnd = kindAt, end+1
	h.HasTimestamp = true
	var ok bool
	h.Timestamp, ok = timestamp(text[timeAt:])
	return ok && h.Kind != OtherKind
}

// timestamp returns the value of the well-formed number that text starts with,
// which a comma or a closing brace ends.
func timestamp(text []byte) (float64, bool) {
	if c := text[0]; c != '-' && c-'0' > 9 {
		return 0, false
	}
	// As in parseFloat, but the first eight digits at once: seconds since 1970
	// have more than that.
	mantissa := uint64(0)
	i := 0
	if len(text) > 8 {
		w := binary.LittleEndian.Uint64(text)
		if w&0xF0F0F0F0F0F0F0F0 == 0x3030303030303030 && (w+0x0606060606060606)&0xF0F0F0F0F0F0F0F0 == 0x3030303030303030 {
			// Neighbours are put together: to pairs, to fours, to all eight.
			w &= 0x0F0F0F0F0F0F0F0F
			w = w*10 + w>>8
			w = (w&0x000000FF000000FF*(1000000<<32+100) + w>>16&0x000000FF000000FF*(10000<<32+1)) >> 32
			mantissa, i = w, 8
		}
	}
	dot := -1
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c-'0' <= 9:
			if mantissa = mantissa*10 + uint64(c-'0'); mantissa > 1<<53 {
				return slowTimestamp(text)
			}
		case c == '.':
			dot = i
		case c == ',' || c == '}':
			f := float64(mantissa)
			if dot >= 0 {
				if i-dot-1 >= len(pow10) {
					return slowTimestamp(text)
				}
				f /= pow10[i-dot-1]
			}
			return f, true
		default: // a sign or an exponent
			return slowTimestamp(text)
		}
	}
	return 0, false
}

func slowTimestamp(text []byte) (float64, bool) {
	end := 0
	for text[end] != ',' && text[end] != '}' {
		end++
	}
	f := parseFloat(text[:end])
	return f, !math.IsInf(f, 0)
}
