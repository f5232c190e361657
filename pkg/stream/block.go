package stream

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/jsonscan"
	"github.com/papyra-tools/papyra/pkg/record"
)

// DefaultBlockBytes is how much of a log is worked on at a time: 128 KiB.
// Larger ones are no faster, and what is noted of a block of nothing but
// damaged two-byte lines takes many times its size.
const DefaultBlockBytes = 128 << 10

// Block is a piece of a log that is worked on as a whole: whole lines, or a
// piece of a line that is too long to be held. Blocks follow each other without
// gap.
type Block struct {
	// Data holds the bytes of the block, newlines included; of a long run of
	// NUL bytes only the first 4 KiB: see Offset and Raw. It is valid until
	// Fold has returned.
	Data []byte
	// Start is where the block starts, in bytes from the start of the log.
	Start int64
	// Length is how many bytes of the log the block stands for.
	Length int64
	// Line is how many lines stand before the block, or -1 in a walk backward.
	Line int64
	// Lines is how many lines the block has: it counts one for the block in
	// which a line ends that is too long to be held.
	Lines int64
	// Piece says that the block is a piece of a line that is too long to be
	// held, and Continues that it is not the first one.
	Piece, Continues bool
	// Terminated says that the block ends with a newline.
	Terminated bool
	// Live says that the log is a stream: whoever waits for what the block
	// holds may be waiting now.
	Live bool

	gaps  []gap           // left out of Data, all within its first line
	first record.Position // of the first line
	long  longLine        // what is known of the line of a piece

	buf   []byte
	small []byte // the block's own buffer while buf is the large one
	jumbo bool
}

// gap is a run of NUL bytes that is left out of Data at an index.
type gap struct {
	at int
	n  int64
}

// longLine is a line that comes in pieces.
type longLine struct {
	start, length int64
	ended         bool
}

// Line is one line of a log, and what the check said of it.
type Line struct {
	// Text is the line without its newline. Of a run of NUL bytes too long to
	// be held only the first 4 KiB are there; of a line that is too long there
	// is nothing. It is valid during the call only.
	Text []byte
	// Offset is where the line starts, in bytes from the start of the log, and
	// Length how long it is there, without its newline.
	Offset, Length int64
	// Index counts the lines of the block before this one.
	Index int
	// At is where in the block's Data the text stands.
	At int
	// Terminated says that a newline follows the text. Only the last line of a
	// file may lack it.
	Terminated bool
	// Pos is what the check was told of the line's place.
	Pos record.Position
	// Result is the verdict.
	Result record.Result
}

// Size is how many bytes the line takes up in the log, newline included.
func (l *Line) Size() int64 {
	if l.Terminated {
		return l.Length + 1
	}
	return l.Length
}

// Offset returns where in the log the byte at an index of Data stands.
func (b *Block) Offset(i int) int64 {
	off := b.Start + int64(i)
	for _, g := range b.gaps {
		if g.at > i {
			break
		}
		off += g.n
	}
	return off
}

// Raw yields the bytes of the log that Data[from:to] stands for, in order:
// text, or how many NUL bytes that are left out of Data.
func (b *Block) Raw(from, to int, yield func(text []byte, zeros int64) error) error {
	for _, g := range b.gaps {
		if g.at <= from || g.at > to {
			continue
		}
		if err := yield(b.Data[from:g.at], 0); err != nil {
			return err
		}
		if err := yield(nil, g.n); err != nil {
			return err
		}
		from = g.at
	}
	if from == to {
		return nil
	}
	return yield(b.Data[from:to], 0)
}

// reset makes the block an empty one.
func (b *Block) reset(start int64, size int) {
	*b = Block{buf: b.buf, small: b.small, jumbo: b.jumbo, gaps: b.gaps[:0], Start: start}
	if b.buf == nil {
		b.buf = make([]byte, size)
	}
}

// take makes the first n bytes of the buffer the block's data.
func (b *Block) take(n int) {
	b.Data = b.buf[:n]
	b.Length = int64(n)
	for _, g := range b.gaps {
		b.Length += g.n
	}
	b.Terminated = n > 0 && b.Data[n-1] == '\n'
}

// grow makes room for a line that is longer than a block. Many long lines in a
// row share one buffer, for which acquire waits.
func (b *Block) grow(size, used int, acquire func() []byte) {
	bigger := b.buf
	if acquire != nil && !b.jumbo {
		bigger = acquire()
		b.jumbo, b.small = true, b.buf
	}
	if cap(bigger) < size {
		bigger = make([]byte, size)
	}
	bigger = bigger[:size]
	copy(bigger, b.buf[:used])
	b.buf = bigger
}

// nulKept is how much of a run of NUL bytes is held: the first 4 KiB, a block
// of most file systems. More would tell nothing new about the line, and no
// buffer could hold the hole that a crash can leave.
const nulKept = jsonscan.LongNULRun

// elide cuts the runs of NUL bytes in buf[from:n] down, of which buf[:from]
// has been cut down already. It returns how much is left.
func (b *Block) elide(from, n int) int {
	run := 0 // NUL bytes right before i
	for run < nulKept && run < from && b.buf[from-run-1] == 0 {
		run++
	}
	out := from
	for i := from; i < n; {
		if b.buf[i] != 0 {
			j := i + indexNUL(b.buf[i:n])
			out += copy(b.buf[out:], b.buf[i:j])
			i, run = j, 0
			continue
		}
		j := i + 1
		for j < n && b.buf[j] == 0 {
			j++
		}
		keep := min(j-i, nulKept-run)
		clear(b.buf[out : out+keep])
		out += keep
		run += keep
		b.leaveOut(out, int64(j-i-keep))
		i = j
	}
	return out
}

// leaveOut notes that n NUL bytes are missing at an index.
func (b *Block) leaveOut(at int, n int64) {
	if n == 0 {
		return
	}
	if last := len(b.gaps) - 1; last >= 0 && b.gaps[last].at == at {
		b.gaps[last].n += n
		return
	}
	b.gaps = append(b.gaps, gap{at, n})
}

// endsLong reports whether buf[:n] ends with as many NUL bytes as are held.
func (b *Block) endsLong(n int) bool {
	for i := n - nulKept; i < n; i++ {
		if i < 0 || b.buf[i] != 0 {
			return false
		}
	}
	return true
}

// indexNUL returns the index of the first NUL byte, or the length of the text.
func indexNUL(text []byte) int {
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return i
	}
	return len(text)
}
