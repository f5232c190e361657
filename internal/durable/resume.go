package durable

import (
	"errors"
	"io"
	"math"
)

// What every function here keeps, whatever the crash left and wherever it is
// killed itself:
//
//   - A line of src stands in dst once, or not yet. What may stand there
//     without a record is found first (unrecorded), or taken away (uproot), and
//     only then does the line get another place.
//   - A byte of dst that is neither NUL nor what the piece has there is
//     somebody else's. It is never written over: the piece goes elsewhere.
//   - What is taken away is durable before a new place is recorded. Otherwise a
//     second crash could bring it back beside the new one.
//   - Doing it again changes nothing: the next run may begin at the first step.

// resume completes what a killed run had begun to carry: it puts the bytes of
// every recorded piece in place again, which changes nothing where they are
// there already, and uses up room that was announced but has no place recorded.
//
// placed are the recorded pieces, in that order. lost says that the power was
// lost, and with it perhaps what the journal had last.
//
// A piece that does not fit its place any more ends that: from there on
// everything is carried anew, and gets a record that supersedes the old ones.
func (c *carrier) resume(placed []place, r *room, lost bool) error {
	whole := true
	for i := 0; i < len(placed) && whole; i++ {
		p := placed[i]
		there, err := c.again(p)
		if err != nil {
			return err
		}
		c.from = max(c.from, there)
		c.dstEnd, c.open = p.end(), false
		if whole = there == p.To; !whole {
			c.from = there
			if err := c.uproot(placed[i:]); err != nil {
				return err
			}
		}
	}
	if lost && !c.back && whole {
		if err := c.unrecorded(); err != nil {
			return err
		}
	}
	if r != nil {
		if err := c.useRoom(*r); err != nil {
			return err
		}
	}
	// At the end: after a power loss a later piece may be there instead.
	for _, p := range placed {
		rest, err := c.rest(p)
		if err == nil {
			err = blank(c.dst, rest.from, rest.to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unrecorded finds what was brought over while writers waited, without an
// fsync, and of which the power loss took the record: it follows the last
// piece, and is what src has next, or NULs where a sector was lost.
func (c *carrier) unrecorded() error {
	p, over, err := c.doubled()
	if err != nil {
		return err
	}
	// First, or the rest of a line would come back once it has another place.
	if err := blank(c.dst, p.end(), p.end()+over); err != nil {
		return err
	}
	if err := c.blankStanding(p, math.MaxInt64); err != nil {
		return err
	}
	if err := c.dst.Sync(); err != nil {
		return err
	}
	if p.To == p.From {
		return nil
	}
	return c.found(p)
}

// found records a place that was found, and puts its bytes there. If it cannot
// be recorded all stays as it is, and the next run finds it again.
func (c *carrier) found(p place) error {
	if err := c.record(entry{Place: &p}); err != nil {
		return err
	}
	return c.fillPlace(p)
}

// doubled returns the place of whole lines that stand behind the last piece and
// are what src has next, and how many bytes follow that are nothing: NULs, or
// the beginning of a line at the very end.
//
// It only looks. That is enough for a roll-back, which has to know what of the
// new file came from the old one, and the first step of a recovery that goes
// forward.
func (c *carrier) doubled() (p place, over int64, err error) {
	dst, err := c.dst.Stat()
	if err != nil {
		return p, 0, err
	}
	src, err := c.src.Stat()
	if err != nil {
		return p, 0, err
	}
	p = place{From: c.from, To: src.Size, At: c.dstEnd, Newline: c.open}
	if c.open {
		p.At++
	}
	if nul, err := findNUL(c.src, c.from, src.Size); err != nil {
		return p, 0, err
	} else if nul >= 0 { // lost there: it is like anything
		p.To = nul
	}
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
	if p.To == p.From {
		p.At, p.Newline = c.dstEnd, false
	}
	if over > 0 {
		return p, dst.Size - p.end(), nil
	}
	over, err = nulRun(c.dst, p.end(), dst.Size)
	return p, max(over, 0), err
}

// again repeats one recorded piece, and returns up to where of src it is in its
// place. After a power loss dst may have lost the room for it, or a part of the
// room, and others may have appended there since; or blocks hold something
// else.
//
// Of a piece that fits in part its whole lines stay, because a reader may have
// seen them there. A line that does not fit as a whole is not begun.
func (c *carrier) again(p place) (int64, error) {
	info, err := c.dst.Stat()
	if err != nil {
		return 0, err
	}
	fit, err := c.fitting(p, min(p.end(), info.Size))
	if err != nil {
		return 0, err
	}
	whole := p
	if fit < p.To-p.From {
		if whole.To, err = c.wholeWithin(p, fit); err != nil {
			return 0, err
		}
	}
	if whole.To > p.From {
		if err := c.endLineBefore(p.At); err != nil {
			return 0, err
		}
		if err := fill(c.src, c.dst, whole); err != nil {
			return 0, err
		}
	}
	if whole.To < p.To && fit > 0 && p.At+fit == info.Size {
		// A part of the piece at the very end: it must not come back once the
		// rest has a new place.
		if err := blank(c.dst, whole.end(), info.Size); err != nil {
			return 0, err
		}
	}
	return whole.To, nil
}

// uproot takes away what still stands of pieces from c.from on, and of those
// that were not recorded: it gets another place.
func (c *carrier) uproot(placed []place) error {
	for i, p := range placed {
		limit := p.To
		if i == len(placed)-1 {
			limit = math.MaxInt64
		}
		if err := c.blankStanding(place{From: p.From, To: max(p.From, c.from), At: p.At}, limit); err != nil {
			return err
		}
	}
	c.dstEnd, c.open = -1, false
	// Also if an earlier recovery blanked it, and was killed before this.
	return c.dst.Sync()
}

// standing finds whole lines of src, from where the piece p ends up to limit,
// that stand in dst where they would have come behind it: blocks between were
// lost, and hold something else.
//
// Pieces that were carried while writers waited follow each other in dst as
// they do in src, so that one distance, from p, tells where each line would be.
// Only a line that begins a line there counts, or the end of a stranger's
// longer line that happens to be the same would be taken away from him.
func (c *carrier) standing(p place, limit int64) (found []span, err error) {
	src, err := c.src.Stat()
	if err != nil {
		return nil, err
	}
	dst, err := c.dst.Stat()
	if err != nil {
		return nil, err
	}
	shift := p.At - p.From
	if c.open && p.At == c.dstEnd { // of an empty piece: what follows came behind a newline
		shift++
	}
	limit = min(limit, src.Size, dst.Size-shift)
	for from := p.To; from < limit; {
		end, err := firstNewline(c.src, from, limit)
		if err != nil || end < 0 {
			return found, err
		}
		line := place{From: from, To: end + 1, At: from + shift}
		fit, err := c.fitting(line, line.end())
		if err != nil {
			return found, err
		}
		lost, err := findNUL(c.src, line.From, line.To)
		if err != nil {
			return found, err
		}
		before, err := byteAt(c.dst, max(0, line.At-1)) // or it is the end of somebody else's
		if err != nil {
			return found, err
		}
		if fit == line.To-line.From && lost < 0 && before == '\n' {
			found = append(found, span{line.At, line.end()})
		}
		from = line.To
	}
	return found, nil
}

// blankStanding takes such lines away, since they get another place.
func (c *carrier) blankStanding(p place, limit int64) error {
	found, err := c.standing(p, limit)
	for _, s := range found {
		err = errors.Join(err, blank(c.dst, s.from, s.to))
	}
	return err
}

// wholeWithin returns up to where of the source the first fit bytes of a piece
// are whole lines. Either side may have lost some of them.
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

// fitting returns how many bytes of the piece, from its start, are in its place
// or could be put there: each byte before limit is the right one, or NUL. A NUL
// of src counts as any byte, since src may have lost in the same power loss
// what dst had been given before.
func (c *carrier) fitting(p place, limit int64) (int64, error) {
	room := max(0, min(scanBytes, limit-p.At))
	want, have := make([]byte, room), make([]byte, room)
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

// endLineBefore makes a newline of a NUL just before at: the end of somebody
// else's line that was lost in a power loss, and must not take our piece with
// it.
func (c *carrier) endLineBefore(at int64) error {
	if at == 0 {
		return nil
	}
	if last, err := byteAt(c.dst, at-1); err != nil || last != 0 {
		return err
	}
	return blank(c.dst, at-1, at)
}

// useRoom looks for the room that was announced: NULs at or after that place,
// as many, or fewer at the very end. As many whole lines as fit go there; what
// is over becomes blank lines, for NULs in a log are damage.
//
// Which bytes the room was for is not recorded. It need not be: src from c.from
// on has no other place yet, so that whatever fits is right.
func (c *carrier) useRoom(r room) error {
	at, n, err := findRoom(c.dst, r)
	if err != nil || n == 0 {
		return err
	}
	src, err := c.src.Stat()
	if err != nil {
		return err
	}
	limit := c.foreign(src.Size) // what came from dst has no room there
	p := place{Back: c.back, From: c.from, At: at, Into: c.into}
	if at > 0 && (at != c.dstEnd || c.open) {
		last, err := byteAt(c.dst, at-1)
		if err != nil {
			return err
		}
		if p.Newline = last != '\n'; p.Newline {
			p.At++
		}
	}
	if p.To, err = c.fits(at+n-p.At, limit); err != nil {
		return err
	}
	if p.To == p.From { // so only after a power loss
		return blank(c.dst, at, at+n)
	}
	p.Over = at + n - p.end()
	if err := c.endLineBefore(p.start()); err != nil {
		return err
	}
	return c.found(p)
}

// findRoom returns where the NULs of an announced room are; n is 0 if they are
// not there. A shorter run that does not end the file is somebody else's. Of a
// longer one the last NULs are ours: room is appended.
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

// fits returns up to where src goes into room bytes: whole lines, or all that
// src has if that is what the room was made for. The last line may be
// unfinished then.
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
