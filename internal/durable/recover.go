package durable

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sort"
)

// recover finishes or undoes a killed run. It may itself be killed anywhere:
// each state that it passes through is one that it can start from.
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
	var held *WriterHoldsLogError
	var refused *RefusedError
	if err == nil || errors.As(err, &held) || errors.As(err, &refused) {
		return err
	}
	return fmt.Errorf("recover an interrupted rewrite: %w", err)
}

// resolve knows every pair of files that the two names may be of. The first row
// that fits counts:
//
//	log   hidden        state                                  then
//	any   any           no journal that is whole               the hidden file goes
//	old   none          the new file did not stay              undone, with its evidence
//	old   new, unready  the names cannot have been exchanged   undone, with its evidence
//	any   none          only the journal was left to remove    finished
//	any   old           exchanged; the log may be rotated      roll forward
//	any   new           exchanged back, or rotated before      roll back
//	new   a trusted     somebody renamed just then             its name back, then roll back
//	any   another       nothing is known                       set aside
func (s *Session) resolve(ctx context.Context, k *killed) error {
	if !k.valid || k.base.Old == 0 { // the exchange comes after a whole journal
		gone := k.tempInfo
		if err := s.closeKilled(k); err != nil {
			return err
		}
		return s.tidy(gone, Recovery{Action: "removed"})
	}
	isOld, isNew := s.info.Ino == k.base.Old, s.info.Ino == k.base.New
	tempOld := k.temp != nil && k.tempInfo.Ino == k.base.Old
	tempNew := k.temp != nil && k.tempInfo.Ino == k.base.New
	switch {
	case isOld && (k.temp == nil || tempNew && !k.base.Ready):
		return s.undone(k, 0)
	case k.temp == nil:
		return s.finished(k, Info{}, Recovery{Action: "finished"})
	case tempOld: // the new file may have been rotated away since
		return s.rollForward(ctx, k, isNew)
	case tempNew: // so may the old one
		return s.rollBackKilled(ctx, k)
	case isNew && s.trusts(k.tempInfo):
		// Killed after it had exchanged the names although somebody had just
		// renamed.
		if err := s.swapBack(k); err != nil {
			return err
		}
		return s.rollBackKilled(ctx, k)
	}
	return s.setAside(k)
}

// setAside gives a file that nothing is known about a name that can be seen,
// and forgets the journal. Nothing is lost, and nothing is in the way any more.
func (s *Session) setAside(k *killed) error {
	for now := s.fs.Now(); ; now = now.Add(1e6) {
		name := kept(filepath.Dir(s.path), s.path, ".set-aside.", "", now)
		err := s.fs.Link(tempName(s.path), name)
		if err == nil {
			return s.finished(k, k.tempInfo, Recovery{Action: "set aside", Left: []string{name}})
		}
		if _, lerr := s.fs.Lstat(name); lerr != nil {
			return fmt.Errorf("set %s aside: %w", tempName(s.path), err)
		}
	}
}

// swapBack gives the file that waits at the temporary name the log's name back.
func (s *Session) swapBack(k *killed) error {
	if _, err := s.trade(s.info, k.tempInfo); err != nil {
		return err
	}
	s.log, k.temp = k.temp, s.log
	s.info, k.tempInfo = k.tempInfo, s.info
	return s.syncDir()
}

// closeKilled closes what is about to be removed: not every system removes an
// open file.
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

// finished gives the archive its name, then tidies up.
func (s *Session) finished(k *killed, gone Info, r Recovery) error {
	if _, err := s.publish(k.base); err != nil {
		return err
	}
	return s.tidy(gone, r)
}

// tidy removes what has nothing left to say.
func (s *Session) tidy(gone Info, r Recovery) error {
	if err := s.cleanUp(gone); err != nil {
		return err
	}
	s.recovered = append(s.recovered, r)
	return nil
}

// undone also removes what was written about a rewrite that did not happen.
func (s *Session) undone(k *killed, carried int64) error {
	r := Recovery{Action: "undone", Carried: carried}
	for _, remove := range []func(base) (string, error){s.removeEvidence, s.removeAccount, s.dropArchive} {
		left, err := remove(k.base)
		if err != nil {
			return err
		}
		if left != "" {
			r.Left = append(r.Left, left)
		}
	}
	return s.tidy(k.tempInfo, r)
}

// rollForward brings what the old file has beyond over to the new one, wherever
// that is now. If it is not to be found, the file that has the log's name takes
// it.
func (s *Session) rollForward(ctx context.Context, k *killed, isNew bool) error {
	if err := s.waitWhole(ctx, isNew); err != nil {
		return s.heldUp(err, s.info)
	}
	dst, info, there, err := s.openIno(k.base.New)
	if err != nil {
		return err
	}
	c := s.forward(k, dst)
	if !there {
		c.into, c.dstEnd, c.open = info.Ino, -1, false
		c.from = max(c.from, last(k.split(false, 0)).To) // that went with the new file
	}
	err = c.resume(k.split(false, c.into), k.room.in(c.into), there && s.powerLost(k))
	if err == nil {
		err = settle(ctx, c, s.opt)
	}
	if err == nil {
		err = s.checkKilled(k)
	}
	if err == nil {
		err = dst.Sync()
	}
	announce(dst) // the killed run did not come to it
	err = errors.Join(err, dst.Close())
	var refused *RefusedError
	if isNew && (errors.Is(err, errHeld) || errors.Is(err, errReached) || errors.As(err, &refused)) {
		return s.takeBack(ctx, k, c, err)
	}
	if errors.As(err, &refused) { // and the log has been rotated away since: there is nothing to take back
		return s.setAside(k)
	}
	if err != nil {
		return s.heldUp(err, k.tempInfo)
	}
	if err := s.finished(k, k.tempInfo, Recovery{Action: "finished", Carried: c.carried}); err != nil {
		return err
	}
	_, _ = k.temp.Unlease() // it has no name any more
	return nil
}

