package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// UnfinishedError says that the log was replaced but what was to be done afterwards
// failed. No record is lost; the journal stays, and the next session finishes.
type UnfinishedError struct {
	Path string
	Err  error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("rewrite %s: %v; every record is kept, and the next run finishes what is left", e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *UnfinishedError) Unwrap() error { return e.Err }

// ExitCode is 1.
func (e *UnfinishedError) ExitCode() int { return 1 }

// unfinished says what is pending, and who is to blame.
func (w *swap) unfinished(err error) error {
	return unfinished(w.s, err, w.s.info)
}

func unfinished(s *Session, err error, held Info) error {
	if errors.Is(err, errHeld) {
		return &WriterHoldsLogError{Path: s.path, Holders: s.fs.Holders(held), Pending: true}
	}
	return &UnfinishedError{Path: s.path, Err: err}
}

// rollBack exchanges the names back and brings what was appended to the new file over to the old one.
func (w *swap) rollBack(cause error) error {
	s := w.s
	var holders []Holder
	if errors.Is(cause, errHeld) {
		// Now: once the old inode has its name back, ordinary writers have it open too.
		holders = s.fs.Holders(s.info)
	}
	pending := func(err error) error {
		_ = w.letGo()
		if errors.Is(cause, errHeld) {
			return &WriterHoldsLogError{Path: s.path, Holders: holders, Pending: true, Err: err}
		}
		return &UnfinishedError{Path: s.path, Err: errors.Join(cause, err)}
	}
	if err := s.fs.Exchange(s.path, s.out.path); err != nil {
		return pending(fmt.Errorf("exchange back: %w", err))
	}
	if err := s.syncDir(); err != nil {
		return pending(err)
	}
	back, err := w.releaseNew()
	if err != nil {
		return pending(err)
	}
	defer back.src.Close()
	if err := s.bringBack(w.ctx, back); err != nil {
		return pending(err)
	}
	s.swapped = false
	if err := s.discard(); err != nil {
		return pending(err)
	}
	switch {
	case errors.Is(cause, errHeld):
		return &WriterHoldsLogError{Path: s.path, Holders: holders}
	case errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
		return cause
	}
	return fmt.Errorf("rewrite %s, undone: %w", s.path, cause)
}

// releaseNew lets go of the new file, with its writable descriptor: that would
// keep it from ever getting quiet.
func (w *swap) releaseNew() (*carrier, error) {
	s := w.s
	if err := w.letGo(); err != nil {
		return nil, err
	}
	if w.rep.Guarantee == Exclusive {
		// Our own read lease would keep us from writing to the log.
		if err := w.old.SetLease(NoLease); err != nil {
			return nil, err
		}
	}
	f, err := s.fs.OpenFile(s.out.path, os.O_RDONLY|NoFollow|NonBlock, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Same(w.newInfo) {
		return nil, errors.Join(errors.New("the new file was replaced by somebody else"), err, f.Close())
	}
	back := s.backCarrier(f, w.start, w.fwd.placed)
	return back, s.out.close()
}

// letGo lets those go on who wait for the new file.
func (w *swap) letGo() error {
	if w.rep.Guarantee != Exclusive || w.s.out == nil || w.s.out.f == nil {
		return nil
	}
	return w.new.SetLease(NoLease)
}

// backCarrier brings over to the log what others appended to src, the new file, from offset from on.
func (s *Session) backCarrier(src File, from int64, placed []place) *carrier {
	c := &carrier{fs: s.fs, src: src, back: true, from: from, skip: placed, dstEnd: -1, bugs: s.opt.bugs}
	if s.journal != nil && s.journal.failed == nil {
		c.j = s.journal
	}
	c.openDst = func() (File, error) {
		return s.fs.OpenFile(s.path, os.O_RDWR|NoFollow|NonBlock, 0)
	}
	return c
}

// bringBack waits for the writers of the new file and makes durable what they appended.
func (s *Session) bringBack(ctx context.Context, back *carrier) error {
	err := settle(context.WithoutCancel(ctx), back, s.opt)
	if back.dst != nil {
		if err == nil {
			err = back.dst.Sync()
		}
		err = errors.Join(err, back.dst.Close())
		back.dst = nil
	}
	return err
}
