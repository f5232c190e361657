package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// spoolMemory is how much of a spool is held in memory: 1 MiB.
const spoolMemory = 1 << 20

// spool holds back text for which something that is not known yet must come
// first: in memory up to a bound, then in a temporary file without a name. The
// zero value is empty.
type spool struct {
	text []byte
	file *os.File
	out  *bufio.Writer
}

// Write takes text in.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && len(s.text)+len(p) > spoolMemory {
		f, err := os.CreateTemp("", "papyra-*")
		if err != nil {
			return 0, fmt.Errorf("hold a long report in a temporary file: %w", err)
		}
		_ = os.Remove(f.Name()) // not on all systems while it is open: then close removes it
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

// reader returns the text so far, from its start.
func (s *spool) reader() (interface {
	io.Reader
	io.ReaderAt
}, error) {
	if s.file == nil {
		return bytes.NewReader(s.text), nil
	}
	return io.NewSectionReader(s.file, 0, math.MaxInt64), s.out.Flush()
}

// take hands out all the text, and empties the spool.
func (s *spool) take(read func(io.Reader) error) (err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	r, err := s.reader()
	if err != nil {
		return err
	}
	return read(r)
}

// copyTo moves all the text to w.
func (s *spool) copyTo(w io.Writer) error {
	return s.take(func(r io.Reader) error {
		_, err := io.Copy(w, r)
		return err
	})
}

// close lets go of the text.
func (s *spool) close() error {
	f := s.file
	*s = spool{}
	if f == nil {
		return nil
	}
	_ = os.Remove(f.Name())
	return f.Close()
}