// forward is the carrier from the old file to the new one.
func (s *Session) forward(k *killed, dst File) *carrier {
	return &carrier{fs: s.fs, j: s.journal, src: k.temp, dst: dst, from: k.base.Copied, dstEnd: k.base.Length,
		open: k.base.Open, patience: s.opt.budget()}
}

// takeBack gives the old inode its name back, because somebody reaches it.
func (s *Session) takeBack(ctx context.Context, k *killed, c *carrier, cause error) error {
	holders := s.fs.Holders(k.tempInfo)
	k.places = append(k.places, c.placed...)
	k.room = nil
	k.waste = c.waste
	if err := s.swapBack(k); err != nil {
		return err
	}
	if _, err := s.log.Unlease(); err != nil { // it is to be written to
		return err
	}
	if err := s.rollBackKilled(ctx, k); err != nil {
		return err
	}
	var refused *RefusedError
	switch {
	case errors.As(cause, &refused):
		return refused
	case errors.Is(cause, errReached):
		return &RefusedError{Path: s.path, Reason: cause.Error(), Err: cause}
	}
	return &WriterHoldsLogError{Path: s.path, Holders: holders}
}

// rollBackKilled: the new file is not wanted, but what others appended to it
// is.
func (s *Session) rollBackKilled(ctx context.Context, k *killed) error {
	skip, err := s.ours(k)
	if err != nil {
		return err
	}
	c := s.backCarrier(k.temp, k.base.Length, skip)
	if err := s.waitWhole(ctx, true); err != nil {
		return s.heldUp(err, s.info)
	}
	err = s.resumeBack(c, k)
	if err == nil {
		err = s.bringBack(ctx, c)
	}
	if err != nil {
		return s.heldUp(err, k.tempInfo)
	}
	if err := s.undone(k, c.carried); err != nil {
		return err
	}
	_, _ = k.temp.Unlease() // it has no name any more
	return nil
}

// ours returns which parts of the new file, past its base, came from the old
// one or are nothing.
func (s *Session) ours(k *killed) ([]span, error) {
	skip := k.waste
	c := s.forward(k, k.temp)
	c.src = s.log
	for _, p := range k.split(false, 0) {
		rest, err := c.rest(p)
		if err != nil {
			return nil, err
		}
		skip = append(skip, span{p.start(), p.end()}, rest)
		c.from, c.dstEnd, c.open = p.To, p.end(), false
	}
	if r := k.room.in(0); r != nil {
		at, n, err := findRoom(k.temp, *r)
		if err != nil {
			return nil, err
		}
		skip = append(skip, span{at, at + n})
	}
	if !s.powerLost(k) || s.info.Ino != k.base.Old {
		return skip, nil
	}
	p, nul, err := c.doubled()
	if err != nil {
		return nil, err
	}
	standing, err := c.standing(p, math.MaxInt64)
	return append(append(skip, span{p.start(), p.end() + nul}), standing...), err
}

func (s *Session) resumeBack(c *carrier, k *killed) error {
	all := slices.DeleteFunc(slices.Clone(k.places), func(p place) bool { return !p.Back })
	if len(all) == 0 && k.back == nil {
		return nil // what there is to bring back opens the log
	}
	into := last(all).Into
	if k.back != nil {
		into = k.back.Into
	}
	dst, info, _, err := s.openIno(into)
	if err != nil {
		return err
	}
	c.dst, c.into = dst, info.Ino
	placed := k.split(true, info.Ino)
	for _, p := range all {
		c.from = max(c.from, p.To)
	}
	if err := c.resume(placed, k.back.in(info.Ino), false); err != nil {
		c.dst = nil
		return errors.Join(err, dst.Close())
	}
	return nil
}

// waitWhole waits until nobody is in the middle of a line of the log, as long
// as a writer may be waited for: what is brought over must not come between its
// halves.
func (s *Session) waitWhole(ctx context.Context, matters bool) error {
	deadline := s.fs.Now().Add(s.opt.budget())
	for matters {
		ended, err := endsLine(s.fs, s.log)
		if err != nil || ended {
			return err
		}
		held, err := s.Held()
		if err != nil || !held {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !s.fs.Now().Before(deadline) {
			return errHeld
		}
		s.fs.Sleep(lingerPoll)
	}
	return nil
}

// heldUp is the error of a recovery that has to be left to the next run.
func (s *Session) heldUp(err error, by Info) error {
	switch {
	case errors.Is(err, errHeld):
		return &WriterHoldsLogError{Path: s.path, Holders: s.fs.Holders(by), Pending: true}
	case errors.Is(err, ErrNoLease):
		return refuseLease(s.path, err)
	}
	return err
}

func inOrder(spans []span) []span {
	sort.Slice(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	return spans
}
