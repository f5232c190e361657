package durable

import (
	"bytes"
	"errors"
	"io"
	"time"
)

const (
	scanBytes   = 64 << 10             // how much is read at once to look for newlines and NULs
	halfWritten = 2 * time.Millisecond // how long a line that is being written by one write may be seen in part
	halfLooks   = 10
)

// endsLine reports whether f is empty or ends in a newline. A reader sees a
// line that crosses the end of a page in two steps, even if one write put it
// there: what grows is looked at again, or a blank line would come of it.
func endsLine(fsys FS, f File) (bool, error) {
	for look, size := 0, int64(-1); ; look++ {
		info, err := f.Stat()
		if err != nil || info.Size == 0 {
			return true, err
		}
		last, err := byteAt(f, info.Size-1)
		if err != nil && !errors.Is(err, io.EOF) || last == '\n' { // it may have been cut just now
			return err == nil, err
		}
		if info.Size == size || look == halfLooks {
			return false, nil
		}
		size = info.Size
		fsys.Sleep(halfWritten)
	}
}

// byteAt returns the byte of f at an offset.
func byteAt(f io.ReaderAt, at int64) (byte, error) {
	var b [1]byte
	_, err := f.ReadAt(b[:], at)
	return b[0], err
}

// lastNewline returns the offset of the last newline in f[from:to], or -1.
func lastNewline(f io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, max(0, min(scanBytes, to-from)))
	for to > from {
		b := buf[:min(int64(len(buf)), to-from)]
		if _, err := f.ReadAt(b, to-int64(len(b))); err != nil {
			return -1, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return to - int64(len(b)) + int64(i), nil
		}
		to -= int64(len(b))
	}
	return -1, nil
}

// firstNewline returns the offset of the first newline in f[from:to], or -1.
func firstNewline(f io.ReaderAt, from, to int64) (int64, error) {
	return find(f, from, to, func(b []byte) int { return bytes.IndexByte(b, '\n') })
}

// nulRun returns how many NUL bytes f[from:to] begins with.
func nulRun(f io.ReaderAt, from, to int64) (int64, error) {
	end, err := find(f, from, to, func(b []byte) int {
		return bytes.IndexFunc(b, func(r rune) bool { return r != 0 })
	})
	if end < 0 {
		end = to
	}
	return end - from, err
}

// findNUL returns the offset of the first NUL in f[from:to], or -1.
func findNUL(f io.ReaderAt, from, to int64) (int64, error) {
	return find(f, from, to, func(b []byte) int { return bytes.IndexByte(b, 0) })
}

func find(f io.ReaderAt, from, to int64, index func([]byte) int) (int64, error) {
	buf := make([]byte, max(0, min(scanBytes, to-from)))
	for from < to {
		b := buf[:min(int64(len(buf)), to-from)]
		if _, err := f.ReadAt(b, from); err != nil {
			return -1, err
		}
		if i := index(b); i >= 0 {
			return from + int64(i), nil
		}
		from += int64(len(b))
	}
	return -1, nil
}
