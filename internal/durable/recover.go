package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Recovery says what was done about a killed run.
type Recovery struct {
	// Action is "removed" (an unfinished new file), "undone" (the log had not been replaced,
	// or its replacement was taken back) or "finished" (it had been replaced).
	Action  string `json:"action"`
	Carried int64  `json:"bytes_carried"` // appended bytes that were brought over
}

// killed is what a killed run left.
type killed struct {
	temp     File // nil if there is none
	tempInfo Info
	base     base
	places   []place // in both directions
	valid    bool    // the journal has a first record
}

// recover finishes or undoes a killed run. It may itself be killed anywhere: each
// state that it passes through is one that it can start from.
func (s *Session) recover(ctx context.Context) error {
	k, found, err := s.findKilled()
	if err != nil || !found {
		return err
	}
	err = s.resolve(ctx, k)
	if k.temp != nil {
		err = errors.Join(err, k.temp.Close())
	}
	if s.journal != nil {
		err = errors.Join(err, s.journal.close())
		s.journal = nil
	}
	if err != nil {
		return fmt.Errorf("recover an interrupted rewrite: %w", err)
	}
	return nil
}

func (s *Session) findKilled() (k *killed, found bool, err error) {
	k = &killed{}
	if err := s.openTemp(k); err != nil {
		return nil, false, err
	}
	hasJournal, err := s.openJournal(k)
	if err != nil {
		if k.temp != nil {
			err = errors.Join(err, k.temp.Close())
		}
		return nil, false, err
	}
	return k, hasJournal || k.temp != nil, nil
}

// openTemp opens what has the temporary name, never through a link, and makes
// sure that no living run is at work on it.
func (s *Session) openTemp(k *killed) error {
	name := tempName(s.path)
	info, err := s.fs.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode&fs.ModeSymlink != 0:
		return s.fs.Remove(name) // planted: the link goes, its target stays
	case !info.Mode.IsRegular():
		return &RefusedError{Path: s.path, Reason: fmt.Sprintf("%s is in the way and no regular file", name)}
	}
	f, err := s.fs.OpenFile(name, os.O_RDONLY|NoFollow|NonBlock, 0)
	if err != nil {
		return err
	}
	if err = f.Lock(); errors.Is(err, ErrBusy) {
		err = &LockedError{Path: s.path}
	}
	if err == nil {
		k.tempInfo, err = f.Stat()
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	k.temp = f
	return nil
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
		return false, &RefusedError{Path: s.path, Reason: fmt.Sprintf("%s is in the way and was not written by the log's owner", name)}
	}
	f, err := s.fs.OpenFile(name, os.O_RDWR|NoFollow|NonBlock, 0)
	if err != nil {
		return false, err
	}
	s.journal = &journal{f: f, bugs: s.opt.bugs}
	var end int64
	if k.base, k.places, end, k.valid, err = readJournal(f); err != nil {
		return false, errors.Join(err, s.journal.close())
	}
	s.journal.off = end
	if k.valid {
		if err := s.secureJournal(f, info.Size > end, end); err != nil {
			return false, errors.Join(err, s.journal.close())
		}
	}
	return true, nil
}

// secureJournal makes durable what a killed run may have had in the page cache only: what is done
// next relies on it. What follows a broken record must never be taken for the sequel of a new one.
func (s *Session) secureJournal(f File, cut bool, end int64) error {
	if cut {
		if err := f.Truncate(end); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		s.journal.failed = err
		return fmt.Errorf("fsync journal: %w", err)
	}
	return s.syncDir()
}

// trusts reports whether a file was written by somebody who may rewrite the log anyway.
func (s *Session) trusts(info Info) bool {
	return info.UID == s.info.UID || info.UID == 0 || int64(info.UID) == int64(os.Geteuid())
}

func (s *Session) resolve(ctx context.Context, k *killed) error {
	if s.opt.bugs.trustFirstCleanup && k.temp == nil {
		return errors.New("the old file is missing")
	}
	isOld := k.valid && s.info.Ino == k.base.Old
	isNew := k.valid && s.info.Ino == k.base.New
	switch {
	case !k.valid, k.base.Old == 0: // the exchange comes after a whole journal
		if err := s.closeKilled(k); err != nil {
			return err
		}
		return s.tidy("removed", 0)
	case k.temp == nil && isOld:
		return s.undone(k, 0)
	case k.temp == nil:
		return s.tidy("finished", 0)
	case isNew && k.tempInfo.Ino == k.base.Old:
		return s.rollForward(ctx, k)
	case isOld && k.tempInfo.Ino == k.base.New:
		return s.rollBackKilled(ctx, k)
	}
	return &RefusedError{Path: s.path, Reason: fmt.Sprintf("%s and %s are from an interrupted rewrite, but the log is neither "+
		"of the two files it was about (moved or restored from a backup); compare, then remove them",
		tempName(s.path), journalName(s.path))}
}

