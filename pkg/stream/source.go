package stream

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Source is an open log: a regular file, bounded by its size at the time it
// was opened, or a stream. It is not for concurrent use.
type Source struct {
	name    string
	file    *os.File // nil for a reader that is no file
	regular bool
	size    int64 // the bound, in bytes of the file; -1 for a stream
	info    fs.FileInfo
	head    []byte // the first bytes at open, to notice a file that was rewritten in place
	r       io.Reader
	format  Compression
	byPath  bool // opened by its name, which must go on naming it
	closers []func() error
}

// RefusedError says that a path names something that can't be a log.
type RefusedError struct {
	Path string
	What string // "a directory", "a device", …
}

func (e *RefusedError) Error() string { return e.Path + " is " + e.What + ", not a log" }

// ChangedError says that a file shrank, was replaced or was rewritten while it
// was being read, so that nothing can be said about it.
type ChangedError struct {
	Path string
	What string
	// Offset is the byte offset up to which the file had been read.
	Offset int64
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s %s while it was read (at byte %d)", e.Path, e.What, e.Offset)
}

// Open opens the log at path for reading. A regular file is bounded by its
// size now: what is appended later is not read. gzip and zstd are recognised by
// their first bytes and read as the text inside. A FIFO is read as a stream.
//
// A path that does not exist gives an error that wraps fs.ErrNotExist if the
// directory it would be in exists, and one that does not wrap it otherwise.
// Directories, devices and sockets are refused with a *RefusedError.
func Open(path string) (*Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, explainMissing(path, err)
	}
	if what := refused(info.Mode()); what != "" {
		return nil, &RefusedError{Path: path, What: what}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	s, err := FromFile(path, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.byPath = true
	s.closers = append(s.closers, f.Close)
	return s, nil
}

// FromFile returns a source of a file that is open already and that the caller
// closes: standard input, say, or a log that is held by a lock. It reads a
// regular file from its start, whatever the file's position is, unless the
// position is beyond the start: then it is read as a stream from there.
func FromFile(name string, f *os.File) (*Source, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("inspect %s: %w", name, err)
	}
	if info.IsDir() {
		return nil, &RefusedError{Path: name, What: refused(info.Mode())}
	}
	s := &Source{name: name, file: f, size: -1, info: info, r: f}
	if info.Mode().IsRegular() {
		if pos, err := f.Seek(0, io.SeekCurrent); err == nil && pos == 0 {
			s.regular = true
			s.size = info.Size()
			s.r = &section{f: f, size: s.size}
			s.head = readHead(f, s.size)
		}
	}
	return s, s.decompress()
}

// FromReader returns a source of a stream, decompressed like a file.
func FromReader(name string, r io.Reader) (*Source, error) {
	if f, ok := r.(*os.File); ok {
		return FromFile(name, f)
	}
	s := &Source{name: name, size: -1, r: r}
	return s, s.decompress()
}

// Name returns the name that the source was opened by.
func (s *Source) Name() string { return s.name }

// Size returns the bound of a regular file in bytes, compressed as it may be,
// or -1 for a stream.
func (s *Source) Size() int64 { return s.size }

// File returns the file to seek in, or nil if the source is a stream or is
// compressed.
func (s *Source) File() *os.File {
	if s.regular && s.format == Plain {
		return s.file
	}
	return nil
}

// ModTime returns when a file was last written to, as of opening; the zero
// time for a stream.
func (s *Source) ModTime() time.Time {
	if s.info == nil || !s.regular {
		return time.Time{}
	}
	return s.info.ModTime()
}

// Compression returns what the source was compressed with.
func (s *Source) Compression() Compression { return s.format }

// Read reads the text of the log. Errors other than io.EOF say where they
// struck.
func (s *Source) Read(p []byte) (int, error) { return s.r.Read(p) }

// Live says that the source is a stream, of which a Reader hands lines on as they
// come: the end of a pipe may be long in coming.
func (s *Source) Live() bool { return !s.regular }

// SkipHole passes over a hole of a sparse file; see holeSkipper.
func (s *Source) SkipHole() int64 {
	if sec, ok := s.r.(*section); ok {
		return sec.skipHole()
	}
	return 0
}

// Close closes what the source itself has opened.
func (s *Source) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// readHead returns what a file starts with. It is compared later on, so that a
// failure to read it needs no report: the read pass will meet it again.
func readHead(f *os.File, size int64) []byte {
	head := make([]byte, min(size, 1024))
	n, _ := f.ReadAt(head, 0)
	return head[:n]
}

func refused(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeIrregular != 0:
		return "an irregular file"
	}
	return ""
}

func explainMissing(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open log: %w", err)
	}
	dir := filepath.Dir(path)
	if target, lerr := os.Readlink(path); lerr == nil {
		// A link that leads nowhere: what counts is the directory it leads to.
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		dir = filepath.Dir(target)
	}
	if info, derr := os.Stat(dir); derr != nil || !info.IsDir() {
		return fmt.Errorf("the directory %s does not exist", dir)
	}
	return fmt.Errorf("open log: %w", err)
}

// section reads a file up to a bound, at offsets of its own.
type section struct {
	f    *os.File
	off  int64
	size int64
}

func (s *section) Read(p []byte) (int, error) {
	if s.off >= s.size {
		return 0, io.EOF
	}
	if int64(len(p)) > s.size-s.off {
		p = p[:s.size-s.off]
	}
	n, err := s.f.ReadAt(p, s.off)
	s.off += int64(n)
	if errors.Is(err, io.EOF) {
		return n, &ChangedError{Path: s.f.Name(), What: "shrank", Offset: s.off}
	}
	if err != nil {
		return n, fmt.Errorf("read %s at byte %d: %w", s.f.Name(), s.off, err)
	}
	return n, nil
}

// skipHole moves to where data goes on.
func (s *section) skipHole() int64 {
	off := s.off
	s.off = HoleEnd(s.f, off, s.size)
	return s.off - off
}
