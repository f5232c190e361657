package durable

import (
	"errors"
	"io"
)

// resume completes what a killed run had begun to carry: it puts the bytes of every
// recorded piece in place again, which changes nothing where they are there
// already, and uses up room that was announced but has no place recorded.
//
// placed are the recorded pieces, in the order in which they were recorded. lost says
// that the journal may have lost its last records, for the power was lost.
func (c *carrier) resume(placed []place, r *room, lost bool) error {
	for _, p := range placed {
		if err := c.again(p); err != nil {
			return err
		}
		c.from = max(c.from, p.To)
		c.dstEnd, c.open = p.end(), false
	}
	if lost && !c.back {
		if err := c.unrecorded(); err != nil {
			return err
		}
	}
	if r != nil {
		return c.useRoom(*r)
	}
	return nil
}

// unrecorded finds what was brought over while writers waited, without an fsync, and of which the power loss took
// the record: it follows the last piece, and is what src has next, or NULs where a sector was lost.
func (c *carrier) unrecorded() error {
	p, over, err := c.doubled()
	if err != nil || p.To == p.From && over == 0 {
		return err
	}
	// First, or the rest of a line would come back once it has another place.
	if err := blank(c.dst, p.end(), p.end()+over); err != nil {
		return err
	}
	if err := c.dst.Sync(); err != nil {
		return err
	}
	if p.To > p.From {
		if err := c.fillPlace(p); err != nil {
			return err
		}
		c.carried += p.To - p.From
		c.from = p.To
	}
	return nil
}

// doubled returns the place of whole lines that stand behind the last piece and are what src has
// next, and how many bytes follow that are nothing: NULs, or the beginning of a line at the very end.
func (c *carrier) doubled() (p place, over int64, err error) {
	dst, err := c.dst.Stat()
	if err != nil {
		return p, 0, err
	}
	src, err := c.src.Stat()
	if err != nil {
		return p, 0, err
	}
	p = place{From: c.from, To: c.from, At: c.dstEnd, Newline: c.open}
	if c.open {
		p.At++
	}
	if src.Size > c.from && dst.Size > p.At {
		p.To = src.Size
		fit, err := c.fitting(p, min(p.end(), dst.Size))
		if err != nil {
			return p, 0, err
		}
		if p.At+fit == dst.Size {
			over = fit
		}
		cut, err := lastNewline(c.src, p.From, p.From+fit)
		if err != nil {
			return p, 0, err
		}
		p.To = max(p.From, cut+1)
	}
	if p.To == p.From {
		p.At, p.Newline = c.dstEnd, false
	}
	if over > 0 {
		return p, dst.Size - p.end(), nil
	}
	over, err = nulRun(c.dst, p.end(), dst.Size)
	return p, max(over, 0), err
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

// useRoom looks for the room that was announced: NULs at or after that place, as many, or fewer at the very
// end. As many whole lines as fit go there; what is over becomes blank lines.
func (c *carrier) useRoom(r room) error {
	at, n, err := findRoom(c.dst, r)
	if err != nil || n == 0 {
		return err
	}
	src, err := c.src.Stat()
	if err != nil {
		return err
	}
	p := place{Back: c.back, From: c.from, At: at, Into: c.into}
	if at > 0 && (at != c.dstEnd || c.open) {
		last := make([]byte, 1)
		if _, err := c.dst.ReadAt(last, at-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			p.Newline = true
			p.At++
		}
	}
	if p.To, err = c.fits(at+n-p.At, src.Size); err != nil {
		return err
	}
	if p.To > p.From {
		if err := c.endLineBefore(p.start()); err != nil {
			return err
		}
		if err := c.fillPlace(p); err != nil {
			return err
		}
		c.carried += p.To - p.From
		c.from = p.To
		at, n = p.end(), at+n-p.end()
	}
	return blank(c.dst, at, at+n)
}

// findRoom returns where the NULs of an announced room are; n is 0 if they are not there.
func findRoom(dst File, r room) (at, n int64, err error) {
	info, err := dst.Stat()
	if err != nil {
		return 0, 0, err
	}
	for at = r.After; at < info.Size; {
		if at, err = findNUL(dst, at, info.Size); err != nil || at < 0 {
			return 0, 0, err
		}
		run, err := nulRun(dst, at, info.Size)
		switch {
		case err != nil:
			return 0, 0, err
		case run >= r.Bytes: // what was lost before it counts as NULs too
			return at + run - r.Bytes, r.Bytes, nil
		case at+run == info.Size:
			return at, run, nil
		}
		at += run
	}
	return 0, 0, nil
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
