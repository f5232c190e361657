package durable

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	catchUpRounds = 8         // how often what was appended meanwhile is copied before the swap
	catchUpEnough = 256 << 10 // bytes that may be left for the swap itself
)

// Report tells how a log was replaced.
type Report struct {
	Guarantee     Guarantee     `json:"guarantee"`
	BytesBefore   int64         `json:"bytes_before"` // of the log when the session began
	BytesAfter    int64         `json:"bytes_after"`  // of the log now, as far as this run put them there
	Carried       int64         `json:"bytes_carried"`
	Late          int64         `json:"bytes_late"` // the part of Carried that came after writers were let go
	Held          time.Duration `json:"held_ns"`    // how long writers had to wait
	QuarantinedAs string        `json:"quarantined_as,omitempty"`
}

// swap is one replacement under way.
type swap struct {
	s       *Session
	ctx     context.Context
	old     File // the log that is replaced
	new     File // the new file
	newInfo Info
	start   int64 // bytes of the new file when the journal was written
	fwd     *carrier
	rep     Report
}

// Commit puts the new file in the log's place. Everything that the log has from
// upTo on is carried over as it is, also what other processes append while Commit runs.
//
// On an error the log is as it was, unless the error is a [WriterHoldsLogError] or
// [UnfinishedError] with something pending: then the journal stays and the next session
// finishes. If ctx ends before the exchange, or while writers have not
// let go yet, the log is as it was; after that Commit finishes.
func (s *Session) Commit(ctx context.Context, upTo int64) (Report, error) {
	if s.out == nil || s.swapped || s.closed {
		return Report{}, errors.New("commit: there is no new file")
	}
	w := &swap{s: s, ctx: ctx, old: s.log, new: s.out.f}
	w.rep = Report{Guarantee: s.opt.guarantee(), BytesBefore: s.info.Size}
	err := w.prepare(upTo)
	if err == nil {
		err = w.exchange()
	}
	if err != nil && !s.swapped {
		return Report{}, errors.Join(err, s.discard())
	}
	if err != nil {
		return Report{}, err
	}
	return w.rep, nil
}

// prepare brings the new file up to date and writes the journal.
func (w *swap) prepare(upTo int64) error {
	s := w.s
	if err := s.out.Flush(); err != nil {
		return err
	}
	copied, err := w.catchUp(upTo)
	if err != nil {
		return err
	}
	if err := w.new.CopyMeta(w.old); err != nil {
		return &RefusedError{Path: s.path, Reason: err.Error(), Err: err}
	}
	if !s.opt.bugs.skipFileSync {
		if err := w.new.Sync(); err != nil {
			return fmt.Errorf("fsync new file: %w", err)
		}
	}
	if w.newInfo, err = w.new.Stat(); err != nil {
		return fmt.Errorf("look at new file: %w", err)
	}
	w.start = w.newInfo.Size
	b := base{Old: s.info.Ino, New: w.newInfo.Ino, Copied: copied, Length: w.start, Guarantee: s.opt.guarantee()}
	if s.opt.QuarantineDir != "" {
		if s.keep, err = s.planQuarantine(); err != nil {
			return err
		}
		b.Quarantine, b.Copy = []byte(s.keep.path), s.keep.copy
	}
	if s.journal, err = createJournal(s.fs, journalName(s.path), b, s.opt.bugs); err != nil {
		return err
	}
	if err := s.syncDir(); err != nil {
		return err
	}
	if err := s.keep.secure(w.ctx, s); err != nil {
		return err
	}
	w.fwd = &carrier{fs: s.fs, j: s.journal, src: w.old, dst: w.new, from: copied, dstEnd: w.start, bugs: s.opt.bugs}
	return w.ctx.Err()
}

// catchUp copies whole lines that were appended since upTo, so that little is left for
// the moment in which writers wait. It returns the offset up to which it came.
func (w *swap) catchUp(upTo int64) (int64, error) {
	copied := upTo
	for range catchUpRounds {
		info, err := w.old.Stat()
		if err != nil {
			return 0, fmt.Errorf("look at log: %w", err)
		}
		if info.Size < copied {
			return 0, &RefusedError{Path: w.s.path, Reason: fmt.Sprintf("it shrank to %d bytes while it was read", info.Size)}
		}
		cut, err := lastNewline(w.old, copied, info.Size)
		if err != nil {
			return 0, fmt.Errorf("read log: %w", err)
		}
		if cut < 0 {
			break
		}
		n := cut + 1 - copied
		if err := w.s.out.CopyRange(copied, n); err != nil {
			return 0, err
		}
		copied += n
		w.rep.Carried += n
		if n < catchUpEnough {
			break
		}
	}
	return copied, w.ctx.Err()
}

