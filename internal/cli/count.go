package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Count is a whole number of things, never negative.
type Count int64

// ParseCount reads decimal digits and nothing else.
func ParseCount(s string) (Count, error) {
	text := strings.TrimSpace(s)
	n, err := strconv.ParseUint(text, 10, 63)
	switch {
	case err == nil:
		return Count(n), nil
	case strings.HasPrefix(text, "-"):
		return 0, fmt.Errorf("bad number %q: negative", s)
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("bad number %q: too large", s)
	default:
		return 0, fmt.Errorf("bad number %q: want digits only", s)
	}
}

// String is the number in decimal digits.
func (c Count) String() string { return strconv.FormatInt(int64(c), 10) }

// UnmarshalText is ParseCount for flags and settings.
func (c *Count) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCount(string(text))
	return err
}
