package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

const archiveSuffix = ".ndjson.zst"

var waitTail = regexp.MustCompile(`\.[0-9]+\.papyra-archive$`)

// Archive starts an account that is to be kept in dir, which is made if it is
// not there. [Account.Call] says how. It gets the mode, owner, ACL and extended
// attributes of the log.
func (s *Session) Archive(dir string) (*Account, error) {
	if s.account != nil || s.journal != nil {
		return nil, errors.New("start archive: the session has an account, or is committed")
	}
	dir, err := s.makeDir(dir)
	if err != nil {
		return nil, fmt.Errorf("archive directory: %w", err)
	}
	for n := 0; ; n++ {
		tail := fmt.Sprintf(".%d.papyra-archive", n)
		name := filepath.Join(dir, "."+fitting(filepath.Base(s.path), 1+len(tail))+tail)
		_, err := s.fs.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return s.startAccount(&Account{s: s, path: name, wait: name})
		}
		if err != nil {
			return nil, fmt.Errorf("archive directory: %w", err)
		}
	}
}

// Call says what an archive has of its log: it will be NAME.<what>.ndjson.zst,
// or if there is such a file by then, with a number behind what.
func (a *Account) Call(what string) { a.path = ArchiveName(filepath.Dir(a.wait), a.s.path, what) }

// ArchiveName is what an archive of the log is called.
func ArchiveName(dir, path, what string) string {
	tail := "." + what + archiveSuffix
	return filepath.Join(dir, fitting(filepath.Base(path), len(tail)+len("-1000"))+tail)
}

// waits reports whether a journal names a place where an archive of this log
// waits, and a name beside it. A journal may be forged: nothing else is
// touched.
func (s *Session) waits(b base) (wait string, ok bool) {
	wait = string(b.Wait)
	name := filepath.Base(wait)
	at := waitTail.FindStringIndex(name)
	return wait, at != nil && name[:at[0]] == "."+fitting(filepath.Base(s.path), 1+len(name)-at[0]) &&
		filepath.Dir(wait) == filepath.Dir(string(b.Account))
}

// publish gives the archive of a rewrite that is done its name, and returns
// that. It may be repeated, and replaces nothing.
func (s *Session) publish(b base) (string, error) {
	wait, ok := s.waits(b)
	if !ok {
		return string(b.Account), nil
	}
	info, err := s.fs.Lstat(wait)
	if missing(err) {
		return string(b.Account), nil // an earlier run came that far
	}
	name := string(b.Account)
	for n := 2; err == nil; n++ {
		if err = s.fs.Link(wait, name); err == nil {
			break
		}
		if now, lerr := s.fs.Lstat(name); lerr == nil {
			if err = nil; now.Same(info) {
				break // likewise
			}
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(string(b.Account), archiveSuffix), n, archiveSuffix)
		}
	}
	for _, step := range []func() error{
		func() error { return s.fs.SyncDir(filepath.Dir(wait)) },
		func() error { return s.fs.Remove(wait) },
		func() error { return s.fs.SyncDir(filepath.Dir(wait)) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		return "", fmt.Errorf("put archive %s in place: %w", name, err)
	}
	return name, nil
}

// dropArchive removes the archive of a rewrite that did not happen.
func (s *Session) dropArchive(b base) (left string, err error) {
	wait, ok := s.waits(b)
	if !ok {
		return wait, nil
	}
	if err := removeIfThere(s.fs, wait); err != nil {
		return "", fmt.Errorf("remove archive: %w", err)
	}
	return "", nil
}
