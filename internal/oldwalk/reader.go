package oldwalk

import (
	"bytes"
	"errors"
	"io"

	"github.com/papyra-tools/papyra/pkg/record"
)

// DefaultBlockBytes is how much of a source is worked on at a time: 128 KiB.
// Larger ones are no faster, and what is noted of a block of nothing but
// damaged two-byte lines takes many times its size.
const DefaultBlockBytes = 128 << 10

// ReaderOptions bound a Reader. The zero value means the defaults.
type ReaderOptions struct {
	// BlockBytes is the size of a block; 0 means DefaultBlockBytes. A line
	// longer than that gets a block of its own.
	BlockBytes int
	// MaxLineBytes is the longest line, without its newline, that is held in
	// memory; 0 means record.DefaultMaxLineBytes.
	MaxLineBytes int
	// Offset is where in the log the text of the source begins. Blocks and
	// lines count from the start of the log, which the first line is only at 0.
	Offset int64
}

// Reader cuts a byte stream into blocks of whole lines. It never holds more
// than one block and the longest line allowed. It is not for concurrent use.
type Reader struct {
	src   io.Reader
	skip  holeSkipper
	live  bool // lines are handed on as they come
	block int
	max   int

	carry  []byte // bytes read that belong to the next block
	offset int64  // of carry[0] in the source
	after  bool   // carry follows a NUL run on its line
	// inOversized says that carry continues a line that is too long.
	inOversized bool
	err         error         // the end of the source: io.EOF or a failure
	acquire     func() []byte // waits for the one large buffer; see pool
}

// holeSkipper is a source that can pass over a hole without reading it.
type holeSkipper interface {
	// SkipHole moves the reading position to the end of the hole at it, and
	// returns how many NUL bytes it passed over; 0 if there is no hole there.
	SkipHole() int64
}

// liveSource is a source that may come in little by little.
type liveSource interface {
	// Live says that what has come is not to wait for more.
	Live() bool
}

// NewReader returns a reader of r.
func NewReader(r io.Reader, o ReaderOptions) *Reader {
	rd := &Reader{src: r, block: o.BlockBytes, max: o.MaxLineBytes, offset: o.Offset}
	if rd.block <= 0 {
		rd.block = DefaultBlockBytes
	}
	if rd.max <= 0 {
		rd.max = record.DefaultMaxLineBytes
	}
	rd.skip, _ = r.(holeSkipper)
	if s, ok := r.(liveSource); ok {
		rd.live = s.Live()
	}
	return rd
}

// Offset returns how many bytes of the source the blocks so far stand for.
func (r *Reader) Offset() int64 { return r.offset }

// Next fills b with the next block. It returns io.EOF after the last one.
//
// If the source fails, the whole lines before the failure still come as
// blocks, and then the error; a line that the failure cut off does not.
func (r *Reader) Next(b *Block) error {
	*b = Block{buf: b.buf, small: b.small, jumbo: b.jumbo, Offset: r.offset}
	if b.buf == nil {
		b.buf = make([]byte, r.block)
	}
	if len(r.carry) > len(b.buf) {
		r.grow(b, len(r.carry), 0)
	}
	n := copy(b.buf, r.carry)
	r.carry = r.carry[:0]
	if r.inOversized {
		if n = r.fill(b, n); n > 0 {
			return r.oversized(b, n)
		}
		r.inOversized = false
		return r.err
	}
	searched := 0 // buf[:searched] is known to hold no newline
	for {
		n = r.fill(b, n)
		text := b.buf[:n]
		if from, to := longNULRun(text); from == 0 && to > 0 {
			return r.nulRun(b, n, to)
		} else if to > 0 {
			return r.emit(b, n, from, true)
		}
		if i := bytes.LastIndexByte(text[searched:], '\n'); i >= 0 {
			if errors.Is(r.err, io.EOF) {
				return r.emit(b, n, n, false)
			}
			return r.emit(b, n, searched+i+1, false)
		}
		searched = n
		switch {
		case n > r.max && (r.err == nil || errors.Is(r.err, io.EOF)):
			return r.oversized(b, n)
		case errors.Is(r.err, io.EOF) && n > 0:
			return r.emit(b, n, n, false)
		case r.err != nil:
			r.offset += int64(n)
			return r.err
		}
		r.grow(b, min(4*len(b.buf), r.max+1), n)
	}
}