// closeKilled closes what is about to be removed: not every system removes an open file.
func (s *Session) closeKilled(k *killed) error {
	var err error
	if k.temp != nil {
		err = k.temp.Close()
		k.temp = nil
	}
	if s.journal != nil {
		err = errors.Join(err, s.journal.close())
	}
	return err
}

// tidy removes what has nothing left to say.
func (s *Session) tidy(action string, carried int64) error {
	if err := s.cleanUp(); err != nil {
		return err
	}
	s.recovered = append(s.recovered, Recovery{Action: action, Carried: carried})
	return nil
}

// undone also removes the evidence of the rewrite that did not happen.
func (s *Session) undone(k *killed, carried int64) error {
	if name := string(k.base.Quarantine); isQuarantineOf(name, s.path) {
		q := &quarantine{path: name, copy: k.base.Copy, made: true}
		if err := q.undo(s); err != nil {
			return err
		}
	}
	return s.tidy("undone", carried)
}

// split returns the places of one direction, in file order of their source. A later
// record supersedes an earlier one from where it begins.
func split(places []place, back bool) []place {
	var out []place
	for _, p := range places {
		if p.Back != back {
			continue
		}
		for len(out) > 0 && out[len(out)-1].From >= p.From {
			out = out[:len(out)-1]
		}
		if len(out) > 0 {
			last := &out[len(out)-1]
			last.To = min(last.To, p.From)
		}
		out = append(out, p)
	}
	return out
}

// rollForward: the log is the new file, the old one waits at the temporary name.
func (s *Session) rollForward(ctx context.Context, k *killed) error {
	dst, err := s.fs.OpenFile(s.path, os.O_RDWR|NoFollow, 0)
	if err != nil {
		return err
	}
	placed := split(k.places, false)
	c := &carrier{fs: s.fs, j: s.journal, src: k.temp, dst: dst, from: k.base.Copied, dstEnd: k.base.Length, bugs: s.opt.bugs}
	err = c.resume(placed, k.base.Length)
	if err == nil {
		err = settle(ctx, c, s.opt)
	}
	if err == nil {
		err = dst.Sync()
	}
	announce(dst) // the killed run did not come to it
	if err = errors.Join(err, dst.Close()); errors.Is(err, errHeld) {
		k.places = append(k.places, c.placed...)
		return s.takeBack(ctx, k)
	}
	if err != nil {
		return s.leaseHint(err)
	}
	if err := s.tidy("finished", c.carried); err != nil {
		return err
	}
	if s.opt.guarantee() == Exclusive {
		return k.temp.SetLease(NoLease)
	}
	return nil
}

// takeBack gives the old inode its name back, because somebody keeps it open.
func (s *Session) takeBack(ctx context.Context, k *killed) error {
	holders := s.fs.Holders(k.tempInfo)
	if err := s.fs.Exchange(s.path, tempName(s.path)); err != nil {
		return err
	}
	if err := s.syncDir(); err != nil {
		return err
	}
	s.log, k.temp = k.temp, s.log
	s.info, k.tempInfo = k.tempInfo, s.info
	if err := s.rollBackKilled(ctx, k); err != nil {
		return err
	}
	return &WriterHoldsLogError{Path: s.path, Holders: holders}
}

// rollBackKilled: the log is the old inode; the new file is not wanted, but what others appended to it is.
func (s *Session) rollBackKilled(ctx context.Context, k *killed) error {
	c := s.backCarrier(k.temp, k.base.Length, split(k.places, false))
	err := s.resumeBack(c, split(k.places, true), k.base.Copied)
	if err == nil {
		err = s.bringBack(ctx, c)
	}
	if errors.Is(err, errHeld) {
		return unfinished(s, err, k.tempInfo)
	}
	if err != nil {
		return s.leaseHint(err)
	}
	if err := s.undone(k, c.carried); err != nil {
		return err
	}
	if s.opt.guarantee() == Exclusive {
		return k.temp.SetLease(NoLease)
	}
	return nil
}

func (s *Session) resumeBack(c *carrier, placed []place, old int64) error {
	if len(placed) > 0 {
		c.from = placed[len(placed)-1].To
	}
	from, to, err := c.next(false)
	if err != nil || (from == to && len(placed) == 0) {
		return err
	}
	if c.dst, err = c.openDst(); err != nil {
		return err
	}
	return c.resume(placed, old)
}

// leaseHint names the flags that help if a lease was needed and not to be had.
func (s *Session) leaseHint(err error) error {
	if errors.Is(err, ErrNoLease) {
		return &RefusedError{Path: s.path, Reason: err.Error(), Hints: raceHints(), Err: err}
	}
	return err
}
