package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// Range is the part of a log between two offsets, in bytes.
type Range struct{ From, To int64 }

// ErrNoParts is the error for a log of which no part can be looked at by
// itself.
var ErrNoParts = errors.New("only one file that is not compressed has parts")

// LinesIn returns the part of a log that those lines take up which start within
// r. The parts of ranges that follow each other do so too, so that every line
// belongs to one of them, and From and To are fit for Options. Its cost is that
// of reading to the ends of two lines.
//
// It fails with ErrNoParts for a stream, a compressed file and a set.
func (l *Log) LinesIn(ctx context.Context, r Range) (Range, error) {
	if len(l.members) != 1 || !l.Seekable() {
		return Range{}, ErrNoParts
	}
	from, err := lineStart(ctx, l.members[0], r.From)
	if err != nil {
		return Range{}, err
	}
	if r.To <= from {
		return Range{from, from}, nil
	}
	to, err := lineStart(ctx, l.members[0], r.To)
	return Range{from, to}, err
}

// lineStart returns where the first line starts that does so at an offset or
// behind it, or the end of the file.
func lineStart(ctx context.Context, s *source, off int64) (int64, error) {
	if off <= 0 || off >= s.size {
		return max(0, min(off, s.size)), nil
	}
	end, err := newline(ctx, s, off-1, s.size)
	return min(end+1, s.size), err
}

// newline returns the offset of the first newline of a file between two
// offsets, or the second one.
func newline(ctx context.Context, s *source, off, end int64) (int64, error) {
	r := &section{name: s.name, at: s.at, off: off, end: end}
	buf := make([]byte, DefaultBlockBytes)
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := r.Read(buf)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return r.off - int64(n-i), nil
		}
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return 0, err
		}
		if n > 0 && buf[n-1] == 0 {
			r.skipHole()
		}
	}
}
