package record

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"time"

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
	return f.seconds(raw, new(minute))
}

// seconds is Seconds beside a minute that an earlier time was in.
func (f TimeFormat) seconds(raw []byte, m *minute) (float64, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return f.number(raw)
	}
	text := raw[1 : len(raw)-1]
	seconds, ok := f.quoted(text, m)
	if !ok && bytes.IndexByte(text, '\\') >= 0 {
		return f.escaped(text)
	}
	return seconds, ok
}

// Append appends a time to dst as a JSON value in this format, to the
// microsecond or as far as the format goes.
func (f TimeFormat) Append(dst []byte, t time.Time) []byte {
	switch f {
	case UnixMilli:
		return strconv.AppendInt(dst, t.UnixMilli(), 10)
	case UnixMicro:
		return strconv.AppendInt(dst, t.UnixMicro(), 10)
	case UnixNano:
		return strconv.AppendInt(dst, t.UnixNano(), 10)
	case RFC3339:
		return t.UTC().AppendFormat(dst, `"2006-01-02T15:04:05.000000Z07:00"`)
	}
	return strconv.AppendFloat(dst, float64(t.UnixMicro())/1e6, 'f', 6, 64)
}

// quoted is Seconds for the text of a string without escapes.
func (f TimeFormat) quoted(text []byte, m *minute) (float64, bool) {
	if f == RFC3339 {
		t, ok := parseRFC3339(text, m)
		return t.float(), ok
	}
	if s, ok := f.integer(text); ok && text[0] != '0' && text[0] != '-' {
		return s, true
	}
	if !isNumber(text) {
		return 0, false
	}
	return f.number(text)
}

// escaped is Seconds for the text of a string with escapes, which no producer
// writes into a time.
func (f TimeFormat) escaped(text []byte) (float64, bool) {
	var room [48]byte
	if len(text) > 6*len(room) {
		return 0, false
	}
	return f.quoted(jsonscan.Unescape(room[:0], text), new(minute))
}

// units are how many of each format make a second.
var units = [...]float64{Unix: 1, UnixMilli: 1e3, UnixMicro: 1e6, UnixNano: 1e9}

// number returns the seconds of a JSON value that is well-formed and no string.
func (f TimeFormat) number(raw []byte) (float64, bool) {
	if f == RFC3339 || len(raw) == 0 || raw[0] != '-' && raw[0]-'0' > 9 {
		return 0, false
	}
	if f != Unix { // whose digits are read at once by Float
		if s, ok := f.integer(raw); ok {
			return s, true
		}
	}
	s := jsonscan.Float(raw) / units[f]
	return s, !math.IsInf(s, 0) && !math.IsNaN(s)
}

// integer returns the seconds of a number that is an integer small enough for
// the result to be rounded once.
func (f TimeFormat) integer(number []byte) (float64, bool) {
	n, negative, ok := integerOf(number)
	switch {
	case !ok:
		return 0, false
	case n <= 1<<53:
		return signed(float64(n)/units[f], negative), true
	case f == UnixNano:
		return signed(jsonscan.Quotient(n, 1e9), negative), true
	}
	return 0, false
}

// integerOf returns the value of a number without fraction and exponent that
// fits into 64 bits.
func integerOf(b []byte) (n uint64, negative, ok bool) {
	if len(b) > 0 && b[0] == '-' {
		negative, b = true, b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false, false
	}
	for ; len(b) >= 8; b = b[8:] {
		v, ok := jsonscan.EightDigits(binary.LittleEndian.Uint64(b))
		if !ok {
			return 0, false, false
		}
		n = n*1e8 + v
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
