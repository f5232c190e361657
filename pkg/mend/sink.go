package mend

import (
	"bufio"
	"io"
)

// Sink takes the repaired log.
type Sink interface {
	// Keep takes bytes of the log as they are, which stand at an offset in it.
	Keep(offset int64, data []byte) error
	// Add takes bytes that are not in the log: a newline, null, or \n.
	Add(text string) error
	// Flush passes on what is held back: at the end, and where whoever reads
	// the result of a stream may be waiting for it.
	Flush() error
}

// writer is a sink of plain bytes.
type writer struct{ *bufio.Writer }

// NewSink returns a sink that writes to w.
func NewSink(w io.Writer) Sink { return writer{bufio.NewWriterSize(w, 128<<10)} }

func (w writer) Keep(_ int64, data []byte) error {
	_, err := w.Write(data)
	return err
}

func (w writer) Add(text string) error {
	_, err := w.WriteString(text)
	return err
}
