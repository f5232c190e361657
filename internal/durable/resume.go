package durable

import (
	"errors"
	"io"
)

// resume completes what a killed run had begun to carry: it puts the bytes of every
// recorded piece in place again, which changes nothing where they are there
// already, and uses up room that was made but not recorded.
//
// placed are the recorded pieces, in the order in which they were recorded; bound is an
// offset of dst before which no room can be.
func (c *carrier) resume(placed []place, bound int64) error {
	for _, p := range placed {
		if err := c.again(p); err != nil {
			return err
		}
		c.from = max(c.from, p.To)
		bound = max(bound, p.end())
		c.dstEnd = p.end()
	}
	return c.useRoom(bound)
}

// again repeats one recorded piece. After a power loss dst may have lost the room for it, or a
// part of the room, and others may have appended there since: what of the piece is
// not, and cannot be put, in its place goes to the end, with a record that supersedes the first.
func (c *carrier) again(p place) error {
	info, err := c.dst.Stat()
	if err != nil {
		return err
	}
	fit, err := c.fitting(p, min(p.end(), info.Size))
	if err != nil {
		return err
	}
	whole := p
	if fit < p.To-p.From {
		if whole.To, err = c.wholeWithin(p, fit); err != nil {
			return err
		}
	}
	if whole.To > p.From {
		if err := c.endLineBefore(p.At); err != nil {
			return err
		}
		if err := fill(c.src, c.dst, whole); err != nil {
			return err
		}
	}
	if whole.To == p.To {
		return nil
	}
	if fit > 0 && p.At+fit == info.Size {
		// A part of the piece at the very end: it must not come back once the rest has a new place.
		if err := blank(c.dst, whole.end(), info.Size); err != nil {
			return err
		}
	}
	// Also if an earlier recovery blanked it, and was killed before this.
	if err := c.dst.Sync(); err != nil {
		return err
	}
	src, err := c.src.Stat()
	if err != nil || src.Size <= whole.To {
		return err // lost on both sides: nobody had a promise for it
	}
	return c.put(whole.To, min(p.To, src.Size))
}

// wholeWithin returns up to where of the source the first fit bytes of a piece are whole lines. Either
// side may have lost some of them.
func (c *carrier) wholeWithin(p place, fit int64) (int64, error) {
	src, err := c.src.Stat()
	if err != nil {
		return 0, err
	}
	cut, err := lastNewline(c.src, p.From, min(p.From+fit, src.Size))
	if err != nil {
		return 0, err
	}
	there, err := lastNewline(c.dst, p.At, p.At+fit)
	if err != nil {
		return 0, err
	}
	return max(cut+1, there+1-p.At+p.From, p.From), nil
}

// fitting returns how many bytes of the piece, from its start, are in its place or could be put there:
// each byte before limit is the right one, or NUL.
func (c *carrier) fitting(p place, limit int64) (int64, error) {
	want, have := make([]byte, scanBytes), make([]byte, scanBytes)
	var fit int64
	for p.At+fit < limit {
		n := min(int64(len(want)), limit-p.At-fit)
		clear(want[:n])
		if _, err := c.src.ReadAt(want[:n], p.From+fit); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if _, err := c.dst.ReadAt(have[:n], p.At+fit); err != nil {
			return 0, err
		}
		for i, b := range have[:n] {
			if b != 0 && want[i] != 0 && b != want[i] {
				return fit + int64(i), nil
			}
		}
		fit += n
	}
	return fit, nil
}

// endLineBefore makes a newline of a NUL just before at: the end of somebody else's line that
// was lost in a power loss, and must not take our piece with it.
func (c *carrier) endLineBefore(at int64) error {
	if at == 0 {
		return nil
	}
	last := make([]byte, 1)
	if _, err := c.dst.ReadAt(last, at-1); err != nil {
		return err
	}
	if last[0] != 0 {
		return nil
	}
	return blank(c.dst, at-1, at)
}

// useRoom looks for NULs past bound, which no writer appends: room that was reserved when
// the run was killed. As many whole lines as fit go there; what is over becomes blank lines.
func (c *carrier) useRoom(bound int64) error {
	info, err := c.dst.Stat()
	if err != nil {
		return err
	}
	at, err := findNUL(c.dst, bound, info.Size)
	if err != nil || at < 0 {
		return err
	}
	run, err := nulRun(c.dst, at, info.Size)
	if err != nil {
		return err
	}
	src, err := c.src.Stat()
	if err != nil || src.Size <= c.from {
		return err // nothing to put there: these are somebody else's
	}
	p := place{Back: c.back, From: c.from, At: at}
	if at != c.dstEnd && at > 0 {
		last := make([]byte, 1)
		if _, err := c.dst.ReadAt(last, at-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			p.Newline = true
			p.At++
		}
	}
	if p.To, err = c.fits(at+run-p.At, src.Size); err != nil {
		return err
	}
	return c.fillRoom(p, at+run)
}

// fits returns up to where src goes into room bytes.
func (c *carrier) fits(room, size int64) (int64, error) {
	end := min(c.from+room, size)
	if end <= c.from || end == size && size-c.from == room {
		return max(end, c.from), nil
	}
	cut, err := lastNewline(c.src, c.from, end)
	if err != nil || cut < 0 {
		return c.from, err
	}
	return cut + 1, nil
}

func (c *carrier) fillRoom(p place, end int64) error {
	if p.To > p.From {
		if c.j != nil {
			if err := c.j.add(p); err != nil {
				return err
			}
		}
		if err := c.endLineBefore(p.At); err != nil {
			return err
		}
		if err := fill(c.src, c.dst, p); err != nil {
			return err
		}
		c.placed = append(c.placed, p)
		c.carried += p.To - p.From
		c.from, c.dstEnd = p.To, p.end()
	}
	return blank(c.dst, p.end(), end)
}
