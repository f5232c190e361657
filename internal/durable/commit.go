package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	catchUpRounds = 8         // how often what was appended meanwhile is copied before the swap
	catchUpEnough = 256 << 10 // bytes that may be left to the next step
	lateRounds    = 64        // how often a filter may see what was appended during an fsync
	topUpRounds   = 4         // how often what was appended during an fsync is
)

// Report tells how a log was replaced.
type Report struct {
	Outcome
	BytesBefore   int64 // of the log when the session began
	BytesAfter    int64 // of the log now, as far as this run put them there
	Carried       int64 // bytes that others appended meanwhile, Late among them
	NewlineAdded  bool
	QuarantinedAs string
	Account       string
}

// swap is one replacement under way. Until the names are exchanged, these hold
// at the end of each step:
//
//   - the new file holds what is kept of old[:base.Copied], in base.Length
//     bytes, and nobody but this run has written to it;
//   - base.Copied only grows, and old[:base.Copied] has not changed since it
//     was read, for mark remembers how it ends;
//   - base.Copied is behind a newline or the offset that Commit was given, so
//     that what is carried from there on is whole lines;
//   - what the journal says is durable before anything relies on it.
//
// After the exchange base does not change any more: what comes then is the
// business of fwd, which has records of its own.
type swap struct {
	s       *Session
	ctx     context.Context
	old     File // the log that is replaced
	new     File // the new file
	newInfo Info
	base    base
	mark    mark // of the old file, before base.Copied
	fwd     *carrier
	rep     Report
}

