package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// killed is what a killed run left.
type killed struct {
	story
	temp     File // nil if there is none
	tempInfo Info
	waste    []span // room in the new file that came to nothing
	account  bool   // an unfinished account is there
}

// findKilled opens what there is, and reports whether there is anything.
func (s *Session) findKilled() (k *killed, found bool, err error) {
	k = &killed{}
	if err := s.openTemp(k); err != nil {
		return nil, false, err
	}
	hasJournal, err := s.openJournal(k)
	if err == nil {
		var aerr error
		if _, aerr = s.fs.Lstat(accountName(s.path)); aerr == nil {
			k.account = true
		} else if !missing(aerr) {
			err = aerr
		}
	}
	if err != nil {
		if k.temp != nil {
			err = errors.Join(err, k.temp.Close())
		}
		return nil, false, err
	}
	return k, hasJournal || k.temp != nil || k.account, nil
}

// openTemp opens what has the temporary name and locks it. The log is locked,
// so that no run of ours is at work on it; but one may be that began before the
// log was rotated. An appender that opened the log before it got that name may
// have the lock for a moment. Nobody else who means well has.
func (s *Session) openTemp(k *killed) error {
	for end := s.fs.Now().Add(max(s.opt.Wait, lockGrace)); ; s.fs.Sleep(lockGracePoll) {
		info, err := s.tryTemp(k)
		switch {
		case !errors.Is(err, ErrBusy):
			return err
		case s.ctx.Err() != nil:
			return s.ctx.Err()
		case s.fs.Now().Before(end):
		case s.trusts(info):
			return &LockedError{Path: s.path}
		default:
			return s.inTheWay(tempName(s.path), "is locked by a process that is no maintenance run of this log")
		}
	}
}

// tryTemp never opens through a link. It answers ErrBusy if the file is locked
// or leased.
func (s *Session) tryTemp(k *killed) (Info, error) {
	name := tempName(s.path)
	info, err := s.fs.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return info, nil
	case err != nil:
		return info, err
	case info.Mode&fs.ModeSymlink != 0:
		return info, s.fs.Remove(name) // planted: the link goes, its target stays
	case !info.Mode.IsRegular():
		return info, s.inTheWay(name, "is no regular file")
	}
	f, err := s.fs.OpenFile(name, os.O_RDONLY|NoFollow|NonBlock, 0)
	if err != nil {
		return info, err
	}
	if err = f.Lock(); err == nil {
		k.tempInfo, err = f.Stat()
	}
	if err == nil && !k.tempInfo.Same(info) {
		err = fmt.Errorf("%s: %w", name, errMoved)
	}
	if err != nil {
		return info, errors.Join(err, f.Close())
	}
	k.temp = f
	return info, nil
}

func (s *Session) inTheWay(name, why string) error {
	return &RefusedError{Path: s.path, Reason: fmt.Sprintf("%s is in the way: it %s", name, why)}
}

// openJournal reads the journal and leaves it open for more records.
func (s *Session) openJournal(k *killed) (bool, error) {
	name := journalName(s.path)
	info, err := s.fs.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !info.Mode.IsRegular() || !s.trusts(info) {
		return false, s.inTheWay(name, "was not written by the log's owner")
	}
	f, _, err := s.openFor(name)
	if err != nil {
		return false, err
	}
	s.journal = &journal{f: f}
	told, err := readJournal(f)
	if err == nil && told.valid {
		s.journal.off = told.end
		err = s.secureJournal()
	}
	if err != nil {
		return false, errors.Join(err, s.journal.close())
	}
	k.story = *told
	return true, nil
}

// secureJournal makes durable what a killed run may have had in the page cache
// only: what is done next relies on it. What follows a broken record must never
// be taken for the sequel of a new one.
func (s *Session) secureJournal() error {
	if err := s.journal.f.Truncate(s.journal.off); err != nil {
		return err
	}
	if err := s.journal.sync(); err != nil {
		return err
	}
	return s.syncDir()
}

// trusts reports whether a file was written by somebody who may rewrite the log
// anyway.
func (s *Session) trusts(info Info) bool {
	return info.UID == s.info.UID || info.UID == 0 || int64(info.UID) == int64(os.Geteuid())
}

// powerLost reports whether the page cache may be another one than the killed
// run's.
func (s *Session) powerLost(k *killed) bool {
	return k.base.Life == "" || k.base.Life != s.fs.Life(s.dir())
}

// split returns the places of one direction in one file, in order of their
// source. A later record supersedes an earlier one from where it begins.
func (k *killed) split(back bool, into uint64) []place {
	var out []place
	for _, p := range k.places {
		if p.Back != back || p.Into != into {
			continue
		}
		for len(out) > 0 && last(out).From >= p.From {
			out = out[:len(out)-1]
		}
		if len(out) > 0 {
			prev := &out[len(out)-1]
			prev.To = min(prev.To, p.From)
		}
		out = append(out, p)
	}
	return out
}

// last returns the last of some things, or nothing.
func last[T any](list []T) (out T) {
	if len(list) > 0 {
		out = list[len(list)-1]
	}
	return out
}

func (s *Session) dir() string { return filepath.Dir(s.path) }
