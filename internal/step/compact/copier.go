package compact

import (
	"fmt"
	"io"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
)

// smallRange is below which length a range is copied through memory, together
// with its neighbours, instead of by a call of its own.
const smallRange = 64 << 10

// copier copies ranges of a log, in order, to the file that takes its place.
type copier struct {
	log    io.ReaderAt
	size   int64
	out    *durable.Output
	copied func(n int64)
	buf    []byte
	at     int64 // where in the log buf is from
}

func newCopier(s *durable.Session, out *durable.Output, copied func(int64)) *copier {
	return &copier{log: s, size: s.Size(), out: out, copied: copied}
}

func (c *copier) add(r selection.Range) error {
	n := r.To - r.From
	c.copied(n)
	if n >= smallRange {
		return c.out.CopyRange(r.From, n)
	}
	if r.From < c.at || r.To > c.at+int64(len(c.buf)) {
		if c.buf == nil {
			c.buf = make([]byte, 4*smallRange)
		}
		c.buf = c.buf[:min(int64(cap(c.buf)), c.size-r.From)]
		c.at = r.From
		if _, err := c.log.ReadAt(c.buf, c.at); err != nil {
			return fmt.Errorf("read log at byte %d: %w", c.at, err)
		}
	}
	_, err := c.out.Write(c.buf[r.From-c.at : r.To-c.at])
	return err
}
