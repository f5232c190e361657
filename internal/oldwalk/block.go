package oldwalk

import (
	"bytes"

	"github.com/papyra-tools/papyra/pkg/record"
)

// BlockKind tells what a block holds.
type BlockKind uint8

const (
	// Lines is a block of whole lines, in Data.
	Lines BlockKind = iota
	// NULRun is a run of at least NULRunMin NUL bytes. Data is empty.
	NULRun
	// Oversized is a piece of a line that is longer than the limit, in Data. The
	// line ends with the first piece that is terminated, or with the source. A
	// line that is too long but fits into a block may stand among Lines as
	// well; the check refuses it there.
	Oversized
)

// NULRunMin is the length in bytes from which on a run of NUL bytes is a block
// of its own. The text before and after it on the same line becomes pieces,
// marked with record.BeforeNUL and record.AfterNUL.
const NULRunMin = 64 << 10

// Block is a piece of a source. Blocks follow each other without gap.
type Block struct {
	Kind BlockKind
	// Data holds the bytes of a block of lines, newlines included. It is valid
	// until the block is handed back or filled again.
	Data []byte
	// Offset is where the block starts, in bytes from the start of the source
	// (of the uncompressed text).
	Offset int64
	// Length is how many bytes of the source the block stands for.
	Length int64
	// Continues says that the block is not the first piece of an oversized line.
	Continues bool
	// Terminated says that the block ends with a newline, which Length counts.
	// Only the last block of a source, and one before a NUL run, may lack it.
	Terminated bool

	first, last record.Position // of the first and last line
	buf         []byte
	small       []byte // the block's own buffer while buf is the large one
	jumbo       bool
}

// Line is one line of a block.
type Line struct {
	// Text is the line without its newline.
	Text []byte
	// Offset is where it starts, in bytes from the start of the source.
	Offset int64
	// Pos is what the check wants to know of the line's place.
	Pos record.Position
}

// Terminated says that a newline follows the text.
func (l Line) Terminated() bool { return l.Pos&(record.Unterminated|record.BeforeNUL) == 0 }

// Size is how many bytes the line takes up in the source, newline included.
func (l Line) Size() int64 {
	if l.Terminated() {
		return int64(len(l.Text)) + 1
	}
	return int64(len(l.Text))
}

// Lines calls yield for each line of a block of lines, in order, until yield
// returns false.
func (b *Block) Lines(yield func(Line) bool) {
	pos := b.first
	for i := 0; i < len(b.Data); {
		l := Line{Offset: b.Offset + int64(i), Pos: pos}
		pos = 0
		if n := bytes.IndexByte(b.Data[i:], '\n'); n >= 0 {
			l.Text = b.Data[i : i+n]
			i += n + 1
		} else {
			l.Text = b.Data[i:]
			l.Pos |= b.last | record.Unterminated
			i = len(b.Data)
		}
		if !yield(l) {
			return
		}
	}
}

// Newlines returns how many newlines the block stands for.
func (b *Block) Newlines() int64 {
	if b.Kind == Lines {
		return int64(bytes.Count(b.Data, []byte{'\n'}))
	}
	if b.Terminated {
		return 1
	}
	return 0
}

// EndsBeforeNUL says that the block's last line is followed by a NUL run.
func (b *Block) EndsBeforeNUL() bool { return b.last&record.BeforeNUL != 0 }
