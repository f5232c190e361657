package appender

import (
	"bytes"
	"slices"
)

// framer cuts what comes in into lines. It holds what was taken last, and at
// most one unfinished line up to the limit.
type framer struct {
	max   int // longest line that is held, without its newline
	buf   []byte
	start int   // of the line at hand
	seen  int   // no newline in buf[start:seen]
	line  int64 // number of the line at hand, from 1
	over  bool  // the line at hand is too long, and its beginning has been handed out
}

func newFramer(max int) *framer { return &framer{max: max, line: 1} }

// piece is a line, or a part of one that is too long to be held. It is valid
// until the next call of fill.
type piece struct {
	start, end int // in buf; end is behind the newline if there is one
	line       int64
	over       bool // the line is longer than the limit
	first      bool // of the pieces of a line
	last       bool
}

// fill makes room at the front and has take append to what is left.
func (f *framer) fill(take func([]byte) ([]byte, error)) error {
	f.reserve(len(f.buf) - f.start)
	var err error
	f.buf, err = take(f.buf)
	return err
}

// reserve moves the unfinished line to the front of a buffer that has room for
// what may come. The step to a large buffer is taken at most once or twice and
// never back, for each new one would be garbage beside the old one for a while.
func (f *framer) reserve(left int) {
	if cap(f.buf) < left+roomBytes {
		want := left + roomBytes
		if left > 0 {
			want = min(f.max, max(4*left, 32<<20)) + 2*roomBytes
		}
		f.buf = append(make([]byte, 0, want), f.buf[f.start:]...)
	} else if f.start > 0 {
		f.buf = f.buf[:copy(f.buf, f.buf[f.start:])]
	}
	f.seen -= f.start
	f.start = 0
}

// roomBytes is what comes at once, and some more for what is inserted.
const roomBytes = intakeBytes + 4<<10

// insert puts more at the index at of the piece that was returned last. It
// moves everything behind: it is for lines so long that a second buffer for
// them would be worse.
func (f *framer) insert(p *piece, at int, more []byte) {
	f.buf = slices.Insert(f.buf, at, more...)
	p.end += len(more)
	f.start += len(more)
	f.seen += len(more)
}

// remove undoes insert.
func (f *framer) remove(p *piece, at, n int) {
	f.buf = slices.Delete(f.buf, at, at+n)
	p.end -= n
	f.start -= n
	f.seen -= n
}

// next returns the next piece, or false if more must come first.
func (f *framer) next() (piece, bool) {
	i := bytes.IndexByte(f.buf[f.seen:], '\n')
	if i >= 0 {
		end := f.seen + i + 1
		p := piece{start: f.start, end: end, line: f.line, over: f.over || end-1-f.start > f.max, first: !f.over, last: true}
		f.start, f.seen, f.over = end, end, false
		f.line++
		return p, true
	}
	f.seen = len(f.buf)
	if len(f.buf)-f.start > f.max || f.over && len(f.buf) > f.start {
		p := piece{start: f.start, end: len(f.buf), line: f.line, over: true, first: !f.over}
		f.start, f.over = len(f.buf), true
		return p, true
	}
	return piece{}, false
}

// rest returns the unfinished last line, with a newline, once nothing follows
// it. Of a line that is too long only its end is left.
func (f *framer) rest() (piece, bool) {
	if f.over {
		f.over = false
		return piece{start: f.start, end: f.start, line: f.line, over: true, last: true}, true
	}
	if f.start == len(f.buf) {
		return piece{}, false
	}
	f.buf = append(f.buf, '\n')
	p := piece{start: f.start, end: len(f.buf), line: f.line, first: true, last: true}
	f.start, f.seen = p.end, p.end
	f.line++
	return p, true
}
