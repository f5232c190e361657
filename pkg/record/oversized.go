package record

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// exceeds reports whether a line exceeds the limit.
func (c *Checker) exceeds(line []byte) bool {
	return len(line) > c.maxLine && len(line)-uncounted(line) > c.maxLine
}

// uncounted is how much of a line does not count towards its length: of a run
// of NUL bytes, what goes beyond jsonscan.LongNULRun.
func uncounted(line []byte) (n int) {
	for {
		i := bytes.IndexByte(line, 0)
		if i < 0 {
			return n
		}
		line = line[i:]
		run := len(line) - len(bytes.TrimLeft(line, "\x00"))
		n += max(run-jsonscan.LongNULRun, 0)
		line = line[run:]
	}
}

// Oversized gives the verdict on a line that is longer than MaxLineBytes and
// so was not held.
func (c *Checker) Oversized(pos Position) Result {
	r := c.blank()
	r.decide(Set(0).With(OversizedLine), noReason, -1)
	return r
}