// Commit puts the new file in the log's place. Everything that the log has from
// upTo on is carried over as it is, also what other processes append while
// Commit runs; a newline comes before it if the new file ends within a line and
// the log did not.
//
// On an error the log is as it was, unless the error is a [WriterHoldsLogError]
// or [UnfinishedError] with something pending: then the journal stays and the
// next session finishes. If ctx ends before the exchange, or while writers have
// not let go yet, the log is as it was; after that Commit finishes.
func (s *Session) Commit(ctx context.Context, upTo int64) (Report, error) {
	if s.out == nil || s.swapped || s.closed {
		return Report{}, errors.New("commit: there is no new file")
	}
	w := &swap{s: s, ctx: ctx, old: s.log, new: s.out.f}
	w.rep = Report{Outcome: Outcome{Guarantee: s.opt.guarantee(), Recovered: s.recovered}, BytesBefore: s.info.Size}
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

// prepare brings the new file up to date, and makes durable all that the swap
// relies on. The order matters: metadata before the fsync that makes it durable
// with the content, or a crash would leave the log with those of a temporary
// file; evidence before the journal says ready, for the names may be exchanged
// from then on; and the last look at ctx at the end, as nothing can be given up
// later without being taken back.
func (w *swap) prepare(upTo int64) error {
	s := w.s
	if err := s.out.Flush(); err != nil {
		return err
	}
	if err := s.mark.check(w.old, s.path); err != nil {
		return err
	}
	if err := w.begin(upTo); err != nil {
		return err
	}
	for range catchUpRounds {
		if n, err := w.catchUp(); err != nil {
			return err
		} else if n < catchUpEnough {
			break
		}
	}
	if err := w.new.CopyMeta(w.old); err != nil {
		return &RefusedError{Path: s.path, Reason: err.Error(), Err: err}
	}
	if err := w.keepEvidence(); err != nil {
		return err
	}
	if err := w.topUp(); err != nil {
		return err
	}
	if err := w.record(true); err != nil {
		return err
	}
	w.forward()
	return w.ctx.Err()
}

// keepEvidence makes account and quarantine complete and durable. The journal
// knows of them before they are there.
func (w *swap) keepEvidence() (err error) {
	s := w.s
	if w.newInfo, err = w.new.Stat(); err != nil {
		return fmt.Errorf("look at new file: %w", err)
	}
	w.base.New = w.newInfo.Ino
	if s.opt.QuarantineDir == "" && s.account == nil {
		return nil
	}
	if err := s.account.finish(); err != nil {
		return err
	}
	if s.account != nil {
		w.base.Account, w.base.AccountIno, w.base.Wait = []byte(s.account.path), s.account.ino, []byte(s.account.wait)
	}
	if s.opt.QuarantineDir != "" {
		if s.keep, err = s.planQuarantine(); err != nil {
			return err
		}
		w.base.Quarantine, w.base.Copy = []byte(s.keep.path), s.keep.copy
	}
	if err := w.record(false); err != nil {
		return err
	}
	if err := s.account.appear(); err != nil {
		return err
	}
	return s.keep.secure(w.ctx, w)
}

// record writes what the swap is about to the journal, durably. Not before it
// says ready may the names be exchanged: until then the new file has nothing
// that others put there, and a recovery may remove it unseen. The directory is
// fsynced once, when the journal gets its name; later records are in a file
// that has one.
func (w *swap) record(ready bool) (err error) {
	w.base.Ready, w.base.Mark = ready, w.mark.sum()
	s := w.s
	if s.journal != nil {
		return s.journal.add(entry{Base: &w.base})
	}
	if s.journal, err = createJournal(s.fs, journalName(s.path), w.base); err != nil {
		return err
	}
	return s.syncDir()
}

// begin notes where the carrying over begins. Whether a newline has to come
// first (base.Open) is decided by both files: if the log went on in the middle
// of a line at upTo, so does the new file, and the two halves belong together.
func (w *swap) begin(upTo int64) error {
	var err error
	w.base = base{Old: w.s.info.Ino, Copied: upTo, Guarantee: w.s.opt.guarantee(), Life: w.s.fs.Life(w.s.dir())}
	if w.mark, err = markAt(w.old, upTo); err != nil {
		return err
	}
	if n := len(w.mark.tail); n > 0 && w.mark.tail[n-1] != '\n' {
		return nil // it continues the line that it has begun, as it does in the log
	}
	ended, err := endsLine(w.s.fs, w.new)
	if err != nil {
		return fmt.Errorf("read new file: %w", err)
	}
	w.base.Open = !ended
	return nil
}

// catchUp copies whole lines that were appended since, so that little is left
// for the moment in which writers wait. It returns how many bytes these were.
// That the log was not cut is looked at before and not after: a cut in between
// is found by the next look, the last of which is in the moment in which nobody
// has it open.
func (w *swap) catchUp() (int64, error) {
	info, err := w.old.Stat()
	if err != nil {
		return 0, fmt.Errorf("look at log: %w", err)
	}
	if err := w.mark.check(w.old, w.s.path); err != nil {
		return 0, err
	}
	cut, err := lastNewline(w.old, w.base.Copied, info.Size)
	if err != nil {
		return 0, fmt.Errorf("read log: %w", err)
	}
	n := cut + 1 - w.base.Copied
	if cut < 0 {
		n = 0
	}
	if n > 0 {
		if w.base.Open {
			if _, err := w.s.out.Write([]byte{'\n'}); err != nil {
				return 0, err
			}
			w.base.Open, w.rep.NewlineAdded = false, true
		}
		if err := w.bring(n); err != nil {
			return 0, err
		}
		w.base.Copied += n
		w.rep.Carried += n
		if w.mark, err = markAt(w.old, w.base.Copied); err != nil {
			return 0, err
		}
	}
	w.base.Length = w.s.out.off
	return n, w.ctx.Err()
}

// bring adds the next n bytes of the log to the new file.
func (w *swap) bring(n int64) error {
	s := w.s
	if s.through == nil {
		return s.out.CopyRange(w.base.Copied, n)
	}
	if s.account != nil {
		return ErrLate // the account was complete before
	}
	if err := s.through(io.NewSectionReader(w.old, w.base.Copied, n), s.out); err != nil {
		return err
	}
	return s.out.Flush()
}

// filterRest brings down to nothing what was appended since, where it has to
// pass through a filter: the names are exchanged between two appends. What
// comes after that is carried unseen or not at all, so that fwd refuses it
// (ErrLate).
func (w *swap) filterRest() error {
	for range lateRounds {
		from, to, err := w.fwd.next(true)
		if err != nil || from == to {
			return err
		}
		// Of a file that is ready, what stands behind its length would be
		// somebody else's.
		if err := w.record(false); err != nil {
			return err
		}
		if _, err := w.catchUp(); err != nil {
			return err
		}
		if err := w.syncNew(); err != nil {
			return err
		}
		if err := w.record(true); err != nil {
			return err
		}
		w.forward()
	}
	return ErrLate
}

// forward makes the carrier of what comes from now on.
func (w *swap) forward() {
	w.fwd = &carrier{fs: w.s.fs, j: w.s.journal, src: w.old, dst: w.new, from: w.base.Copied, dstEnd: w.base.Length,
		open: w.base.Open, patience: w.s.opt.budget()}
	if w.s.through != nil {
		w.fwd.late = ErrLate
	}
}

func (w *swap) syncNew() error {
	if err := w.new.Sync(); err != nil {
		return fmt.Errorf("fsync new file: %w", err)
	}
	return nil
}

// topUp brings down what was appended while the evidence was kept, and makes
// the new file durable. Each fsync takes time in which more is appended; after
// a few rounds the rest is left to the swap, which copies it without one.
func (w *swap) topUp() error {
	for range topUpRounds {
		if err := w.syncNew(); err != nil {
			return err
		}
		if n, err := w.catchUp(); err != nil || n == 0 {
			return err
		}
	}
	return w.syncNew()
}
