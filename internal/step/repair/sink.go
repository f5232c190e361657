package repair

import (
	"bufio"
	"hash"
	"io"

	"github.com/papyra-tools/papyra/internal/durable"
)

// streamSink writes to a pipe.
type streamSink struct{ w *bufio.Writer }

func newStreamSink(w io.Writer) *streamSink { return &streamSink{bufio.NewWriterSize(w, 128<<10)} }

func (s *streamSink) keep(_ int64, data []byte) error {
	_, err := s.w.Write(data)
	return err
}

func (s *streamSink) add(text string) error {
	_, err := s.w.WriteString(text)
	return err
}

func (s *streamSink) flush() error { return s.w.Flush() }

// fileSink writes to the new file of a rewrite. Ranges of the log that follow
// each other are put together, so that the kernel copies them in one go.
type fileSink struct {
	out      *durable.Output
	from, to int64
}

func (s *fileSink) keep(off int64, data []byte) error {
	if off != s.to {
		if err := s.copy(); err != nil {
			return err
		}
		s.from = off
	}
	s.to = off + int64(len(data))
	return nil
}

func (s *fileSink) copy() error {
	from, to := s.from, s.to
	s.from = s.to
	if from == to {
		return nil
	}
	return s.out.CopyRange(from, to-from)
}

func (s *fileSink) add(text string) error {
	if err := s.copy(); err != nil {
		return err
	}
	_, err := io.WriteString(s.out, text)
	return err
}

func (s *fileSink) flush() error { return s.copy() }

// nullSink is for a dry run.
type nullSink struct{}

func (nullSink) keep(int64, []byte) error { return nil }
func (nullSink) add(string) error         { return nil }
func (nullSink) flush() error             { return nil }

// hashSink hashes what goes through it to another sink.
type hashSink struct {
	sink
	sum hash.Hash
}

func (s hashSink) keep(off int64, data []byte) error {
	s.sum.Write(data)
	return s.sink.keep(off, data)
}

func (s hashSink) add(text string) error {
	io.WriteString(s.sum, text)
	return s.sink.add(text)
}
