package stream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/papyra-tools/papyra/internal/opening"
)

// Log is an open log: one file or stream, or the files of a rotated set one
// after the other. Offsets count bytes of text from the start of the first of
// them. A Log is not for concurrent use, except ReadAt.
type Log struct {
	name    string
	members []*source // oldest first
}

// RefusedError says that a path names something that cannot be a log.
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
// their first bytes and read as the text inside. A FIFO is read as a stream;
// once ctx ends, waiting for its writer and for what that writes ends too.
//
// A path that does not exist gives an error that wraps fs.ErrNotExist if the
// directory it would be in exists, and one that does not wrap it otherwise.
// Directories, devices and sockets are refused with a *RefusedError.
func Open(ctx context.Context, path string) (*Log, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, explainMissing(path, err)
	}
	if what := refused(info.Mode()); what != "" {
		return nil, &RefusedError{Path: path, What: what}
	}
	f, err := opening.Read(ctx, path)
	return opened(path, f, err)
}

// OpenIn opens a log below a folder, as Open does, but regular files only: no
// symbolic link is followed out of the folder, not even one that takes the
// place of a file or a folder just now.
func OpenIn(ctx context.Context, folder, below string) (*Log, error) {
	f, err := opening.RegularIn(ctx, folder, filepath.FromSlash(below))
	return opened(filepath.Join(folder, below), f, err)
}

func opened(path string, f *os.File, err error) (*Log, error) {
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	s, err := newSource(path, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.byPath, s.close = true, f.Close
	return &Log{name: path, members: []*source{s}}, nil
}

// FromReader returns a log of a reader that the caller closes: standard input,
// say. An open regular file is read from its start as Open would, unless its
// position is beyond the start; everything else is a stream that can be walked
// once.
func FromReader(name string, r io.Reader) (*Log, error) {
	var s *source
	var err error
	if f, ok := r.(*os.File); ok {
		s, err = newSource(name, f)
	} else {
		s, err = newStream(name, r)
	}
	if err != nil {
		return nil, err
	}
	return &Log{name: name, members: []*source{s}}, nil
}

// FromReaderAt returns the log of the first size bytes of r, which is never
// decompressed. If r has a method Stat as an *os.File has, it tells when the
// log was written to, an unfinished last line may be seen to grow, and the log
// is verified. If r is a file, or has a method File that returns one, the holes
// of a sparse file are passed over.
func FromReaderAt(name string, r io.ReaderAt, size int64) *Log {
	s := &source{name: name, at: r, size: size}
	if f, ok := r.(stater); ok {
		s.info, _ = f.Stat() // a failure comes again when the log is verified
		s.head = readHead(r, size)
	}
	return &Log{name: name, members: []*source{s}}
}

// Unpacked has gzip and zstd recognised in a log of FromReaderAt, as in one of
// Open.
func (l *Log) Unpacked() *Log {
	for _, s := range l.members {
		s.format = detect(s.head)
	}
	return l
}

// Name returns the name that the log was opened by.
func (l *Log) Name() string { return l.name }

// Size returns the bound of the log in bytes, compressed as it may be, or -1
// for a stream.
func (l *Log) Size() int64 {
	var sum int64
	for _, s := range l.members {
		if s.size < 0 {
			return -1
		}
		sum += s.size
	}
	return sum
}

// Seekable reports whether the text can be read at any offset, as often as
// need be: it is neither compressed nor a stream.
func (l *Log) Seekable() bool {
	for _, s := range l.members {
		if !s.plain() {
			return false
		}
	}
	return true
}

// Info returns what the system said of the newest file when it was opened; nil
// if the log is no file.
func (l *Log) Info() fs.FileInfo { return l.last().info }

// ModTime returns when a file of the log was last written to, as of opening;
// the zero time for a stream.
func (l *Log) ModTime() (latest time.Time) {
	for _, s := range l.members {
		if s.info != nil && s.at != nil && s.info.ModTime().After(latest) {
			latest = s.info.ModTime()
		}
	}
	return latest
}

// Head returns the SHA-256, in hexadecimal digits, of up to the first 1,024
// bytes of the oldest file, or "" for a stream. A log that is appended to keeps
// it once it is longer than that.
func (l *Log) Head() string {
	if l.members[0].at == nil {
		return ""
	}
	sum := sha256.Sum256(l.members[0].head)
	return hex.EncodeToString(sum[:])
}

// Compression returns what the newest file is compressed with: "gzip", "zstd"
// or "" for nothing.
func (l *Log) Compression() string { return l.last().format }

// Verify fails with a *ChangedError if a file of the log has shrunk, was
// replaced or was rewritten in place since it was opened. Appending is no
// change, and a stream never changes.
func (l *Log) Verify() error {
	var errs []error
	for _, s := range l.members {
		errs = append(errs, s.verify())
	}
	return errors.Join(errs...)
}

// Close closes what opening the log has opened.
func (l *Log) Close() error {
	var errs []error
	for _, s := range l.members {
		if s.close != nil {
			errs = append(errs, s.close())
			s.close = nil
		}
	}
	return errors.Join(errs...)
}

// ReadAt reads the text of a log that is Seekable.
func (l *Log) ReadAt(p []byte, off int64) (n int, err error) {
	for _, s := range l.members {
		if off >= s.size || n == len(p) {
			off -= min(off, s.size)
			continue
		}
		part := p[n:min(len(p), n+int(min(s.size-off, int64(len(p)))))]
		m, err := s.at.ReadAt(part, off)
		n += m
		if m < len(part) {
			return n, readError(s.name, off+int64(m), err)
		}
		off = 0
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (l *Log) last() *source { return l.members[len(l.members)-1] }

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
