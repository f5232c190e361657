package stream

import (
	"context"
	"io"
	"math"
	"os"
)

type withoutCache struct{}

// WithoutCache returns a context whose walks take what they read of a file out
// of the page cache again, so that a large log does not push out what other
// programs use. That includes pages that others had brought there. It is a
// hint: nothing is guaranteed, and it has an effect on Linux only.
func WithoutCache(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutCache{}, true)
}

// wake is the part of a file that a walk has read last and not yet given up.
type wake struct {
	file     *os.File
	from, to int64 // from is -1 if there is none
	// before is what was given up last. It is given up once more with what
	// follows: the kernel keeps a large page of which only a part is meant.
	before [2]int64
}

// wakeBytes is how much is given up at a time. Less costs calls; what stays
// behind while the walk goes on is as much.
const wakeBytes = 8 << 20

// newWake returns what follows a walk in a file, or nil if it is to follow none.
func newWake(ctx context.Context, r io.ReaderAt) *wake {
	if file := fileOf(r); file != nil && ctx.Value(withoutCache{}) != nil {
		return &wake{file: file, from: -1, before: [2]int64{math.MaxInt64, 0}}
	}
	return nil
}

// read notes that a part was read that follows or precedes the last one.
func (w *wake) read(from, to int64) {
	if w == nil {
		return
	}
	if w.from < 0 {
		w.from, w.to = from, to
	}
	w.from, w.to = min(w.from, from), max(w.to, to)
	if w.to-w.from >= wakeBytes {
		w.end()
	}
}

// end gives up what was read.
func (w *wake) end() {
	if w != nil && w.from >= 0 {
		from := min(w.from, w.before[0])
		dropCache(w.file, from, max(w.to, w.before[1])-from)
		w.before = [2]int64{w.from, w.to}
		w.from = -1
	}
}

// fileOf returns the file that is read by r, or nil.
func fileOf(r io.ReaderAt) *os.File {
	if s, ok := r.(interface{ File() *os.File }); ok {
		return s.File()
	}
	f, _ := r.(*os.File)
	return f
}
