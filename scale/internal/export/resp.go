package export

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// sink takes the entries of an export in.
type sink interface {
	// add takes an entry, whose fields stay valid until flush has returned.
	add(e *entry) error
	// flush hands on what was added, at the end of each block of the log.
	flush() error
}

// respSink writes entries as commands of the Redis protocol.
type respSink struct {
	w   *bufio.Writer
	buf []byte
}

func newRESP(w io.Writer) *respSink { return &respSink{w: bufio.NewWriterSize(w, 1<<16)} }

func (s *respSink) add(e *entry) error {
	b := append(s.buf[:0], '*')
	b = strconv.AppendInt(b, int64(3+len(e.fields)), 10)
	b = append(b, "\r\n$4\r\nXADD\r\n"...)
	b = appendBulk(b, e.to.key)
	b = appendBulk(b, e.id.String())
	for _, f := range e.fields {
		b = appendBulk(b, f)
	}
	s.buf = b
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func (s *respSink) flush() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// appendBulk appends a string with its length, so that any bytes may stand in
// it.
func appendBulk[T string | []byte](b []byte, s T) []byte {
	b = append(b, '$')
	b = strconv.AppendInt(b, int64(len(s)), 10)
	b = append(b, "\r\n"...)
	b = append(b, s...)
	return append(b, "\r\n"...)
}
