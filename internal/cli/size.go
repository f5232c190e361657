package cli

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Size is a number of bytes, never negative.
//
// Written as a plain number of bytes (1048576), or with a unit: B; kB, MB, GB,
// TB, PB, EB are powers of 1000; KiB, MiB, GiB, TiB, PiB, EiB (or Ki, Mi, …)
// are powers of 1024. Fractions are allowed with a unit if they make whole
// bytes (1.5GiB). What can be read in two ways is refused: 10K and 10M (1000 or
// 1024?), 10Mb (bits?), 1,000 and 1e6.
type Size int64

// sizeUnits is in order of what String tries: the largest unit that fits
// exactly is used.
var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"EiB", 1 << 60}, {"EB", 1e18},
	{"PiB", 1 << 50}, {"PB", 1e15},
	{"TiB", 1 << 40}, {"TB", 1e12},
	{"GiB", 1 << 30}, {"GB", 1e9},
	{"MiB", 1 << 20}, {"MB", 1e6},
	{"KiB", 1 << 10}, {"kB", 1e3},
}

// ParseSize reads a size as documented at Size.
func ParseSize(s string) (Size, error) {
	text := strings.TrimSpace(s)
	number, unit, err := splitNumber(text)
	if err != nil {
		return 0, fmt.Errorf("bad size %q: %w", s, err)
	}
	unit = strings.TrimPrefix(unit, " ")
	if unit == "" && strings.Contains(number, ".") {
		return 0, fmt.Errorf("bad size %q: a fraction requires a unit, like 1.5GiB", s)
	}
	scale, err := sizeUnit(unit)
	if err != nil {
		return 0, fmt.Errorf("bad size %q: %w", s, err)
	}
	n, exact, ok := scaled(number, scale)
	switch {
	case !exact:
		return 0, fmt.Errorf("bad size %q: not a whole number of bytes", s)
	case !ok:
		return 0, fmt.Errorf("bad size %q: too large (at most %d bytes)", s, int64(math.MaxInt64))
	}
	return Size(n), nil
}

// sizeUnit is the number of bytes in a unit.
func sizeUnit(unit string) (int64, error) {
	switch unit {
	case "", "B", "b":
		return 1, nil
	}
	if len(unit) == 1 && strings.Contains("kmgtpe", strings.ToLower(unit)) {
		p := strings.ToUpper(unit)
		return 0, fmt.Errorf("%s can be read in two ways: write %sB (powers of 1000) or %siB (powers of 1024)", unit, p, p)
	}
	if len(unit) == 2 && strings.Contains("KMGTPE", unit[:1]) && unit[1] == 'b' {
		p := unit[:1]
		return 0, fmt.Errorf("%s can be read as bits: write %sB (powers of 1000) or %siB (powers of 1024)", unit, p, p)
	}
	for _, u := range sizeUnits {
		if strings.EqualFold(unit, u.name) || len(u.name) == 3 && strings.EqualFold(unit, u.name[:2]) {
			return u.bytes, nil
		}
	}
	return 0, fmt.Errorf("unknown unit %q (one of B, kB, KiB, MB, MiB, GB, GiB, TB, TiB)", unit)
}

// String is the shortest exact spelling, which ParseSize reads back: 100MiB,
// 1GB, 1234567.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// Understood is what a report prints back: 100MiB (104857600 bytes).
func (s Size) Understood() string {
	if text := s.String(); text != strconv.FormatInt(int64(s), 10) {
		return fmt.Sprintf("%s (%d bytes)", text, int64(s))
	}
	return fmt.Sprintf("%d bytes", int64(s))
}

// UnmarshalText is ParseSize for flags and settings.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// scaled multiplies a number of [splitNumber] by a scale of at most 2^60,
// rounded down. It reports whether nothing was cut off, and whether the product
// is an int64.
func scaled(number string, scale int64) (n int64, exact, ok bool) {
	whole, fraction, _ := strings.Cut(number, ".")
	exact = true
	// As on paper, from the last digit on; 9 * 2^60 and what is carried fit.
	var carry uint64
	for i := len(fraction) - 1; i >= 0; i-- {
		product := uint64(fraction[i]-'0')*uint64(scale) + carry
		exact = exact && product%10 == 0
		carry = product / 10
	}
	units, err := strconv.ParseInt(whole, 10, 64)
	if high, low := bits.Mul64(uint64(units), uint64(scale)); err == nil && high == 0 && low <= math.MaxInt64-carry {
		return int64(low + carry), exact, true
	}
	return 0, exact, false
}

// splitNumber cuts a text into its leading decimal number, digits with at most
// one point between digits, and the rest.
func splitNumber(s string) (number, rest string, err error) {
	switch {
	case s == "":
		return "", "", fmt.Errorf("empty")
	case s[0] == '-':
		return "", "", fmt.Errorf("negative")
	}
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	number, rest = s[:i], s[i:]
	if number == "" {
		return "", "", fmt.Errorf("does not start with a digit")
	}
	if strings.Count(number, ".") > 1 || number[0] == '.' || number[i-1] == '.' {
		return "", "", fmt.Errorf("not a number: %q", number)
	}
	// A million digits would be read correctly, slowly.
	if len(number) > 40 {
		return "", "", fmt.Errorf("too many digits")
	}
	if rest != "" && (rest[0] == ',' || rest[0] == '_' || rest[0] == '\'') {
		return "", "", fmt.Errorf("separators between digits are not allowed")
	}
	return number, rest, nil
}
