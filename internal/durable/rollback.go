package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// rollBack gives the old inode its name back and brings what was appended to
// the new file over to what has the log's name then.
func (w *swap) rollBack(cause error) error {
	s := w.s
	var holders []Holder
	if errors.Is(cause, errHeld) {
		// Now: once the old inode has its name back, ordinary writers have it
		// open too.
		holders = s.fs.Holders(s.info)
	}
	pending := func(err error) error {
		_, _ = w.new.Unlease() // they wait for it; closed already, there is none
		if errors.Is(cause, errHeld) {
			return &WriterHoldsLogError{Path: s.path, Holders: holders, Pending: true, Err: err}
		}
		return &UnfinishedError{Path: s.path, Err: errors.Join(cause, err)}
	}
	if err := s.giveBack(w.newInfo); err != nil {
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
	var refused *RefusedError
	switch {
	case errors.Is(cause, errHeld):
		return &WriterHoldsLogError{Path: s.path, Holders: holders}
	case errors.Is(cause, errReached), errors.Is(cause, errSlow), errors.Is(cause, errMoved), errors.Is(cause, ErrLate):
		return &RefusedError{Path: s.path, Reason: cause.Error(), Err: cause}
	case errors.As(cause, &refused), errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
		return cause
	}
	return fmt.Errorf("rewrite %s, undone: %w", s.path, cause)
}

// giveBack exchanges the names back if the new file has the log's name. If
// somebody else renamed it meanwhile, only the next run can tell what is to
// become of the two.
func (s *Session) giveBack(newInfo Info) error {
	temp, err := s.fs.Lstat(tempName(s.path))
	if err == nil && temp.Same(newInfo) {
		return nil // it is back already
	}
	_, err = s.trade(newInfo, s.info)
	return err
}

// releaseNew lets go of the new file, with its writable descriptor: that would
// keep it from ever getting quiet.
func (w *swap) releaseNew() (*carrier, error) {
	s := w.s
	if _, err := w.new.Unlease(); err != nil {
		return nil, err
	}
	// Our own read lease would keep us from writing to the log.
	if _, err := w.old.Unlease(); err != nil {
		return nil, err
	}
	f, err := s.fs.OpenFile(s.out.path, os.O_RDONLY|NoFollow|NonBlock, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Same(w.newInfo) {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.out.path, errMoved), err, f.Close())
	}
	skip := w.fwd.waste
	for _, p := range w.fwd.placed {
		skip = append(skip, span{p.start(), p.end()})
	}
	back := s.backCarrier(f, w.base.Length, skip)
	return back, s.out.close()
}

// backCarrier brings over to the log what others appended to src, the new file,
// from offset from on.
func (s *Session) backCarrier(src File, from int64, skip []span) *carrier {
	c := &carrier{fs: s.fs, src: src, back: true, from: from, skip: inOrder(skip), dstEnd: -1, patience: s.opt.budget()}
	if s.journal != nil && s.journal.failed == nil {
		c.j = s.journal
	}
	c.openDst = func() (File, error) {
		f, info, err := s.openFor(s.path)
		c.into = info.Ino
		return f, err
	}
	return c
}

// openFor opens a file beside the log for writing, never through a link, and
// makes sure that it is the one that has that name.
func (s *Session) openFor(name string) (File, Info, error) {
	want, err := s.fs.Lstat(name)
	if err != nil {
		return nil, Info{}, err
	}
	if !want.Mode.IsRegular() {
		return nil, Info{}, fmt.Errorf("%s: %w", name, errMoved)
	}
	f, err := s.fs.OpenFile(name, os.O_RDWR|NoFollow|NonBlock, 0)
	if err != nil {
		return nil, Info{}, err
	}
	if got, err := f.Stat(); err != nil || !got.Same(want) {
		return nil, Info{}, errors.Join(fmt.Errorf("%s: %w", name, errMoved), err, f.Close())
	}
	return f, want, nil
}

// bringBack waits for the writers of the new file and makes durable what they
// appended.
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
