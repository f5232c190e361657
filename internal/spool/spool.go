// Package spool holds back bytes until it is known what becomes of them.
package spool

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// DefaultLimit is how much of a spool is held in memory: 1 MiB.
const DefaultLimit = 1 << 20

// Spool is bytes that are written first and read then: in memory up to a limit,
// and in a temporary file without a name beyond. The zero value is empty. It is
// not safe for concurrent use.
type Spool struct {
	Limit int64  // of the memory; 0 means DefaultLimit
	Dir   string // for the file; "" is that of the system
	What  string // the content, in an error; "" means "a long report"

	size int64
	text chunks
	gone int64 // bytes at the start of text that were dropped
	free chunks
	file *os.File
	out  *bufio.Writer
}

// chunks is text in pieces of chunkBytes, all but the last one full, so that
// nothing is moved when there comes more.
type chunks [][]byte

func (c chunks) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		i := int(off / chunkBytes)
		if i >= len(c) {
			return n, io.EOF
		}
		m := copy(p[n:], c[i][min(off%chunkBytes, int64(len(c[i]))):])
		if m == 0 {
			return n, io.EOF
		}
		n, off = n+m, off+int64(m)
	}
	return n, nil
}

// Write takes bytes in.
func (s *Spool) Write(p []byte) (n int, err error) {
	defer func() {
		s.size += int64(n)
		if err != nil {
			err = fmt.Errorf("hold %s in a temporary file: %w", cmp.Or(s.What, "a long report"), err)
		}
	}()
	if s.file == nil && s.size+int64(len(p)) > cmp.Or(s.Limit, DefaultLimit) {
		f, err := os.CreateTemp(s.Dir, "papyra-*")
		if err != nil {
			return 0, err
		}
		_ = os.Remove(f.Name()) // not on all systems while it is open: then Close removes it
		s.file, s.out = f, bufio.NewWriterSize(f, 64<<10)
		if _, err := io.Copy(s.out, io.NewSectionReader(s.text, s.gone, s.size)); err != nil {
			return 0, err
		}
		s.text, s.gone, s.free = nil, 0, nil
	}
	if s.file != nil {
		return s.out.Write(p)
	}
	for n < len(p) {
		last := len(s.text) - 1
		if last < 0 || len(s.text[last]) == chunkBytes {
			var c []byte // the first one grows as it must
			if k := len(s.free) - 1; k >= 0 {
				c, s.free = s.free[k][:0], s.free[:k]
			} else if last >= 0 {
				c = make([]byte, 0, chunkBytes)
			}
			s.text = append(s.text, c)
			continue
		}
		m := min(len(p)-n, chunkBytes-len(s.text[last]))
		s.text[last] = append(s.text[last], p[n:n+m]...)
		n += m
	}
	return n, nil
}

// Size is how many bytes there are.
func (s *Spool) Size() int64 { return s.size }

// Drop forgets the first n bytes.
func (s *Spool) Drop(n int64) error {
	if s.file == nil {
		s.gone += n
		s.size -= n
		k := int(s.gone / chunkBytes)
		s.free = append(s.free, s.text[:k]...)
		s.text = slices.Delete(s.text, 0, k)
		s.gone %= chunkBytes
		return nil
	}
	old := *s
	*s = Spool{Limit: s.Limit, Dir: s.Dir, What: s.What}
	r, err := old.Reader()
	if err == nil {
		_, err = io.Copy(s, io.NewSectionReader(r, n, old.size-n))
	}
	return errors.Join(err, old.Close())
}

// Reader returns the bytes so far, from their start.
func (s *Spool) Reader() (interface {
	io.Reader
	io.ReaderAt
}, error) {
	if s.file == nil {
		return io.NewSectionReader(s.text, s.gone, s.size), nil
	}
	return io.NewSectionReader(s.file, 0, math.MaxInt64), s.out.Flush()
}

// Take hands out all the bytes, and empties the spool.
func (s *Spool) Take(read func(io.Reader) error) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	r, err := s.Reader()
	if err != nil {
		return err
	}
	return read(r)
}

// CopyTo moves all the bytes to w.
func (s *Spool) CopyTo(w io.Writer) error {
	return s.Take(func(r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	})
}

// Close empties the spool, and lets go of its file.
func (s *Spool) Close() error {
	f := s.file
	*s = Spool{Limit: s.Limit, Dir: s.Dir, What: s.What}
	if f == nil {
		return nil
	}
	_ = os.Remove(f.Name())
	return f.Close()
}
