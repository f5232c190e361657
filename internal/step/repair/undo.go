package repair

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/opening"
	"github.com/papyra-tools/papyra/internal/report"
)

// ledgerReader yields the entries of a ledger that has been checked.
type ledgerReader struct {
	ctx   context.Context
	f     io.ReadSeekCloser
	r     *bufio.Reader
	text  []byte // of a line
	sum   *summary
	zeros int64 // bytes of holes
}

// openLedger reads the whole ledger once: every entry must be sound, in order,
// and the summary must be there and agree with them.
func openLedger(ctx context.Context, path string) (*ledgerReader, error) {
	f, _, err := opening.Regular(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	l, err := readLedger(ctx, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	return l, nil
}

func readLedger(ctx context.Context, f io.ReadSeekCloser) (*ledgerReader, error) {
	l := &ledgerReader{ctx: ctx, f: f}
	if err := l.rewind(); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	return l, l.rewind()
}

func (l *ledgerReader) rewind() error {
	if _, err := l.f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	l.r = bufio.NewReaderSize(l.f, 64<<10)
	return nil
}

// maxEntry bounds a line of a ledger: an entry of maxRaw bytes in base64, and
// the rest of it.
const maxEntry = 2 * maxRaw

// line returns the next line, which is valid up to the next call.
func (l *ledgerReader) line() ([]byte, error) {
	l.text = l.text[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if len(l.text)+len(part) > maxEntry {
			return nil, errors.New("a line of the ledger is too long")
		}
		l.text = append(l.text, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.text, err
		}
	}
}

// next returns an entry; io.EOF after the last one. A ledger may be of any
// length: it is not read on once ctx has ended.
func (l *ledgerReader) next() (*entry, error) {
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	line, err := l.line()
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return nil, errors.New("the ledger is cut off")
	}
	if err != nil {
		return nil, err
	}
	e, sum, err := decodeEntry(line)
	if err != nil || sum == nil {
		return e, err
	}
	l.sum = sum
	return nil, io.EOF
}

func (l *ledgerReader) check() error {
	l.zeros = 0
	var entries, offset, newOffset, removed, put int64
	for {
		e, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if e.Offset < offset || e.NewOffset < newOffset || e.Offset-offset != e.NewOffset-newOffset {
			return fmt.Errorf("the entries do not follow each other (byte %d of the log)", e.Offset)
		}
		offset, newOffset = e.Offset+e.Length, e.NewOffset+e.NewLength
		if e.Zeros {
			l.zeros += e.Length
		}
		removed, put, entries = removed+e.Length, put+e.NewLength, entries+1
	}
	switch {
	case l.sum == nil:
		return errors.New("the summary at its end is missing: the repair did not finish")
	case l.sum.Entries != entries || l.sum.BytesIn-removed != l.sum.BytesOut-put || offset > l.sum.BytesIn || newOffset > l.sum.BytesOut:
		return errors.New("the summary does not agree with the entries")
	}
	if _, err := l.r.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.New("there is text after the summary")
	}
	return nil
}

// undoReport tells what an undo came to.
type undoReport struct {
	report.Log
	BytesBefore   int64 `json:"bytes_before"`
	BytesRestored int64 `json:"bytes_restored"`
	BytesKept     int64 `json:"bytes_appended_since"`
	NewlineAdded  bool  `json:"newline_added,omitempty"`
	// Of is the log that the ledger was written for, if that had another path.
	Of string `json:"ledger_of,omitempty"`
	durable.Outcome
}

// errNotThisLog is why an undo is refused.
var errNotThisLog = errors.New("the log is no longer what that repair left (compacted or repaired since?): nothing was changed")

// errUndone is why a second undo is refused.
var errUndone = errors.New("what that repair took is there already (undone before?): nothing was changed")

// undone reports whether all that the repair took, if it took anything, stands
// where it stood. The log starts with what the repair left.
func undone(log io.ReaderAt, size int64, l *ledgerReader) (bool, error) {
	if size < l.sum.BytesIn || l.sum.BytesDropped == 0 {
		return false, nil
	}
	buf, zeros := make([]byte, maxRaw), make([]byte, 64<<10)
	for {
		e, err := l.next()
		if errors.Is(err, io.EOF) {
			return true, l.rewind()
		}
		if err != nil {
			return false, fmt.Errorf("read ledger: %w", err)
		}
		want := e.Raw
		if e.Zeros {
			want = zeros[:min(e.Length, int64(len(zeros)))]
		}
		n, err := log.ReadAt(buf[:len(want)], e.Offset)
		if n < len(want) && err != nil {
			return false, fmt.Errorf("read log at byte %d: %w", e.Offset, err)
		}
		if !bytes.Equal(buf[:n], want) {
			return false, l.rewind()
		}
	}
}

