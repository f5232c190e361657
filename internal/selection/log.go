package selection

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/papyra-tools/papyra/internal/oldwalk"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Log is what a selection reads.
type Log struct {
	// Name is how messages call it.
	Name string
	// At and Size are set for a log that can be read at any offset, as often as
	// need be. What is behind Size does not count.
	At   io.ReaderAt
	Size int64
	// Stream is the log if At is nil. It is read once.
	Stream io.Reader
	// Written is when the log was last written to; the zero time if unknown.
	Written time.Time
	// Settle waits for an unfinished last line to grow; nil if it can't.
	Settle func(context.Context, time.Duration) (grew bool, err error)
	// Verify fails if the log has changed other than by appending; may be nil.
	Verify func() error
}

// FromSource returns the log of a source.
func FromSource(src *stream.Log) *Log {
	l := &Log{Name: src.Name(), Stream: src, Written: src.ModTime(), Settle: src.Settle, Verify: src.Verify}
	if src.Seekable() {
		l.At, l.Size = src, src.Size()
	}
	return l
}

// whole returns a reader of the log from its start. A stream can be asked once.
func (l *Log) whole(ctx context.Context, o *Options) *oldwalk.Reader {
	if l.At == nil {
		return oldwalk.NewReader(l.Stream, o.readerOptions(0))
	}
	return l.from(ctx, 0, o)
}

// from returns a reader of a log with At, from an offset on where a line starts.
func (l *Log) from(ctx context.Context, off int64, o *Options) *oldwalk.Reader {
	return l.between(ctx, off, l.Size, o)
}

// between returns a reader of the lines from one offset up to another.
func (l *Log) between(ctx context.Context, from, to int64, o *Options) *oldwalk.Reader {
	return oldwalk.NewReader(&region{ctx: ctx, log: l, off: from, end: to}, o.readerOptions(from))
}

func (l *Log) verify() error {
	if l.Verify == nil {
		return nil
	}
	return l.Verify()
}

// region reads a part of a log. Its errors say where they struck. It ends with ctx,
// since a run of NUL bytes can be as long as the log.
type region struct {
	ctx      context.Context
	log      *Log
	off, end int64
}

func (r *region) Read(p []byte) (int, error) {
	if r.off >= r.end {
		return 0, io.EOF
	}
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.log.At.ReadAt(p[:min(int64(len(p)), r.end-r.off)], r.off)
	r.off += int64(n)
	switch {
	case n > 0 && r.off == r.end:
		return n, nil
	case errors.Is(err, io.EOF):
		return n, &stream.ChangedError{Path: r.log.Name, What: "shrank", Offset: r.off}
	case err != nil:
		return n, fmt.Errorf("read %s at byte %d: %w", r.log.Name, r.off, err)
	}
	return n, nil
}

// SkipHole passes over a hole of a sparse file. The reader of blocks asks for it
// where it has found nothing but NUL bytes.
func (r *region) SkipHole() int64 {
	next := holeEnd(r.log.At, r.off, r.end)
	skipped := next - r.off
	r.off = next
	return skipped
}
