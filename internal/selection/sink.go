package selection

import (
	"bufio"
	"bytes"
	"io"
)

// sink prints. Its errors stick.
type sink struct {
	w   *bufio.Writer
	sum *Summary
}

// sinkBytes is how much is written at once at least; what is larger is written
// without another copy.
const sinkBytes = 64 << 10

func newSink(w io.Writer, sum *Summary) *sink {
	return &sink{w: bufio.NewWriterSize(w, sinkBytes), sum: sum}
}

// lines prints whole lines. If open, the last one lacks a newline and gets one.
func (s *sink) lines(text []byte, open bool, records int64, c class) error {
	n, err := s.w.Write(text)
	s.sum.Bytes += int64(n)
	if err == nil && open {
		err = s.w.WriteByte('\n')
		s.sum.Bytes++
	}
	if err != nil {
		return err
	}
	if c >= broken {
		s.sum.Passed += records
	} else {
		s.sum.Records += records
	}
	return nil
}

// reversed prints whole lines, the last one first.
func (s *sink) reversed(text []byte, open bool, records int64, c class) error {
	if records == 1 {
		return s.lines(text, open, 1, c)
	}
	for len(text) > 0 {
		from := lastLine(text)
		if err := s.lines(text[from:], open, 1, c); err != nil {
			return err
		}
		text, open = text[:from], false
	}
	return nil
}

// lastLine returns where the last line of text starts.
func lastLine(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	return bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
}
