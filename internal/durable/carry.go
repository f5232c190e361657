package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

const pieceBytes = 8 << 20 // a piece ends at the last newline within, unless one line is longer

// errSlow says that the time for which writers may be held up is over.
var errSlow = errors.New("what was appended could not be brought over in the time for which writers may wait")

// span is a range of bytes of one file.
type span struct{ from, to int64 }

// carrier brings what writers append to one inode over to the other: from the
// old to the new one, or back. Each piece is whole lines.
type carrier struct {
	fs       FS
	j        *journal // nil: not journaled (no exchange, or its fsync failed)
	src      File
	dst      File                 // nil until the first piece, if openDst is set
	openDst  func() (File, error) // opens dst for writing
	back     bool
	into     uint64        // inode of dst, where the journal does not know it otherwise
	from     int64         // everything before this offset of src is in dst, or is not to go there
	skip     []span        // regions of src that came from dst, or are nothing, in order
	dstEnd   int64         // where the last piece ended in dst
	open     bool          // dst ends within a line there, and src does not
	carried  int64         // bytes
	placed   []place       // what this carrier put where
	waste    []span        // room in dst that came to nothing
	held     bool          // a lease holds writers back: no fsync now
	deadline time.Time     // of what is done while they are; zero: none
	late     error         // why nothing may be carried any more
	patience time.Duration // how long somebody may take for the second half of a line
}

// all carries everything there is by now; if whole, only up to the last
// newline. It ends only when it has seen that there is nothing more, which a
// writer that is faster than the copying could put off for ever: while others
// wait, a deadline ends it.
func (c *carrier) all(whole bool) error {
	for {
		more, err := c.piece(whole)
		if err != nil {
			return fmt.Errorf("carry over what was appended: %w", err)
		}
		if !more {
			return nil
		}
		if !c.deadline.IsZero() && c.fs.Now().After(c.deadline) {
			return errSlow
		}
	}
}

// piece carries the next piece and reports whether there was one.
func (c *carrier) piece(whole bool) (bool, error) {
	from, to, err := c.next(whole)
	if err == nil && from < to {
		err = c.late
	}
	if err != nil || from == to {
		return false, err
	}
	if c.dst == nil {
		if c.dst, err = c.openDst(); err != nil {
			return false, err
		}
	}
	return true, c.put(from, to)
}