// exchange is the swap itself: from the lease to the removal of the old name.
func (w *swap) exchange() error {
	s := w.s
	if s.opt.bugs.drainBeforeExchange {
		if err := w.fwd.all(false); err != nil {
			return err
		}
		w.fwd.from = 1 << 62
	}
	began := s.fs.Now()
	if w.rep.Guarantee == Exclusive {
		if err := w.leaseNew(); err != nil {
			return err
		}
	}
	if named, err := s.fs.Lstat(s.path); err != nil || !named.Same(s.info) {
		return errors.Join(&RefusedError{Path: s.path, Reason: "it was replaced by somebody else while it was read"}, err)
	}
	err := s.fs.Exchange(s.path, s.out.path)
	if errors.Is(err, ErrNoExchange) {
		if w.rep.Guarantee != Exclusive {
			return w.replace()
		}
		return &RefusedError{Path: s.path, Reason: err.Error(), Hints: raceHints(), Err: err}
	}
	if err != nil {
		return err
	}
	s.swapped = true
	if err := w.hold(); err != nil {
		return w.rollBack(err)
	}
	w.rep.Held = s.fs.Now().Sub(began)
	before := w.fwd.carried
	if err := w.finish(); err != nil {
		return w.unfinished(err)
	}
	w.rep.Late = w.fwd.carried - before
	w.rep.Carried += w.fwd.carried
	w.rep.BytesAfter = w.start + w.fwd.carried
	w.rep.QuarantinedAs = s.keep.name()
	return nil
}

// leaseNew makes everybody wait who opens the log once the new file has its name. A
// reader that looked into the new file just now is waited for a moment.
func (w *swap) leaseNew() error {
	deadline := w.s.fs.Now().Add(w.s.opt.budget())
	for {
		err := w.new.SetLease(WriteLease)
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrBusy) || !w.s.fs.Now().Before(deadline) {
			return &RefusedError{Path: w.s.path, Reason: fmt.Sprintf("lease the new file: %v", err), Hints: raceHints(), Err: err}
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
		w.s.fs.Sleep(quietPoll)
	}
}

// hold waits until the old inode is quiet, copies what was appended to it, makes file and
// names durable, and lets the waiting openers go on in the new file.
func (w *swap) hold() error {
	s := w.s
	if named, err := s.fs.Lstat(s.out.path); err != nil || !named.Same(s.info) {
		return errors.Join(errors.New("the log was replaced by somebody else in the last moment"), err)
	}
	deadline := s.fs.Now().Add(s.opt.budget())
	for {
		if w.rep.Guarantee == Exclusive && !s.opt.bugs.noQuietWait {
			if err := quiet(w.ctx, s.fs, w.old, deadline); err != nil {
				return err
			}
		}
		if err := w.fwd.all(w.rep.Guarantee == Raced); err != nil {
			return err
		}
		if err := w.new.Sync(); err != nil {
			return fmt.Errorf("fsync new file: %w", err)
		}
		if err := s.syncDir(); err != nil {
			return err
		}
		if w.rep.Guarantee != Exclusive || s.opt.bugs.noQuietWait {
			return nil
		}
		l, err := w.old.Lease()
		if err != nil {
			return err
		}
		if err := w.old.SetLease(NoLease); err != nil {
			return err
		}
		if l == ReadLease { // nobody is on the way in
			err := w.new.SetLease(NoLease)
			announce(w.new)
			return err
		}
	}
}

// finish looks for late appends and takes the old inode's name away.
func (w *swap) finish() error {
	s := w.s
	// Not interrupted any more: the new file is the log.
	if err := settle(context.WithoutCancel(w.ctx), w.fwd, s.opt); err != nil {
		return err
	}
	if err := w.new.Sync(); err != nil {
		return fmt.Errorf("fsync new file: %w", err)
	}
	if err := s.cleanUp(); err != nil {
		return err
	}
	if w.rep.Guarantee == Exclusive {
		return w.old.SetLease(NoLease)
	}
	return nil
}

// cleanUp removes the temporary name, then the journal.
func (s *Session) cleanUp() error {
	if err := s.syncDir(); err != nil {
		return err
	}
	if err := removeIfThere(s.fs, tempName(s.path)); err != nil {
		return fmt.Errorf("remove old file: %w", err)
	}
	if err := removeIfThere(s.fs, journalName(s.path)); err != nil {
		return fmt.Errorf("remove journal: %w", err)
	}
	return s.syncDir()
}

// replace is the plain rename, for systems that cannot exchange two names. What is
// appended to the old file just then can only be found as long as it stays open.
func (w *swap) replace() error {
	s := w.s
	if err := w.fwd.all(false); err != nil {
		return err
	}
	if err := w.new.Sync(); err != nil {
		return fmt.Errorf("fsync new file: %w", err)
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
	if !closeBeforeRename {
		w.fwd.j = nil
		if err := settle(w.ctx, w.fwd, s.opt); err != nil {
			return w.unfinished(err)
		}
		if err := w.new.Sync(); err != nil {
			return w.unfinished(fmt.Errorf("fsync new file: %w", err))
		}
	}
	w.rep.Carried += w.fwd.carried
	w.rep.BytesAfter = w.start + w.fwd.carried
	w.rep.QuarantinedAs = s.keep.name()
	if closeBeforeRename { // the journal's open handle would keep it from being removed
		if err := s.journal.close(); err != nil {
			return w.unfinished(err)
		}
	}
	if err := s.cleanUp(); err != nil {
		return w.unfinished(err)
	}
	return nil
}
