package record

// instant is a moment: seconds since 1970, and nanoseconds in 0 to 999,999,999.
type instant struct{ sec, nsec int64 }

// float returns the Unix seconds, correctly rounded between the years 1678 and
// 2262.
func (t instant) float() float64 {
	const limit = (1<<63 - 1) / 1_000_000_000
	switch {
	case t.sec >= limit || t.sec <= -limit:
		return float64(t.sec) + float64(t.nsec)/1e9
	case t.sec < 0:
		return -nanoseconds(uint64(-(t.sec*1e9 + t.nsec)))
	}
	return nanoseconds(uint64(t.sec*1e9 + t.nsec))
}

// parseRFC3339 reads a date and time such as 2026-11-25T01:28:00.5+01:00. It is
// as lenient as the producers are inventive: between date and time stands a "T",
// a "t" or a space; the fraction, behind a dot or comma, has any length; the
// offset comes with or without its colon; a leap second is the second after it.
func parseRFC3339(b []byte) (instant, bool) {
	if len(b) < len("2006-01-02T15:04:05Z") || b[4] != '-' || b[7] != '-' || b[13] != ':' || b[16] != ':' {
		return instant{}, false
	}
	if c := b[10]; c != 'T' && c != 't' && c != ' ' {
		return instant{}, false
	}
	century, ok1 := two(b, 0)
	year, ok2 := two(b, 2)
	month, ok3 := two(b, 5)
	day, ok4 := two(b, 8)
	hour, ok5 := two(b, 11)
	minute, ok6 := two(b, 14)
	second, ok7 := two(b, 17)
	year += 100 * century
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || month < 1 || month > 12 || day < 1 || day > daysIn(month, year) ||
		hour > 23 || minute > 59 || second > 60 {
		return instant{}, false
	}
	t := instant{sec: days(year, month, day)*86400 + hour*3600 + minute*60 + second}
	i := 19
	if b[i] == '.' || b[i] == ',' {
		from := i + 1
		for unit := int64(1e8); ; unit /= 10 {
			if i++; i == len(b) {
				return instant{}, false // no offset
			}
			if b[i]-'0' > 9 {
				break
			}
			t.nsec += int64(b[i]-'0') * unit
		}
		if i == from {
			return instant{}, false
		}
	}
	offset, ok := offset(b[i:])
	t.sec -= offset
	return t, ok
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
