package durable

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path/filepath"
	"strings"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// errMoved says that somebody else renamed the log, or what waits beside it.
var errMoved = errors.New("it was replaced or renamed by somebody else")

// markBytes are enough to tell one record from another.
const markBytes = 512

// mark remembers how a log went on before an offset. A log that was cut may
// have grown past that offset since: its size alone would not tell.
type mark struct {
	end  int64
	tail []byte
}

func markAt(f io.ReaderAt, end int64) (mark, error) {
	m := mark{end: end, tail: make([]byte, min(end, markBytes))}
	if n, err := f.ReadAt(m.tail, end-int64(len(m.tail))); n < len(m.tail) {
		return m, fmt.Errorf("read log: %w", err)
	}
	return m, nil
}

// sum tells marks apart.
func (m mark) sum() uint32 { return crc32.Checksum(m.tail, castagnoli) }

// check refuses a log that was cut since.
func (m mark) check(f File, path string) error {
	now := make([]byte, len(m.tail))
	n, err := f.ReadAt(now, m.end-int64(len(now)))
	if n < len(now) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read log: %w", err)
	}
	if n < len(now) || !bytes.Equal(now, m.tail) {
		return refuseCut(path)
	}
	return nil
}

func refuseCut(path string) error {
	return &RefusedError{Path: path, Reason: "it was cut, or changed in place, while it was read (copytruncate?)"}
}

// checkKilled makes sure that the old file of a killed run was not cut, and can
// be reached by nothing but its temporary name. After a power loss it may have
// lost what nobody had fsynced, which the new file has.
func (s *Session) checkKilled(k *killed) error {
	if !s.powerLost(k) {
		m, err := markAt(k.temp, k.base.Copied)
		if errors.Is(err, io.EOF) || err == nil && m.sum() != k.base.Mark {
			return refuseCut(s.path)
		}
		if err != nil {
			return err
		}
	}
	if len(k.base.Quarantine) > 0 && !k.base.Copy {
		s.keep = &quarantine{made: true}
		defer func() { s.keep = nil }()
	}
	if err := s.checkLinks(k.temp); err != nil {
		return err
	}
	return s.checkMounts(tempName(s.path))
}

// named makes sure that the log's name and the temporary one are of these two
// files.
func (s *Session) named(log, temp Info) error {
	for _, want := range []struct {
		name string
		info Info
	}{{s.path, log}, {tempName(s.path), temp}} {
		got, err := s.fs.Lstat(want.name)
		if err != nil || !got.Same(want.info) {
			return errors.Join(fmt.Errorf("%s: %w", want.name, errMoved), err)
		}
	}
	return nil
}

// trade gives the log's name to the second file and the temporary one to the
// first. Somebody may rename in the moment between look and exchange: what both
// names are of is looked at again afterwards, and a stranger's file gets its
// name back. touched says that the second file had the log's name at least for
// a moment.
func (s *Session) trade(first, second Info) (touched bool, err error) {
	if err := s.named(first, second); err != nil {
		return false, err
	}
	if err := s.fs.Exchange(s.path, tempName(s.path)); err != nil {
		return false, err
	}
	err = s.named(second, first)
	if err == nil {
		return true, nil
	}
	if now, lerr := s.fs.Lstat(s.path); lerr == nil && now.Same(second) {
		err = errors.Join(err, s.fs.Exchange(s.path, tempName(s.path)))
	}
	return true, err
}

// names is how many names the old inode may have now.
func (s *Session) names() uint64 {
	if s.keep != nil && s.keep.made && !s.keep.copy {
		return 2
	}
	return 1
}

// checkLinks refuses a log that has more names than are known, which would keep
// the old content.
func (s *Session) checkLinks(f File) error {
	if s.opt.BreakLinks {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Links > s.names() {
		return &RefusedError{Path: s.path, Allow: []string{RemedyBreakLinks},
			Reason: fmt.Sprintf("it has %d hard links, and the others would keep the old content", info.Links)}
	}
	return nil
}

// checkMounts refuses a file that is mounted by itself somewhere: whoever sees
// it there goes on appending to the old inode, whatever becomes of its name.
// name is what the old inode is called now.
func (s *Session) checkMounts(name string) error {
	if s.opt.BreakLinks {
		return nil
	}
	mounts, unseen, err := s.fs.Mounts(name)
	if err != nil {
		return err
	}
	s.unseen = unseen
	if len(mounts) == 0 {
		return nil
	}
	r := &RefusedError{Path: s.path, Allow: []string{RemedyBreakLinks}}
	var who []string
	for _, m := range mounts {
		if m.Point == name {
			r.Allow = nil
			r.Reason = "it is a mount point itself: mount the directory instead of the file"
			return r
		}
		if len(who) < 5 {
			who = append(who, fmt.Sprintf("as %s by process %d (%s)", safetext.String(m.Point), m.PID, safetext.String(m.Command)))
		}
	}
	r.Reason = "the file itself is mounted elsewhere, where the old content would stay and take appends: seen " +
		strings.Join(who, ", ") + "; mount its directory instead"
	return r
}

// openIno opens the file with that inode number for writing, whatever it is
// called now in the log's directory. If it is not there any more, the file that
// has the log's name takes its place: there is false.
func (s *Session) openIno(ino uint64) (f File, info Info, there bool, err error) {
	name, there, err := s.find(ino)
	if err != nil {
		return nil, Info{}, false, err
	}
	if !there {
		name = s.path
	}
	if f, info, err = s.openFor(name); err != nil {
		return nil, Info{}, there, err
	}
	if there && info.Ino != ino { // renamed in this moment
		return nil, Info{}, there, errors.Join(fmt.Errorf("%s: %w", name, errMoved), f.Close())
	}
	return f, info, there, nil
}

// find returns what the file with that inode number is called, in the log's
// directory. The log's own name goes first.
func (s *Session) find(ino uint64) (string, bool, error) {
	names, err := s.fs.Names(s.dir())
	if err != nil {
		return "", false, err
	}
	for _, name := range append([]string{filepath.Base(s.path)}, names...) {
		name = filepath.Join(s.dir(), name)
		info, err := s.fs.Lstat(name)
		if err != nil && !missing(err) {
			return "", false, err // it may be that one
		}
		if err == nil && info.Mode.IsRegular() && info.Ino == ino && info.Dev == s.info.Dev {
			return name, true, nil
		}
	}
	return "", false, nil
}