// next finds the next range of src to carry; from == to if there is none. A
// piece is at most pieceBytes long, or one line that is longer. It ends with a
// newline, or with src itself: half a line is carried only when nobody can
// finish it any more, which the caller knows (whole is false), or when what
// follows it came from dst.
func (c *carrier) next(whole bool) (from, to int64, err error) {
	info, err := c.src.Stat()
	if err != nil {
		return 0, 0, err
	}
	limit := c.foreign(info.Size)
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

// foreign moves from past what came from dst itself, and returns where the
// foreign bytes end.
func (c *carrier) foreign(size int64) int64 {
	for len(c.skip) > 0 && c.skip[0].from <= c.from {
		c.from = max(c.from, c.skip[0].to)
		c.skip = c.skip[1:]
	}
	if len(c.skip) > 0 {
		return min(size, c.skip[0].from)
	}
	return size
}

// put makes room for src[from:to] at the end of dst, records where, and fills
// it. Unless writers wait, both records are durable before what they are about
// is done; killed between two steps, this is what recovery finds:
//
//	announced    no room, or NULs that can only be ours: useRoom
//	reserved     the same
//	recorded     a place of NULs: again fills it
//	filled       a place that has its bytes already: again changes nothing
//
// Without the announcement recovery could not tell our NULs from those of a
// stranger, and without the record it would carry the piece a second time.
func (c *carrier) put(from, to int64) error {
	newline, end, err := c.lead()
	if err != nil {
		return err
	}
	n := to - from
	if newline {
		n++
	}
	if err := c.record(entry{Room: &room{Back: c.back, Bytes: n, After: end, Into: c.into}}); err != nil {
		return err
	}
	at, got, err := c.dst.Reserve(n)
	if err != nil {
		return c.giveUp(span{at, at + got}, err)
	}
	// Behind bytes of somebody else the lease is lost, and a place is not known
	// by what stands there.
	c.held = c.held && at == c.dstEnd
	if newline {
		at++
	}
	p := place{Back: c.back, From: from, To: to, At: at, Newline: newline, Into: c.into}
	if err := c.record(entry{Place: &p}); err != nil {
		return c.giveUp(span{p.start(), p.end()}, err)
	}
	return c.fillPlace(p)
}

// giveUp makes blank lines of room, which cannot be cut off again, since others
// append too. It is remembered as nothing, in case all of this has to be taken
// back.
func (c *carrier) giveUp(s span, err error) error {
	c.waste = append(c.waste, s)
	return errors.Join(err, blank(c.dst, s.from, s.to))
}

// fillPlace puts the bytes of a recorded place there.
func (c *carrier) fillPlace(p place) error {
	c.dstEnd, c.open = p.end(), false
	c.placed = append(c.placed, p)
	if p.Newline {
		if err := blank(c.dst, p.At-1, p.At); err != nil {
			return err
		}
	}
	if err := fill(c.src, c.dst, p); err != nil {
		return err
	}
	c.from = p.To
	c.carried += p.To - p.From
	return blank(c.dst, p.end(), p.end()+p.Over)
}

// record writes to the journal; durably, unless writers wait for it. What is
// not durable then is known after a power loss by where it stands: see
// unrecorded.
func (c *carrier) record(e entry) error {
	switch {
	case c.j == nil:
		return nil
	case c.held:
		return c.j.note(e)
	}
	return c.j.add(e)
}

// lead says whether a newline has to come before the next piece, and where dst
// ends. What follows our own last piece directly is joined to it as it was in
// src. The unfinished line of somebody else is waited for: nothing may come
// between its halves.
//
// That nobody will finish it is proved by a lease, or by nobody being seen who
// has the file open, or the answer is errHeld and the next run tries again. The
// newline is ours, and part of the room: it is not there before the piece is.
func (c *carrier) lead() (newline bool, end int64, err error) {
	info, err := c.dst.Stat()
	if err != nil || info.Size == 0 {
		return false, 0, err
	}
	if info.Size == c.dstEnd {
		return c.open, info.Size, nil
	}
	deadline := c.fs.Now().Add(c.patience)
	for {
		ended, err := endsLine(c.fs, c.dst)
		if err == nil {
			info, err = c.dst.Stat()
		}
		if err != nil || ended {
			return false, info.Size, err
		}
		alone, err := c.alone()
		if err != nil || alone {
			return true, info.Size, err
		}
		if !c.fs.Now().Before(deadline) {
			if len(c.fs.Holders(info)) > 0 {
				return false, 0, errHeld
			}
			return true, info.Size, nil // nobody is seen who could finish it
		}
		c.fs.Sleep(lingerPoll)
	}
}

// alone reports whether it can be proved that nobody else has dst open. While a
// lease of ours is on dst it must not be asked: to take another one would
// replace that, and to let go would let the writers in.
func (c *carrier) alone() (bool, error) {
	if c.held {
		return false, nil
	}
	if c.dst.SetLease(WriteLease) != nil {
		return false, nil
	}
	_, err := c.dst.Unlease()
	return true, err
}

// fill puts the bytes of one recorded piece in place. A byte that is there
// already stays: after a power loss dst may have what src lost. A block in
// which nothing changes is not written, so that a second recovery dirties
// nothing.
func fill(src, dst File, p place) error {
	room := max(0, min(scanBytes, p.To-p.From))
	buf, old := make([]byte, room), make([]byte, room)
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

// rest finds the NULs that are left in the room behind a piece: a part of it may
// be blank lines already, or somebody else's after a power loss.
func (c *carrier) rest(p place) (span, error) {
	info, err := c.dst.Stat()
	if err != nil {
		return span{}, err
	}
	to := min(p.end()+p.Over, info.Size)
	at, err := find(c.dst, p.end(), to, func(b []byte) int {
		return bytes.IndexFunc(b, func(r rune) bool { return r != '\n' })
	})
	if err != nil || at < 0 {
		return span{}, err
	}
	n, err := nulRun(c.dst, at, to)
	return span{at, at + n}, err
}
