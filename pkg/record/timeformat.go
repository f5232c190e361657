package record

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// TimeFormat is how a record writes its time.
type TimeFormat uint8

const (
	// Unix is seconds since 1970, with or without a fraction.
	Unix TimeFormat = iota
	// UnixMilli is milliseconds since 1970.
	UnixMilli
	// UnixMicro is microseconds since 1970.
	UnixMicro
	// UnixNano is nanoseconds since 1970.
	UnixNano
	// RFC3339 is a date, a "T" or a space, a time of day, and "Z" or an offset.
	RFC3339
)

var timeFormats = [...]string{"unix", "unix_ms", "unix_us", "unix_ns", "rfc3339"}

// String returns the spelling of profile files, such as "unix_ms".
func (f TimeFormat) String() string { return timeFormats[f] }

// Seconds returns the Unix seconds of raw, a JSON value as it stands in a
// record, and whether it is a time in this format. Numbers may be written as
// strings. It allocates nothing.
//
// The result is the float64 nearest to the time that is written, so times never
// change their order; but in this century a float64 tells times apart only if
// they differ by 0.24 microseconds or more, and those that are closer may be
// equal. The fraction of a second in RFC3339 may have any length, of which nine
// digits count.
func (f TimeFormat) Seconds(raw []byte) (float64, bool) {
	if len(raw) == 0 {
		return 0, false
	}
	quoted := raw[0] == '"'
	if quoted {
		var room [48]byte
		if raw = raw[1:max(len(raw)-1, 1)]; bytes.IndexByte(raw, '\\') >= 0 {
			if len(raw) > 6*len(room) {
				return 0, false
			}
			raw = jsonscan.Unescape(room[:0], raw)
		}
	}
	if f == RFC3339 {
		t, ok := parseRFC3339(raw)
		return t.float(), ok && quoted
	}
	if quoted && !isNumber(raw) || raw[0] != '-' && raw[0]-'0' > 9 {
		return 0, false
	}
	return f.scaled(raw)
}

// scaled returns the seconds of a well-formed number in the unit of f.
func (f TimeFormat) scaled(number []byte) (float64, bool) {
	if f == UnixNano {
		if n, negative, ok := integerOf(number); ok {
			return signed(nanoseconds(n), negative), true
		}
	}
	s := jsonscan.Float(number)
	switch f {
	case UnixMilli:
		s /= 1e3
	case UnixMicro:
		s /= 1e6
	case UnixNano:
		s /= 1e9
	}
	return s, !math.IsInf(s, 0) && !math.IsNaN(s)
}

// integerOf returns the value of a number without fraction and exponent that fits
// into 64 bits.
func integerOf(b []byte) (n uint64, negative, ok bool) {
	if len(b) > 0 && b[0] == '-' {
		negative, b = true, b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false, false
	}
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, negative, true
}

func signed(f float64, negative bool) float64 {
	if negative {
		return -f
	}
	return f
}

// nanoseconds returns n/1e9, correctly rounded. A nanosecond of today has more
// digits than a float64 holds: rounding it first and dividing then would round
// twice.
func nanoseconds(n uint64) float64 {
	if n == 0 {
		return 0
	}
	// The quotient of n·2^shift has 63 or 64 bits, and what is left over can
	// only matter as being more than nothing: the lowest bit stands for it.
	shift := bits.LeadingZeros64(n) + 29
	n <<= shift - 29
	q, rest := bits.Div64(n>>35, n<<29, 1e9)
	if rest != 0 {
		q |= 1
	}
	return float64(q) * math.Float64frombits(uint64(1023-shift)<<52)
}

// isNumber reports whether b is a JSON number.
func isNumber(b []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	from := i
	if !digits() || b[from] == '0' && i > from+1 {
		return false
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}