// fill reads until the buffer is full or the source has ended; from a live source
// until a line has come.
func (r *Reader) fill(b *Block, n int) int {
	idle := 0
	for n < len(b.buf) && r.err == nil {
		m, err := r.src.Read(b.buf[n:])
		n += m
		r.err = err
		if m > 0 {
			idle = 0
			if r.live && bytes.IndexByte(b.buf[n-m:n], '\n') >= 0 {
				break
			}
		} else if idle++; idle > 100 && err == nil {
			r.err = io.ErrNoProgress
		}
	}
	return n
}

// grow makes room for a line that is longer than a block.
func (r *Reader) grow(b *Block, size, used int) {
	bigger := b.buf
	if r.acquire != nil && !b.jumbo {
		bigger = r.acquire()
		b.jumbo, b.small = true, b.buf
	}
	if cap(bigger) < size {
		bigger = make([]byte, size)
	}
	bigger = bigger[:size]
	copy(bigger, b.buf[:used])
	b.buf = bigger
}

// emit makes the first end bytes of the buffer a block of lines and carries
// the rest.
func (r *Reader) emit(b *Block, n, end int, beforeNUL bool) error {
	b.Data = b.buf[:end]
	b.Length = int64(end)
	b.Terminated = end > 0 && b.Data[end-1] == '\n'
	if b.Offset == 0 {
		b.first |= record.First
	}
	if r.after {
		b.first |= record.AfterNUL
	}
	if beforeNUL && !b.Terminated {
		b.last |= record.BeforeNUL
	}
	r.carry = append(r.carry, b.buf[end:n]...)
	r.offset += int64(end)
	r.after = false
	return nil
}

// nulRun makes a block of the NUL bytes at the start of the buffer and all
// that follow.
func (r *Reader) nulRun(b *Block, n, to int) error {
	length := int64(to)
	for to == n && r.err == nil {
		if r.skip != nil {
			length += r.skip.SkipHole()
		}
		to = 0
		n = r.fill(b, 0)
		for to < n && b.buf[to] == 0 {
			to++
		}
		length += int64(to)
	}
	r.after = true
	if to < n && b.buf[to] == '\n' {
		to++
		length++
		b.Terminated, r.after = true, false
	}
	b.Kind, b.Length = NULRun, length
	r.carry = append(r.carry, b.buf[to:n]...)
	r.offset += length
	return nil
}

// oversized makes a block of a piece of a line that is too long to be held.
func (r *Reader) oversized(b *Block, n int) error {
	end := n
	if i := bytes.IndexByte(b.buf[:n], '\n'); i >= 0 {
		end = i + 1
		b.Terminated = true
	}
	b.Kind, b.Continues = Oversized, r.inOversized
	b.Data, b.Length = b.buf[:end], int64(end)
	r.carry = append(r.carry, b.buf[end:n]...)
	r.offset += int64(end)
	r.after = false
	r.inOversized = !b.Terminated
	return nil
}

// nulStride is how far apart the bytes are that are looked at for NUL runs. A
// run of NULRunMin bytes can't slip through, and healthy text costs one look in
// 4 KiB.
const nulStride = 4096

// longNULRun returns the first run of at least NULRunMin NUL bytes in text; 0, 0
// if there is none. A run that reaches the end of the text may go on behind it.
func longNULRun(text []byte) (from, to int) {
	for i := 0; i < len(text); i += nulStride {
		if text[i] != 0 {
			continue
		}
		from, to = i, i+1
		for from > 0 && text[from-1] == 0 {
			from--
		}
		for to < len(text) && text[to] == 0 {
			to++
		}
		if to-from >= NULRunMin {
			return from, to
		}
		i = to / nulStride * nulStride
	}
	return 0, 0
}
