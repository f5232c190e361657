package repair

import (
	"hash"
	"io"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/pkg/mend"
)

// fileSink writes to the new file of a rewrite. Ranges of the log that follow
// each other are put together, so that the kernel copies them in one go.
type fileSink struct {
	out      *durable.Output
	from, to int64
}

func (s *fileSink) Keep(off int64, data []byte) error {
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

func (s *fileSink) Add(text string) error {
	if err := s.copy(); err != nil {
		return err
	}
	_, err := io.WriteString(s.out, text)
	return err
}

func (s *fileSink) Flush() error { return s.copy() }

// hashSink hashes what goes through it to another sink.
type hashSink struct {
	mend.Sink
	sum hash.Hash
}

func (s hashSink) Keep(off int64, data []byte) error {
	s.sum.Write(data)
	return s.Sink.Keep(off, data)
}

func (s hashSink) Add(text string) error {
	io.WriteString(s.sum, text)
	return s.Sink.Add(text)
}
