package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	pieceBytes = 8 << 20  // a piece ends at the last newline within, unless one line is longer
	scanBytes  = 64 << 10 // how much is read at once to look for newlines and NULs
)

// carrier brings what writers append to one inode over to the other: from the
// old to the new one, or back. Each piece is whole lines.
type carrier struct {
	fs      FS
	j       *journal // nil: not journaled (no exchange, or its fsync failed)
	src     File
	dst     File                 // nil until the first piece, if openDst is set
	openDst func() (File, error) // opens dst for writing
	back    bool
	from    int64   // everything before this offset of src is in dst, or is not to go there
	skip    []place // regions of src that came from dst, in order of At (back only)
	dstEnd  int64   // where the last piece ended in dst
	carried int64   // bytes
	placed  []place // what this carrier put where
	bugs    bugs
}

// all carries everything there is by now; if whole, only up to the last newline.
func (c *carrier) all(whole bool) error {
	for {
		more, err := c.piece(whole)
		if err != nil {
			return fmt.Errorf("carry over what was appended: %w", err)
		}
		if !more {
			return nil
		}
	}
}

// piece carries the next piece and reports whether there was one.
func (c *carrier) piece(whole bool) (bool, error) {
	from, to, err := c.next(whole)
	if err != nil || from == to {
		return false, err
	}
	if c.dst == nil {
		if c.dst, err = c.openDst(); err != nil {
			return false, err
		}
	}
	if err := c.put(from, to); err != nil {
		return false, err
	}
	c.from = to
	c.carried += to - from
	return true, nil
}

// next finds the next range of src to carry; from == to if there is none.
func (c *carrier) next(whole bool) (from, to int64, err error) {
	info, err := c.src.Stat()
	if err != nil {
		return 0, 0, err
	}
	limit := info.Size
	if c.back {
		if limit, err = c.foreign(limit); err != nil {
			return 0, 0, err
		}
	}
	if c.from >= limit {
		return c.from, c.from, nil
	}
	if limit-c.from > pieceBytes {
		cut, err := lastNewline(c.src, c.from, c.from+pieceBytes)
		if err == nil && cut < 0 {
			cut, err = firstNewline(c.src, c.from+pieceBytes, limit)
		}
		if err != nil || cut >= 0 {
			return c.from, cut + 1, err
		}
	}
	cut, err := lastNewline(c.src, c.from, limit)
	if err != nil {
		return 0, 0, err
	}
	switch {
	case cut >= 0:
		return c.from, cut + 1, nil
	case whole && limit == info.Size: // an unfinished line at the end may still grow
		return c.from, c.from, nil
	}
	return c.from, limit, nil
}

// foreign moves from past what came from dst itself and past NULs (room that
// was reserved and never used), and returns where the foreign bytes end.
func (c *carrier) foreign(size int64) (limit int64, err error) {
	for {
		start := c.from
		for len(c.skip) > 0 && c.skip[0].start() <= c.from {
			c.from = max(c.from, c.skip[0].end())
			c.skip = c.skip[1:]
		}
		limit = size
		if len(c.skip) > 0 {
			limit = min(limit, c.skip[0].start())
		}
		if c.from < limit {
			run, err := nulRun(c.src, c.from, limit)
			if err != nil {
				return 0, err
			}
			c.from += run
		}
		if c.from == start {
			return limit, nil
		}
	}
}

// put makes room for src[from:to] at the end of dst, records where, and fills it.
func (c *carrier) put(from, to int64) error {
	newline, err := c.needsNewline()
	if err != nil {
		return err
	}
	room := to - from
	if newline {
		room++
	}
	at, got, err := c.dst.Reserve(room)
	if err != nil && got == 0 {
		return err
	}
	if err != nil {
		// It cannot be cut off again, since others append too.
		return errors.Join(err, blank(c.dst, at, at+got))
	}
	if newline {
		at++
	}
	p := place{Back: c.back, From: from, To: to, At: at, Newline: newline}
	if c.j != nil && !c.bugs.noPlace {
		if err := c.j.add(p); err != nil {
			return err
		}
	}
	c.dstEnd = p.end()
	c.placed = append(c.placed, p)
	if newline {
		if err := blank(c.dst, at-1, at); err != nil {
			return err
		}
	}
	return fill(c.src, c.dst, p)
}

// needsNewline reports whether somebody appended an unfinished line to dst
// after our last piece, which must not run into the next one. What follows our own
// last piece directly is joined to it as it was in src.
func (c *carrier) needsNewline() (bool, error) {
	info, err := c.dst.Stat()
	if err != nil || info.Size == c.dstEnd || info.Size == 0 {
		return false, err
	}
	ended, err := endsLine(c.fs, c.dst)
	return !ended, err
}

// fill puts the bytes of one recorded piece in place. A byte that is there already
// stays: after a power loss dst may have what src lost.
func fill(src, dst File, p place) error {
	buf, old := make([]byte, scanBytes), make([]byte, scanBytes)
	for off := p.From; off < p.To; {
		n := min(int64(len(buf)), p.To-off)
		clear(buf[:n])
		clear(old[:n])
		if _, err := src.ReadAt(buf[:n], off); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		at := p.At + off - p.From
		if _, err := dst.ReadAt(old[:n], at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		changed := false
		for i, b := range old[:n] {
			switch {
			case b != 0:
				buf[i] = b
			case buf[i] != 0:
				changed = true
			}
		}
		if changed {
			if _, err := dst.WriteAt(buf[:n], at); err != nil {
				return err
			}
		}
		off += n
	}
	return nil
}

// blank makes blank lines of room that is not used.
func blank(dst File, from, to int64) error {
	lines := bytes.Repeat([]byte{'\n'}, int(max(0, min(to-from, scanBytes))))
	for from < to {
		n, err := dst.WriteAt(lines[:min(int64(len(lines)), to-from)], from)
		if err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}

// lastNewline returns the offset of the last newline in f[from:to], or -1.
func lastNewline(f io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, max(0, min(scanBytes, to-from)))
	for to > from {
		b := buf[:min(int64(len(buf)), to-from)]
		if _, err := f.ReadAt(b, to-int64(len(b))); err != nil {
			return -1, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return to - int64(len(b)) + int64(i), nil
		}
		to -= int64(len(b))
	}
	return -1, nil
}

// firstNewline returns the offset of the first newline in f[from:to], or -1.
func firstNewline(f io.ReaderAt, from, to int64) (int64, error) {
	return find(f, from, to, func(b []byte) int { return bytes.IndexByte(b, '\n') })
}

// nulRun returns how many NUL bytes f[from:to] begins with.
func nulRun(f io.ReaderAt, from, to int64) (int64, error) {
	end, err := find(f, from, to, func(b []byte) int {
		return bytes.IndexFunc(b, func(r rune) bool { return r != 0 })
	})
	if end < 0 {
		end = to
	}
	return end - from, err
}

// findNUL returns the offset of the first NUL in f[from:to], or -1.
func findNUL(f io.ReaderAt, from, to int64) (int64, error) {
	return find(f, from, to, func(b []byte) int { return bytes.IndexByte(b, 0) })
}

func find(f io.ReaderAt, from, to int64, index func([]byte) int) (int64, error) {
	buf := make([]byte, max(0, min(scanBytes, to-from)))
	for from < to {
		b := buf[:min(int64(len(buf)), to-from)]
		if _, err := f.ReadAt(b, from); err != nil {
			return -1, err
		}
		if i := index(b); i >= 0 {
			return from + int64(i), nil
		}
		from += int64(len(b))
	}
	return -1, nil
}
