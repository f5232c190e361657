package stream

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/papyra-tools/papyra/pkg/record"
)

// cutter cuts the text of one file into blocks of whole lines, from its start
// on. It never holds more than one block and the longest line allowed.
type cutter struct {
	ctx   context.Context
	src   io.Reader
	hole  interface{ skipHole() int64 } // nil if src knows nothing of holes
	block int
	max   int
	live  bool
	first record.Position // of the next line
	// last decides about an unterminated rest that starts at an offset: whether
	// it is left out. It is nil where such a rest is a line like any other.
	last func(offset int64) (leftOut bool, err error)
	// openEnd reports whether the line that is read past an offset never ends.
	openEnd func(offset int64) (bool, error)
	acquire func() []byte // waits for the one large buffer; see pool

	carry  []byte // bytes read that belong to the next block
	offset int64  // of carry[0] in the log
	long   longLine
	within bool // carry continues a line that comes in pieces
	err    error
}

// next fills b with the next block. It returns io.EOF after the last one.
//
// If the source fails, the whole lines before the failure still come as
// blocks, and then the error; a line that the failure cut off does not.
func (c *cutter) next(b *Block) error {
	b.reset(c.offset, c.block)
	b.Live = c.live
	if len(c.carry) > len(b.buf) {
		b.grow(len(c.carry), 0, c.acquire)
	}
	n := copy(b.buf, c.carry)
	c.carry = c.carry[:0]
	if c.within {
		return c.piece(b, c.fill(b, n))
	}
	for searched := 0; ; { // buf[:searched] is known to hold no newline
		n = c.fill(b, n)
		if i := bytes.LastIndexByte(b.buf[searched:n], '\n'); i >= 0 {
			end := searched + i + 1
			if errors.Is(c.err, io.EOF) && end < n {
				return c.rest(b, n, end)
			}
			return c.emit(b, n, end)
		}
		if n == 0 && c.err != nil {
			return c.err
		}
		if errors.Is(c.err, io.EOF) && n <= c.max {
			return c.rest(b, n, 0)
		}
		if c.err != nil && !errors.Is(c.err, io.EOF) {
			b.take(n)
			c.offset += b.Length
			return c.err
		}
		n = c.cut(b, searched, n)
		if n > c.max {
			return c.piece(b, n)
		}
		if searched = n; n == len(b.buf) {
			b.grow(min(4*n, c.max+1), n, c.acquire)
		}
	}
}

// cut leaves out what is too much of runs of NUL bytes in buf[from:n].
func (c *cutter) cut(b *Block, from, n int) int {
	n = b.elide(from, n)
	if c.hole != nil && n > 0 && b.buf[n-1] == 0 && b.endsLong(n) {
		b.leaveOut(n, c.hole.skipHole())
	}
	return n
}

// fill reads until the buffer is full or the source has ended; from a live
// source until a line has come.
func (c *cutter) fill(b *Block, n int) int {
	for idle := 0; n < len(b.buf) && c.err == nil; {
		if err := c.ctx.Err(); err != nil {
			c.err = err
			return n
		}
		m, err := c.src.Read(b.buf[n:])
		n += m
		if c.err = err; err != nil {
			c.err = cmp.Or(c.ctx.Err(), err) // which may be why the read ended
		}
		if m > 0 {
			idle = 0
			if c.live && bytes.IndexByte(b.buf[n-m:n], '\n') >= 0 {
				break
			}
		} else if idle++; idle > 100 && err == nil {
			c.err = io.ErrNoProgress
		}
	}
	return n
}

// emit makes the first end bytes of the buffer a block of lines and carries
// the rest.
func (c *cutter) emit(b *Block, n, end int) error {
	b.take(end)
	b.first = c.first
	c.first = 0
	c.carry = append(c.carry, b.buf[end:n]...)
	c.offset += b.Length
	return nil
}

// rest ends the text with a block whose line from start on lacks its newline.
func (c *cutter) rest(b *Block, n, start int) error {
	if c.last != nil {
		leftOut, err := c.last(b.Offset(start))
		if err != nil {
			return err
		}
		if leftOut {
			n = start
		}
		if n == 0 {
			return io.EOF
		}
	}
	return c.emit(b, n, n)
}

// piece makes a block of a piece of a line that is too long to be held.
func (c *cutter) piece(b *Block, n int) error {
	if n == 0 && !errors.Is(c.err, io.EOF) {
		return c.err
	}
	if !c.within {
		c.long = longLine{start: c.offset}
		if leftOut, err := c.longRest(b, n); err != nil || leftOut {
			return cmp.Or(err, io.EOF)
		}
	}
	end := n
	if i := bytes.IndexByte(b.buf[:n], '\n'); i >= 0 {
		end = i + 1
	}
	c.carry = append(c.carry, b.buf[end:n]...)
	if end == n {
		end = c.cut(b, 0, n)
	} else {
		end = b.elide(0, end)
	}
	b.take(end)
	b.Piece, b.Continues, b.first = true, c.within, c.first
	c.long.length += b.Length
	c.within = !b.Terminated && n > 0
	if !c.within {
		if c.long.ended = true; b.Terminated {
			c.long.length--
		}
		c.first = 0
	}
	b.long = c.long
	c.offset += b.Length
	return nil
}

// longRest decides about an unterminated rest that is too long to be held.
func (c *cutter) longRest(b *Block, n int) (leftOut bool, err error) {
	if c.last == nil || bytes.IndexByte(b.buf[:n], '\n') >= 0 {
		return false, nil
	}
	b.take(n)
	open, err := c.openEnd(c.offset + b.Length)
	if err != nil || !open {
		return false, err
	}
	return c.last(c.offset)
}
