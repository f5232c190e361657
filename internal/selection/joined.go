package selection

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// Join makes one log of several files, the oldest first, such as a rotated set. A
// newline is put between two files if the older one lacks it, so that a torn
// line does not run into the next record. Offsets count over all files.
func Join(name string, sources []*stream.Log) *Log {
	last := sources[len(sources)-1]
	l := &Log{Name: name, Written: last.ModTime(), Settle: last.Settle}
	l.Verify = func() error {
		var errs []error
		for _, s := range sources {
			errs = append(errs, s.Verify())
		}
		return errors.Join(errs...)
	}
	for _, s := range sources {
		if t := s.ModTime(); t.After(l.Written) {
			l.Written = t
		}
	}
	if slices.ContainsFunc(sources, func(s *stream.Log) bool { return s.File() == nil }) {
		l.Stream = &joinedStream{sources: sources}
		return l
	}
	j := &joined{}
	for i, s := range sources {
		m := member{r: s.File(), name: s.Name(), from: l.Size, to: l.Size + s.Size()}
		l.Size = m.to
		if i < len(sources)-1 && s.Size() > 0 && !endsLine(s) {
			m.newline = true
			l.Size++
		}
		j.members = append(j.members, m)
	}
	l.At = j
	return l
}

// endsLine reports whether a file ends with a newline. A failure to read it is
// met again, and reported, by whoever reads the file.
func endsLine(s *stream.Log) bool {
	b := make([]byte, 1)
	_, err := s.File().ReadAt(b, s.Size()-1)
	return err != nil || b[0] == '\n'
}

// joined reads several files as one.
type joined struct{ members []member }

// member is one of the files: the bytes from from up to to of the whole.
type member struct {
	r        io.ReaderAt
	name     string
	from, to int64
	newline  bool // a newline that is not in the file follows
}

// ReadAt reads across the files. It ends with io.EOF only after the last one.
func (j *joined) ReadAt(p []byte, off int64) (n int, err error) {
	for _, m := range j.members {
		if n == len(p) {
			return n, nil
		}
		if off < m.to {
			part := p[n:]
			if room := m.to - off; int64(len(part)) > room {
				part = part[:room]
			}
			got, err := m.r.ReadAt(part, off-m.from)
			n += got
			off += int64(got)
			if got < len(part) {
				if errors.Is(err, io.EOF) {
					return n, &stream.ChangedError{Path: m.name, What: "shrank", Offset: off - m.from}
				}
				return n, fmt.Errorf("read %s at byte %d: %w", m.name, off-m.from, err)
			}
		}
		if m.newline && off == m.to && n < len(p) {
			p[n] = '\n'
			n++
			off++
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// joinedStream reads several sources one after the other.
type joinedStream struct {
	sources []*stream.Log
	midLine bool // what was read last does not end a line
	ended   bool // the first source has ended
}

func (j *joinedStream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if j.ended {
			if len(j.sources) == 1 {
				return 0, io.EOF
			}
			j.sources, j.ended = j.sources[1:], false
			if j.midLine {
				p[0], j.midLine = '\n', false
				return 1, nil
			}
		}
		n, err := j.sources[0].Read(p)
		if n > 0 {
			j.midLine = p[n-1] != '\n'
		}
		if errors.Is(err, io.EOF) {
			j.ended, err = true, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}
