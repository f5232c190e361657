package cli

import (
	"fmt"
	"strings"
)

// Range is a part of a log: the lines that start at byte From or behind it and
// before byte To, which is 0 for the end of the log.
type Range struct{ From, To int64 }

// UnmarshalText reads A:B, both sizes; B may be left out.
func (r *Range) UnmarshalText(text []byte) error {
	a, b, ok := strings.Cut(string(text), ":")
	if !ok {
		return fmt.Errorf("bad range %q: want A:B, in bytes, or A: for the rest of the log", text)
	}
	from, err := ParseSize(a)
	if err != nil {
		return fmt.Errorf("bad range %q: %w", text, err)
	}
	to := Size(0)
	if b != "" {
		if to, err = ParseSize(b); err != nil {
			return fmt.Errorf("bad range %q: %w", text, err)
		}
		if to <= from {
			return fmt.Errorf("bad range %q: it ends before it begins", text)
		}
	}
	*r = Range{int64(from), int64(to)}
	return nil
}
