package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// id is that of a stream's entry: a time in Unix milliseconds, and a number that
// tells entries of one millisecond apart.
type id struct{ ms, seq uint64 }

// after returns the id of the next entry of a stream: that of its own time, or,
// where that would go back, the next one after the last. The same log gives the
// same ids whenever it is exported.
func (last id) after(ms uint64) id {
	if ms > last.ms {
		return id{ms, 0}
	}
	return id{last.ms, last.seq + 1}
}

func (a id) less(b id) bool { return a.ms < b.ms || a.ms == b.ms && a.seq < b.seq }

func (a id) String() string { return string(a.append(nil)) }

func (a id) append(dst []byte) []byte {
	dst = strconv.AppendUint(dst, a.ms, 10)
	return strconv.AppendUint(append(dst, '-'), a.seq, 10)
}

func parseID(text string) (id, error) {
	ms, seq, _ := strings.Cut(text, "-")
	a, err := strconv.ParseUint(ms, 10, 64)
	if err == nil && seq != "" {
		b, err := strconv.ParseUint(seq, 10, 64)
		return id{a, b}, err
	}
	if err != nil {
		return id{}, fmt.Errorf("read stream id %q: %w", text, err)
	}
	return id{a, 0}, nil
}

// millis returns the millisecond in which a time in Unix seconds lies, and 0 for
// one before 1970. A float64 is not exact: 1.001 seconds are just below their
// millisecond, so that the nearest microsecond decides.
func millis(seconds float64) uint64 {
	return uint64(math.Round(max(seconds, 0)*1e6)) / 1000
}
