package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Count is a whole number of things, never negative.
type Count int64

// UnmarshalText reads decimal digits and nothing else.
func (c *Count) UnmarshalText(text []byte) error {
	trimmed := strings.TrimSpace(string(text))
	n, err := strconv.ParseUint(trimmed, 10, 63)
	switch {
	case err == nil:
		*c = Count(n)
		return nil
	case strings.HasPrefix(trimmed, "-"):
		return fmt.Errorf("bad number %q: negative", text)
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("bad number %q: too large", text)
	default:
		return fmt.Errorf("bad number %q: want digits only", text)
	}
}

// String is the number in decimal digits.
func (c Count) String() string { return strconv.FormatInt(int64(c), 10) }
