package durable

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// exchange is the swap itself: from the lease to the removal of the old name.
//
// No fsync is waited for while writers wait. What is brought over in that time
// is in the journal, which a kill does not take; after a power loss it is known
// by what it is, since it stands where the base says.
func (w *swap) exchange() error {
	s := w.s
	if err := s.checkLinks(w.old); err != nil {
		return err
	}
	if err := s.checkMounts(s.path); err != nil {
		return err
	}
	if s.through != nil {
		if err := w.filterRest(); err != nil {
			return err
		}
	}
	w.fwd.held = w.rep.Guarantee == Exclusive
	// Into the page cache only: a moment later there is next to nothing left.
	if err := w.fwd.all(true); err != nil {
		return err
	}
	if w.rep.Guarantee == Exclusive {
		if err := s.leaseNew(w.ctx); err != nil {
			return err
		}
	}
	began := s.fs.Now()
	touched, err := s.trade(s.info, w.newInfo)
	if errors.Is(err, ErrNoExchange) {
		if w.rep.Guarantee != Exclusive {
			return w.replace()
		}
		return refuseLease(s.path, err)
	}
	s.swapped = touched
	if err != nil && !touched {
		if errors.Is(err, errMoved) {
			return &RefusedError{Path: s.path, Reason: err.Error(), Err: err}
		}
		return err
	}
	if err == nil {
		err = w.hold(began)
	}
	if err == nil {
		before := w.fwd.carried
		err = w.finish()
		w.rep.Late = w.fwd.carried - before
	}
	if err != nil {
		return w.rollBack(err)
	}
	if err := w.cleanUp(s.info); err != nil {
		return &UnfinishedError{Path: s.path, Err: err}
	}
	_, _ = w.old.Unlease() // it has no name any more
	w.done()
	return nil
}

// done completes the report.
func (w *swap) done() {
	w.rep.Carried += w.fwd.carried
	w.rep.BytesAfter = w.base.Length + w.fwd.carried
	if w.base.Open && !w.fwd.open {
		w.rep.NewlineAdded = true
		w.rep.BytesAfter++
	}
	w.rep.QuarantinedAs = w.s.keep.name()
	w.rep.Unseen = w.s.unseen
}

// leaseNew makes everybody wait who opens the log once the new file has its
// name. A reader that looked into the new file just now is waited for a moment.
func (s *Session) leaseNew(ctx context.Context) error {
	deadline := s.fs.Now().Add(s.opt.budget())
	for {
		err := s.out.f.SetLease(WriteLease)
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrBusy) || !s.fs.Now().Before(deadline) {
			return refuseLease(s.path, fmt.Errorf("lease the new file: %w", err))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		s.fs.Sleep(quietPoll)
	}
}

// hold waits until the old inode is quiet, copies what was appended to it, and
// lets the waiting openers go on in the new file. Then it makes durable what it
// did.
func (w *swap) hold(began time.Time) error {
	s := w.s
	w.fwd.deadline = began.Add(s.opt.budget())
	for {
		if w.rep.Guarantee == Exclusive {
			if err := quiet(w.ctx, s.fs, w.old, w.fwd.deadline); err != nil {
				return err
			}
		}
		// In this moment nobody has it open for writing: what is seen now is
		// final.
		if err := w.mark.check(w.old, s.path); err != nil {
			return err
		}
		if err := s.checkLinks(w.old); err != nil {
			return err
		}
		if err := w.fwd.all(w.rep.Guarantee == Raced); err != nil {
			return err
		}
		if w.rep.Guarantee != Exclusive {
			break
		}
		l, err := w.old.Lease()
		if err != nil {
			return err
		}
		if _, err := w.old.Unlease(); err != nil {
			return err
		}
		if l == ReadLease { // nobody is on the way in
			break
		}
	}
	w.fwd.held, w.fwd.deadline = false, time.Time{}
	if w.rep.Guarantee == Exclusive {
		kept, err := w.new.Unlease()
		if err != nil {
			return err
		}
		announce(w.new)
		w.rep.Held = s.fs.Now().Sub(began)
		if !kept {
			w.rep.Guarantee = Raced
		}
	}
	if err := s.journal.sync(); err != nil {
		return err
	}
	if err := w.syncNew(); err != nil {
		return err
	}
	return s.syncDir()
}

// finish looks for late appends, and makes sure that nobody can make any more:
// the old inode must not lose its name before.
func (w *swap) finish() error {
	s := w.s
	// Not interrupted any more: the new file is the log.
	if err := settle(context.WithoutCancel(w.ctx), w.fwd, s.opt); err != nil {
		return err
	}
	if err := s.checkLinks(w.old); err != nil {
		return err
	}
	if err := s.checkMounts(tempName(s.path)); err != nil {
		return err
	}
	if err := w.syncNew(); err != nil {
		return err
	}
	return s.syncDir()
}

// cleanUp gives an archive its name, for the rewrite is done, and tidies up.
func (w *swap) cleanUp(gone Info) (err error) {
	if w.rep.Account, err = w.s.publish(w.base); err != nil {
		return err
	}
	return w.s.cleanUp(gone)
}

// cleanUp removes the temporary name, if it is that of the file that is to go,
// then the journal.
func (s *Session) cleanUp(gone Info) error {
	if err := s.syncDir(); err != nil {
		return err
	}
	name := tempName(s.path)
	now, err := s.fs.Lstat(name)
	if err == nil && !now.Same(gone) {
		return fmt.Errorf("%s: %w", name, errMoved)
	}
	if err != nil && !missing(err) {
		return err
	}
	if err := removeIfThere(s.fs, name); err != nil {
		return fmt.Errorf("remove old file: %w", err)
	}
	if err := removeIfThere(s.fs, accountName(s.path)); err != nil {
		return fmt.Errorf("remove account: %w", err)
	}
	// The journal last: it is what says that there was anything to remove.
	if err := removeIfThere(s.fs, journalName(s.path)); err != nil {
		return fmt.Errorf("remove journal: %w", err)
	}
	return s.syncDir()
}

// replace is the plain rename, for systems that cannot exchange two names. What
// is appended to the old file just then can only be found as long as it stays
// open.
func (w *swap) replace() error {
	s := w.s
	if err := w.mark.check(w.old, s.path); err != nil {
		return err
	}
	if err := w.fwd.all(false); err != nil {
		return err
	}
	if err := w.syncNew(); err != nil {
		return err
	}
	if closeBeforeRename {
		s.logClosed = true
		if err := errors.Join(s.out.close(), w.old.Close()); err != nil {
			return err
		}
	}
	if err := s.fs.Rename(s.out.path, s.path); err != nil {
		return fmt.Errorf("replace log: %w", err)
	}
	s.swapped = true
	unfinished := func(err error) error { return &UnfinishedError{Path: s.path, Err: err} }
	if !closeBeforeRename {
		w.fwd.j = nil
		if err := settle(w.ctx, w.fwd, s.opt); err != nil {
			return unfinished(err)
		}
		if err := w.syncNew(); err != nil {
			return unfinished(err)
		}
	}
	if closeBeforeRename { // the journal's open handle would keep it from being removed
		if err := s.journal.close(); err != nil {
			return unfinished(err)
		}
	}
	if err := w.cleanUp(Info{}); err != nil {
		return unfinished(err)
	}
	w.done()
	return nil
}
