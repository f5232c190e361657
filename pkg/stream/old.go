package stream

import (
	"context"
	"io"
	"math"
	"os"
	"time"
)

// For those who do not walk yet.

func (l *Log) Read(p []byte) (int, error) {
	if l.old == nil {
		r, err := l.last().text(0, math.MaxInt64)
		if l.last().plain() {
			r, err = l.last().text(0, l.last().size)
		}
		if err != nil {
			return 0, err
		}
		l.old = r
	}
	return l.old.Read(p)
}

func (l *Log) Live() bool { return l.last().at == nil }

func (l *Log) SkipHole() int64 {
	if s, ok := l.old.(*section); ok {
		return s.skipHole()
	}
	return 0
}

func (l *Log) File() *os.File {
	if !l.last().plain() {
		return nil
	}
	f, _ := l.last().at.(*os.File)
	return f
}

func (l *Log) Settle(ctx context.Context, d time.Duration) (bool, error) {
	return l.last().settle(ctx, d)
}

func FromFile(name string, f *os.File) (*Log, error) { return FromReader(name, f) }

func HoleEnd(r io.ReaderAt, off, size int64) int64 { return holeEnd(r, off, size) }
