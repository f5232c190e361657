package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"
)

// source is one open file, bounded by its size when it was opened, or a
// stream.
type source struct {
	name   string
	at     io.ReaderAt // nil for a stream
	size   int64       // the bound, in bytes of the file; -1 for a stream
	stream io.Reader   // the text of a stream; nil for a file
	info   fs.FileInfo // as of opening; nil if unknown
	head   []byte      // the first bytes at open, to notice a rewrite in place
	format string      // what it is compressed with: plain, …
	length int64       // of the text, if a walk has come to its end
	byPath bool        // opened by its name, which must go on naming it
	close  func() error
	err    error // why the file of a set could not be opened

	rotated bool // another file of the set took its place: nobody writes to it
}

// stater is a file that can be asked how long it is by now.
type stater interface{ Stat() (fs.FileInfo, error) }

func newSource(name string, f *os.File) (*source, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("inspect %s: %w", name, err)
	}
	if info.IsDir() {
		return nil, &RefusedError{Path: name, What: refused(info.Mode())}
	}
	if info.Mode().IsRegular() {
		if pos, err := f.Seek(0, io.SeekCurrent); err == nil && pos == 0 {
			if info.Size() == 0 {
				// Such as those of /proc do not say how long they are, and an
				// error must not look like an empty log.
				if n, err := f.ReadAt(make([]byte, 1), 0); n > 0 {
					return newStream(name, f)
				} else if !errors.Is(err, io.EOF) {
					return nil, fmt.Errorf("read %s: %w", name, err)
				}
			}
			s := &source{name: name, at: f, size: info.Size(), info: info}
			s.head = readHead(f, s.size)
			s.format = detect(s.head)
			return s, nil
		}
	}
	s, err := newStream(name, f)
	if err == nil {
		s.info = info
	}
	return s, err
}

// plain reports whether the text can be read at any offset.
func (s *source) plain() bool { return s.at != nil && s.format == plain }

// text returns a reader of the text from one offset up to another, or to its
// end. A stream can be asked for its text once.
func (s *source) text(ctx context.Context, from, to int64) (io.ReadCloser, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.plain() {
		return &section{name: s.name, at: s.at, off: from, end: to, wake: newWake(ctx, s.at)}, nil
	}
	r := io.NopCloser(s.stream)
	if s.at != nil {
		var err error
		in := &section{name: s.name, at: s.at, end: s.size, wake: newWake(ctx, s.at)}
		if r, err = s.decompress(in); err != nil {
			return nil, err
		}
		r = bounded{r, closers{r, in}}
	}
	if n, err := io.CopyN(io.Discard, r, from); errors.Is(err, io.EOF) {
		return nil, errors.Join(shortText(n), r.Close())
	} else if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s up to byte %d: %w", s.name, from, err), r.Close())
	}
	if to < math.MaxInt64 {
		return bounded{io.LimitReader(r, to-from), r}, nil
	}
	return r, nil
}

// shortText says that a text ended before the offset from which it was to be
// read, and how long it is.
type shortText int64

func (n shortText) Error() string { return fmt.Sprintf("the text ends at byte %d", int64(n)) }

type bounded struct {
	io.Reader
	io.Closer
}

type closers [2]io.Closer

func (c closers) Close() error { return errors.Join(c[0].Close(), c[1].Close()) }

// settle waits up to d for the file to grow beyond its bound, as it does when
// a writer is in the middle of a line. A stream and a compressed file never
// grow.
func (s *source) settle(ctx context.Context, d time.Duration) (grew bool, err error) {
	f, ok := s.at.(stater)
	if !ok || !s.plain() {
		return false, nil
	}
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	tick := time.NewTicker(settleStep)
	defer tick.Stop()
	for last := false; ; {
		info, err := f.Stat()
		if err != nil {
			return false, fmt.Errorf("inspect %s: %w", s.name, err)
		}
		if info.Size() > s.size {
			return true, nil
		}
		if last {
			return false, nil
		}
		select {
		case <-tick.C:
		case <-timeout.C:
			last = true
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// settleStep is how often a file with an unfinished last line is looked at.
const settleStep = 5 * time.Millisecond

// verify fails with a *ChangedError if the file has shrunk, was replaced or
// was rewritten in place since it was opened. Appending is no change.
func (s *source) verify() error {
	f, ok := s.at.(stater)
	if !ok || s.head == nil {
		return nil
	}
	now, err := f.Stat()
	if err != nil {
		return fmt.Errorf("inspect %s: %w", s.name, err)
	}
	if now.Size() < s.size {
		return &ChangedError{Path: s.name, What: "shrank", Offset: now.Size()}
	}
	if !bytes.Equal(readHead(s.at, s.size), s.head) {
		return &ChangedError{Path: s.name, What: "was rewritten", Offset: 0}
	}
	// Standard input has no path to compare with.
	if !s.byPath {
		return nil
	}
	atPath, err := os.Stat(s.name)
	if errors.Is(err, fs.ErrNotExist) {
		return &ChangedError{Path: s.name, What: "was removed", Offset: s.size}
	}
	if err != nil {
		return fmt.Errorf("inspect %s: %w", s.name, err)
	}
	if !os.SameFile(atPath, now) {
		return &ChangedError{Path: s.name, What: "was replaced", Offset: s.size}
	}
	return nil
}

// readHead returns what a file starts with. It is compared later on, so that a
// failure to read it needs no report: the walk will meet it again.
func readHead(f io.ReaderAt, size int64) []byte {
	head := make([]byte, min(size, 1024))
	n, _ := f.ReadAt(head, 0)
	return head[:n]
}

// section reads a file up to a bound, at offsets of its own.
type section struct {
	name     string
	at       io.ReaderAt
	off, end int64
	wake     *wake
}

func (s *section) Read(p []byte) (int, error) {
	if s.off >= s.end {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.end-s.off)]
	n, err := s.at.ReadAt(p, s.off)
	s.wake.read(s.off, s.off+int64(n))
	s.off += int64(n)
	if n == len(p) {
		return n, nil
	}
	return n, readError(s.name, s.off, err)
}

func (s *section) Close() error {
	s.wake.end()
	return nil
}

// skipHole moves to where data goes on, and returns how many NUL bytes of a
// hole that passed over.
func (s *section) skipHole() int64 {
	off := s.off
	s.off = holeEnd(s.at, off, s.end)
	return s.off - off
}

// readError says where reading a file failed, which has shrunk if it ended
// before its bound.
func readError(name string, off int64, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return &ChangedError{Path: name, What: "shrank", Offset: off}
	}
	return fmt.Errorf("read %s at byte %d: %w", name, off, err)
}
