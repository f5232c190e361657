package oldwalk

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// ErrNeedForward says that the end of a file can't be read backward: it holds
// a line or a run of NUL bytes that no buffer could hold. A pass from the start
// with a Reader is needed.
var ErrNeedForward = errors.New("this part of the log can only be read from its start")

// Backward reads blocks of whole lines from the end of a file to its start.
// Within a block the lines stand in file order. It is not for concurrent use.
type Backward struct {
	r     io.ReaderAt
	end   int64 // what is before end has not been delivered
	size  int64
	block int
	max   int
}

// NewBackward returns a reader of the first size bytes of r, from their end.
func NewBackward(r io.ReaderAt, size int64, o ReaderOptions) *Backward {
	b := &Backward{r: r, end: size, size: size, block: o.BlockBytes, max: o.MaxLineBytes}
	if b.block <= 0 {
		b.block = DefaultBlockBytes
	}
	if b.max <= 0 {
		b.max = record.DefaultMaxLineBytes
	}
	return b
}

// Offset returns where the last block started: what is before it is unread.
func (r *Backward) Offset() int64 { return r.end }

// Next fills b with the block before the last one. It returns io.EOF after the
// block at the start of the file. Blocks before a block tell lines by the same
// newlines as a Reader does, so that the lines are the same.
//
// It fails with ErrNeedForward where a Reader would yield another kind of block
// than Lines; what it has delivered until then is right.
func (r *Backward) Next(b *Block) error {
	*b = Block{buf: b.buf}
	if r.end == 0 {
		return io.EOF
	}
	want := int64(r.block)
	for {
		n := min(want, r.end)
		if int64(cap(b.buf)) < n {
			b.buf = make([]byte, n)
		}
		text := b.buf[:n]
		if m, err := r.r.ReadAt(text, r.end-n); m < len(text) {
			if errors.Is(err, io.EOF) {
				return &stream.ChangedError{Path: "the log", What: "shrank", Offset: r.end - n + int64(m)}
			}
			return fmt.Errorf("read at byte %d: %w", r.end-n+int64(m), err)
		}
		if _, to := longNULRun(text); to > 0 {
			return ErrNeedForward
		}
		from := 0
		if n < r.end {
			// The first line of the text began before it: leave it for later.
			// The byte before r.end ends a line, unless it is the last of all.
			i := bytes.IndexByte(text[:n-1], '\n')
			if i < 0 {
				if want > int64(r.max)+1 {
					return ErrNeedForward
				}
				want = min(8*want, int64(r.max)+2) // few steps: each one is a buffer of its own
				continue
			}
			from = i + 1
		}
		b.Data = text[from:]
		b.Length = int64(len(b.Data))
		b.Offset = r.end - b.Length
		b.Terminated = b.Data[len(b.Data)-1] == '\n'
		if b.Offset == 0 {
			b.first = record.First
		}
		r.end = b.Offset
		return nil
	}
}
