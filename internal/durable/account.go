package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Account is a file that tells what a rewrite does, such as the ledger of a
// repair, or an archive of what a compaction removes. It lives and dies with
// the rewrite: it is complete and durable before the log is replaced, stays if
// the log was replaced, also if a later run has to finish that, and is removed
// if the log was not. Until then it grows beside the log under a name that the
// next session finds if this one is killed.
//
// An archive waits in its directory under a hidden name, and gets its own once
// the rewrite cannot be taken back any more: under that name nothing stands
// twice.
//
// It is not safe for concurrent use.
type Account struct {
	s     *Session
	f     File
	path  string
	wait  string // where an archive waits for its name
	buf   []byte
	off   int64
	ino   uint64
	err   error
	there bool // it has the name that it is to have before the log is replaced
}

// Account starts the account, which is to be at path. Nothing may be there.
func (s *Session) Account(path string) (*Account, error) {
	if s.account != nil || s.journal != nil {
		return nil, errors.New("start account: the session has one, or is committed")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("start account: %w", err)
	}
	if _, err := s.fs.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s exists: it may be the only evidence of an earlier rewrite", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("start account: %w", err)
	}
	if path, err = placed(s.fs, path); err != nil {
		return nil, fmt.Errorf("start account: %w", err)
	}
	return s.startAccount(&Account{s: s, path: path})
}

func (s *Session) startAccount(a *Account) (_ *Account, err error) {
	if a.f, err = s.fs.OpenFile(accountName(s.path), os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600); err != nil {
		return nil, fmt.Errorf("start account: %w", err)
	}
	s.account = a
	return a, nil
}

// before is the name that it has before the log is replaced.
func (a *Account) before() string {
	if a.wait != "" {
		return a.wait
	}
	return a.path
}

// Path returns where the account will be.
func (a *Account) Path() string { return a.path }

// Write adds p. The first error sticks, and the rewrite fails with it.
func (a *Account) Write(p []byte) (int, error) {
	if len(a.buf)+len(p) > outputBuffer {
		a.flush()
	}
	if a.err != nil {
		return 0, a.err
	}
	if len(p) >= outputBuffer {
		n, err := a.f.WriteAt(p, a.off)
		a.off, a.err = a.off+int64(n), err
		return n, err
	}
	a.buf = append(a.buf, p...)
	return len(p), nil
}

func (a *Account) flush() {
	if a.err == nil && len(a.buf) > 0 {
		var n int
		n, a.err = a.f.WriteAt(a.buf, a.off)
		a.off += int64(n)
	}
	a.buf = a.buf[:0]
}

// finish makes the account complete and durable, still under the name that it
// grew under.
func (a *Account) finish() error {
	if a == nil {
		return nil
	}
	a.flush()
	if a.err == nil && a.wait != "" {
		a.err = a.f.CopyMeta(a.s.log)
	}
	if a.err == nil {
		a.err = a.f.Sync()
	}
	info, err := a.f.Stat()
	if err = errors.Join(a.err, err); err != nil {
		return fmt.Errorf("write account %s: %w", a.path, err)
	}
	a.ino = info.Ino
	return nil
}

// appear gives the account its name, which nothing else may have, or an archive
// the one that it waits under. The journal must know of it already.
func (a *Account) appear() error {
	if a == nil {
		return nil
	}
	err := a.s.fs.Link(accountName(a.s.path), a.before())
	if errors.Is(err, syscall.EXDEV) {
		err = a.copy()
	}
	if err == nil {
		a.there = true
		err = a.s.fs.SyncDir(filepath.Dir(a.path))
	}
	if err == nil {
		err = errors.Join(a.close(), removeIfThere(a.s.fs, accountName(a.s.path)))
	}
	if err != nil {
		return fmt.Errorf("put account %s in place: %w", a.path, err)
	}
	return nil
}

func (a *Account) copy() error {
	f, err := a.s.fs.OpenFile(a.before(), os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
	if err != nil {
		return err
	}
	a.there = true
	for off := int64(0); err == nil && off < a.off; {
		var n int64
		n, err = f.CopyFrom(a.f, off, off, min(copyStep, a.off-off))
		off += n
	}
	if err == nil && a.wait != "" {
		err = f.CopyMeta(a.s.log)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (a *Account) close() error {
	if a.f == nil {
		return nil
	}
	err := a.f.Close()
	a.f = nil
	return err
}

// undo removes the account of a rewrite that did not happen.
func (a *Account) undo() error {
	if a == nil {
		return nil
	}
	err := errors.Join(a.close(), removeIfThere(a.s.fs, accountName(a.s.path)))
	if a.there {
		a.there = false
		err = errors.Join(err, removeIfThere(a.s.fs, a.before()), a.s.fs.SyncDir(filepath.Dir(a.path)))
	}
	return err
}

// removeAccount removes what a killed run wrote about a rewrite that was
// undone. A journal may be forged: only a name that we make of the log's own,
// beside the log, and only the very file that was written there is removed.
func (s *Session) removeAccount(b base) (left string, err error) {
	name := string(b.Account)
	if name == "" || len(b.Wait) > 0 {
		return "", nil
	}
	info, err := s.fs.Lstat(name)
	switch {
	case missing(err):
		return "", nil
	case err != nil:
		return "", err
	case filepath.Dir(name) != filepath.Dir(s.path) || !derives(name, s.path, accountTail) ||
		!info.Mode.IsRegular() || info.Ino != b.AccountIno || info.Dev != s.info.Dev:
		return name, nil
	}
	if err := s.fs.Remove(name); err != nil {
		return "", fmt.Errorf("remove account: %w", err)
	}
	return "", nil
}