// undo puts back what the ledger says was taken from the log at path.
func undo(ctx context.Context, l *ledgerReader, path string, o durable.Options) (rep undoReport, err error) {
	s, err := durable.Begin(ctx, path, o)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rep.BytesBefore = s.Size()
	if err := verifyLog(ctx, s, s.Size(), l.sum); err != nil {
		return rep, err
	}
	if again, err := undone(s, s.Size(), l); err != nil {
		return rep, err
	} else if again {
		return rep, errUndone
	}
	if l.sum.Path != "-" && l.sum.Path != s.Path() {
		rep.Of = l.sum.Path
	}
	out, err := s.CreateFor(s.Size() + l.sum.BytesIn - l.sum.BytesOut - l.zeros)
	if err != nil {
		return rep, err
	}
	w := &restorer{ctx: ctx, log: s, out: out, sum: newRunHash(), old: l.sum.Schema == 1}
	if err := w.restore(l); err != nil {
		return rep, err
	}
	done, err := s.Commit(ctx, l.sum.BytesOut)
	// A fragment at the end had no newline; Commit sees to it that what was
	// appended since is not glued to it.
	rep.BytesRestored, rep.BytesKept, rep.NewlineAdded = w.restored, done.Carried, done.NewlineAdded
	rep.Outcome = done.Outcome
	return rep, err
}

// verifyLog refuses to go on if the log does not start with what the repair
// left.
func verifyLog(ctx context.Context, log io.ReaderAt, size int64, sum *summary) error {
	if size < sum.BytesOut {
		return errNotThisLog
	}
	h := sha256.New()
	buf := make([]byte, 256<<10)
	for off := int64(0); off < sum.BytesOut; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := log.ReadAt(buf[:min(int64(len(buf)), sum.BytesOut-off)], off)
		h.Write(buf[:n])
		off += int64(n)
		if err != nil && off < sum.BytesOut {
			return fmt.Errorf("read log at byte %d: %w", off, err)
		}
	}
	if hex.EncodeToString(h.Sum(nil)) != sum.SHA256Out {
		return errNotThisLog
	}
	return nil
}

// restorer writes the log as it was before the repair.
type restorer struct {
	log io.ReaderAt // as the repair left it
	ctx context.Context
	out interface {
		io.Writer
		Zeros(n int64) error
	}
	sum      *runHash
	old      bool  // the ledger is of schema 1
	at       int64 // offset in the repaired log
	restored int64
}

func (w *restorer) restore(l *ledgerReader) error {
	for {
		e, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		if err := w.copy(e.NewOffset - w.at); err != nil {
			return err
		}
		w.at += e.NewLength
		w.restored += e.Length
		if e.Zeros {
			err = w.hole(e.Length)
		} else {
			_, err = w.Write(e.Raw)
		}
		if err != nil {
			return err
		}
	}
	if err := w.copy(l.sum.BytesOut - w.at); err != nil {
		return err
	}
	if w.sum.hex() != l.sum.SHA256In {
		return errors.New("the ledger does not give the log back as it was: nothing was changed")
	}
	return nil
}

// copy takes over n bytes of the repaired log. They are hashed on the way, so
// that the whole result is proven before it replaces anything.
func (w *restorer) copy(n int64) error {
	if n < 0 {
		return errors.New("the ledger is out of order")
	}
	_, err := io.CopyBuffer(w, io.NewSectionReader(w.log, w.at, n), make([]byte, 128<<10))
	w.at += n
	return err
}

// hole puts NUL bytes into the new file, which take no room there.
func (w *restorer) hole(n int64) error {
	if err := w.out.Zeros(n); err != nil {
		return err
	}
	if !w.old {
		w.sum.zeros += n
		return nil
	}
	for n > 0 && w.ctx.Err() == nil {
		step := min(n, 64<<10)
		_ = durable.WriteZeros(w.sum.h, step) // a hash never fails
		n -= step
	}
	return w.ctx.Err()
}

// Write puts bytes of the old log into the new file.
func (w *restorer) Write(p []byte) (int, error) {
	if w.old {
		w.sum.h.Write(p)
	} else {
		w.sum.Write(p)
	}
	return w.out.Write(p)
}
