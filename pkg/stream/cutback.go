package stream

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/papyra-tools/papyra/pkg/record"
)

// ErrNeedForward says that a log cannot be walked backward, or not any further:
// it is a stream or compressed, or it holds a line that is longer than the
// limit or has a long run of NUL bytes. A walk forward is needed.
var ErrNeedForward = errors.New("this part of the log can only be read from its start")

// backCutter cuts one file into blocks of whole lines, from its end to its
// start. Within a block the lines stand in file order.
type backCutter struct {
	ctx     context.Context
	src     *source
	base    int64 // where the file starts in the log
	from    int64 // what is before is not read
	end     int64 // what is before end has not been delivered
	first   record.Position
	block   int
	max     int
	last    func(offset int64) (leftOut bool, err error) // see cutter
	acquire func() []byte
	wake    *wake
}

// next fills b with the block before the last one. It returns io.EOF after the
// block at the start of the file.
func (c *backCutter) next(b *Block) error {
	b.reset(0, c.block)
	for want := int64(c.block); ; {
		if c.end == c.from {
			c.wake.end()
			return io.EOF
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
		n := min(want, c.end-c.from)
		if int64(len(b.buf)) < n {
			b.grow(int(n), 0, c.acquire)
		}
		text := b.buf[:n]
		if m, err := c.src.at.ReadAt(text, c.end-n); m < len(text) {
			return readError(c.src.name, c.end-n+int64(m), err)
		}
		c.wake.read(c.end-n, c.end)
		start := 0
		if n < c.end-c.from {
			// The first line of the text began before it: leave it for later.
			// The byte before end ends a line, unless it is the last of all.
			i := bytes.IndexByte(text[:n-1], '\n')
			if i < 0 {
				if want > int64(c.max)+1 {
					return ErrNeedForward
				}
				want = min(8*want, int64(c.max)+2) // few steps: each one is read anew
				continue
			}
			start = i + 1
		}
		if text[n-1] != '\n' && c.last != nil {
			rest := bytes.LastIndexByte(text, '\n') + 1
			last := c.last
			c.last = nil
			leftOut, err := last(c.base + c.end - n + int64(rest))
			if err != nil {
				return err
			}
			if leftOut {
				c.end -= n - int64(rest)
				continue
			}
		}
		c.end -= n - int64(start)
		b.Data = text[start:]
		b.Length = int64(len(b.Data))
		b.Terminated = b.Data[len(b.Data)-1] == '\n'
		b.Start = c.base + c.end
		b.Line = -1
		if c.end == c.from {
			b.first = c.first
		}
		return nil
	}
}
