// Package spool holds back bytes until it is known what becomes of them.
package spool

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
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
	text []byte
	file *os.File
	out  *bufio.Writer
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
		if _, err := s.out.Write(s.text); err != nil {
			return 0, err
		}
		s.text = nil
	}
	if s.file != nil {
		return s.out.Write(p)
	}
	s.text = append(s.text, p...)
	return len(p), nil
}

// Size is how many bytes there are.
func (s *Spool) Size() int64 { return s.size }

// Drop forgets the first n bytes.
func (s *Spool) Drop(n int64) error {
	if s.file == nil {
		s.text = s.text[:copy(s.text, s.text[n:])]
		s.size -= n
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
		return bytes.NewReader(s.text), nil
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
	s.size, s.text, s.file, s.out = 0, nil, nil, nil
	if f == nil {
		return nil
	}
	_ = os.Remove(f.Name())
	return f.Close()
}
