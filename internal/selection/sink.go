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

// lines prints whole lines, the last one first if turned. If open, the last one
// lacks a newline and gets one.
func (s *sink) lines(text []byte, open bool, records int64, c class, turned bool) error {
	for turned && records > 1 {
		from := lastLine(text)
		if err := s.lines(text[from:], open, 1, c, false); err != nil {
			return err
		}
		text, open, records = text[:from], false, records-1
	}
	if c >= broken {
		s.sum.Passed += records
	} else {
		s.sum.Records += records
	}
	n, err := writeLines(s.w, text, open)
	s.sum.Bytes += int64(n)
	return err
}

// writeLines writes lines, and the newline that the last one lacks.
func writeLines(w io.Writer, text []byte, open bool) (int, error) {
	n, err := w.Write(text)
	if err == nil && open {
		var more int
		more, err = w.Write([]byte{'\n'})
		n += more
	}
	return n, err
}

// lastLine returns where the last line of text starts.
func lastLine(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	return bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
}
