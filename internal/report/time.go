package report

import "time"

// Time is the moment of so many Unix seconds, and whether it has a date in the
// years 1 to 9999.
func Time(seconds float64) (time.Time, bool) {
	const year1, year10000 = -62135596800, 253402300800
	if !(seconds >= year1 && seconds < year10000) {
		return time.Time{}, false
	}
	whole := int64(seconds)
	return time.Unix(whole, int64((seconds-float64(whole))*1e9)), true
}
