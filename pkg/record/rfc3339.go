package record

import (
	"encoding/binary"
	"math/bits"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// instant is a moment: seconds since 1970, and nanoseconds in 0 to 999,999,999.
type instant struct{ sec, nsec int64 }

// float returns the Unix seconds, correctly rounded from the year 1678 on.
func (t instant) float() float64 {
	const limit = (1<<63 - 1) / 1_000_000_000
	switch {
	case t.sec >= 1<<21 || t.sec <= -limit:
		// The quotient is rounded, and the sum again. That could only matter if
		// one of the middles between two results lay between the true sum and
		// this one. The middles are multiples of 1/2^m with m of 32 at most:
		// what nanoseconds are not one, is 1/(5^9 * 2^32) away from it or more,
		// and a quotient is wrong by 1/2^54 at most.
		return float64(t.sec) + float64(t.nsec)/1e9
	case t.sec < 0:
		return -jsonscan.Quotient(uint64(-(t.sec*1e9 + t.nsec)), 1e9)
	}
	return jsonscan.Quotient(uint64(t.sec*1e9+t.nsec), 1e9)
}

// parseRFC3339 reads a date and time such as 2026-11-25T01:28:00.5+01:00. It is
// as lenient as the producers are inventive: between date and time stands a
// "T", a "t" or a space; the fraction, behind a dot or comma, has any length;
// the offset comes with or without its colon; a leap second is the second after
// it.
//
// m is a minute that was read before, and the one that was read now if another
// one was.
func parseRFC3339(b []byte, m *minute) (instant, bool) {
	if len(b) < len("2006-01-02T15:04:05Z") {
		return instant{}, false
	}
	seconds, ok := two(b, 17)
	if !ok || b[16] != ':' || seconds > 60 || !m.is(b) && !m.parse(b) {
		return instant{}, false
	}
	t := instant{sec: m.sec + seconds}
	rest := b[19:]
	if rest[0] == '.' || rest[0] == ',' {
		var n int
		if t.nsec, n = fraction(rest[1:]); n == 0 || n == len(rest)-1 {
			return instant{}, false // no digit, or no offset
		}
		rest = rest[1+n:]
	}
	offset, ok := offset(rest)
	t.sec -= offset
	return t, ok
}

// minute is a date and time up to the minute, as text and in seconds since 1970.
// The times of a log mostly are of the minute of the one before.
type minute struct {
	text [2]uint64
	sec  int64
}

// is reports whether b starts with the minute. The zero value is no minute.
func (m *minute) is(b []byte) bool {
	return binary.LittleEndian.Uint64(b) == m.text[0] && binary.LittleEndian.Uint64(b[8:]) == m.text[1] && m.text[0] != 0
}

// parse reads the minute at the start of b.
func (m *minute) parse(b []byte) bool {
	date, ok1 := fixed(b, &dateForm)
	clock, ok2 := fixed(b[8:], &clockForms[0])
	for i := 1; !ok2 && i < len(clockForms); i++ {
		clock, ok2 = fixed(b[8:], &clockForms[i])
	}
	year, month := int64(date&0xFF)*100+int64(date>>16&0xFF), int64(date>>40&0xFF)
	day, hour, minute := int64(clock&0xFF), int64(clock>>24&0xFF), int64(clock>>48&0xFF)
	if !ok1 || !ok2 || month-1 > 11 || month < 1 || day < 1 || day > 28 && day > daysIn(month, year) || hour > 23 || minute > 59 {
		return false
	}
	m.text = [2]uint64{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
	m.sec = days(year, month, day)*86400 + hour*3600 + minute*60
	return true
}

// form is how eight bytes look: a 0 stands for any digit.
type form struct{ text, room uint64 }

// The two parts of a date and time that have eight bytes.
var (
	dateForm   = newForm("0000-00-")
	clockForms = [...]form{newForm("00T00:00"), newForm("00 00:00"), newForm("00t00:00")}
)

func newForm(text string) form {
	f := form{text: binary.LittleEndian.Uint64([]byte(text))}
	for i, c := range []byte(text) {
		room := uint64(0x0F) // of 0 only, 1 would reach 0x10
		if c == '0' {
			room = 0x06 // of 0 to 9
		}
		f.room |= room << (8 * i)
	}
	return f
}

// fixed reads the first eight bytes of b, which must be as in f. Each byte of
// the result that is the first of two digits has their number.
func fixed(b []byte, f *form) (pairs uint64, ok bool) {
	// What is left of a digit is its value, of what is as it should be 0.
	x := binary.LittleEndian.Uint64(b) ^ f.text
	ok = (x|(x+f.room))&0xF0F0F0F0F0F0F0F0 == 0
	return x*10 + x>>8, ok
}

// fractions are the nanoseconds that the last of so many digits stands for.
var fractions = [...]int64{1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1}

// fraction reads the digits at the start of b, behind the point of a second,
// and returns the nanoseconds, of which nine digits tell, and how many digits
// there are.
func fraction(b []byte) (nsec int64, n int) {
	unit := int64(1e9) // of the digit before
	if len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		x := w ^ 0x3030303030303030
		// The lowest bit belongs to the first byte that is no digit.
		n = bits.TrailingZeros64((x|(x+0x0606060606060606))&0xF0F0F0F0F0F0F0F0) / 8
		unit = fractions[n]
		v, _ := jsonscan.EightDigits(x<<(64-8*n) | 0x3030303030303030)
		nsec = int64(v) * unit
		if n < 8 {
			return nsec, n
		}
	}
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		unit /= 10
		nsec += int64(b[n]-'0') * unit
	}
	return nsec, n
}

// offset reads Z, +01:00, +0100 and +01, and returns the seconds.
func offset(b []byte) (int64, bool) {
	if len(b) == 1 {
		return 0, b[0]|0x20 == 'z'
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	hour, ok := two(b, 1)
	minute := int64(0)
	switch {
	case !ok || hour > 23:
		return 0, false
	case len(b) == 6 && b[3] == ':':
		minute, ok = two(b, 4)
	case len(b) == 5:
		minute, ok = two(b, 3)
	case len(b) != 3:
		return 0, false
	}
	seconds := hour*3600 + minute*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok && minute <= 59
}

// two reads two digits at i.
func two(b []byte, i int) (int64, bool) {
	tens, ones := b[i]-'0', b[i+1]-'0'
	return int64(tens)*10 + int64(ones), tens <= 9 && ones <= 9
}

func daysIn(month, year int64) int64 {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// days returns the days from 1970-01-01 to a date of the Gregorian calendar. It
// counts from March on, so that the leap day is the last one of its year.
func days(year, month, day int64) int64 {
	if month -= 3; month < 0 {
		month += 12
		year--
	}
	year += 400 // an era more, or the year before 0 would be rounded the wrong way
	return year*365 + year/4 - year/100 + year/400 + (month*153+2)/5 + day - 1 - (719468 + 146097)
}
