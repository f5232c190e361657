package repair

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/papyra-tools/papyra/internal/durable"
)

// ledgerReader yields the entries of a ledger that has been checked.
type ledgerReader struct {
	f   io.ReadSeekCloser
	r   *bufio.Reader
	sum *summary
}

// openLedger reads the whole ledger once: every entry must be sound, in order,
// and the summary must be there and agree with them.
func openLedger(path string) (*ledgerReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	l, err := readLedger(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	return l, nil
}

func readLedger(f io.ReadSeekCloser) (*ledgerReader, error) {
	l := &ledgerReader{f: f}
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

// newHash returns the hash that the summary's sums were made with.
func (l *ledgerReader) newHash() hash.Hash { return sha256.New() }

// next returns an entry; io.EOF after the last one.
func (l *ledgerReader) next() (*entry, error) {
	line, err := l.r.ReadBytes('\n')
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return nil, errors.New("the ledger is cut off")
	}
	if err != nil {
		return nil, err
	}
	e, sum, err := decodeEntry(line)
	if sum != nil {
		l.sum = sum
		return nil, io.EOF
	}
	return e, err
}

func (l *ledgerReader) check() error {
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
		removed, put, entries = removed+e.Length, put+e.NewLength, entries+1
	}
	switch {
	case l.sum == nil:
		return errors.New("the summary at its end is missing: the repair did not finish")
	case l.sum.Entries != entries || l.sum.BytesIn-removed != l.sum.BytesOut-put || offset > l.sum.BytesIn:
		return errors.New("the summary does not agree with the entries")
	}
	if _, err := l.r.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.New("there is text after the summary")
	}
	return nil
}

// undoReport tells what an undo came to.
type undoReport struct {
	Path          string            `json:"path"`
	BytesBefore   int64             `json:"bytes_before"`
	BytesRestored int64             `json:"bytes_restored"`
	BytesKept     int64             `json:"bytes_appended_since"`
	NewlineAdded  bool              `json:"newline_added,omitempty"`
	Guarantee     durable.Guarantee `json:"guarantee"`
}

// errNotThisLog is why an undo is refused.
var errNotThisLog = errors.New("the log is no longer what that repair left (compacted or repaired since?): nothing was changed")

// undo puts back what the ledger says was taken from the log at path.
func undo(ctx context.Context, l *ledgerReader, path string, o durable.Options) (rep undoReport, err error) {
	s, err := durable.Begin(ctx, path, o)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rep.Path, rep.BytesBefore = path, s.Size()
	if err := verifyLog(ctx, s, s.Size(), l.sum); err != nil {
		return rep, err
	}
	out, err := s.CreateFor(s.Size() + l.sum.BytesIn - l.sum.BytesOut)
	if err != nil {
		return rep, err
	}
	w := &restorer{log: s, out: out, sum: l.newHash()}
	if err := w.restore(ctx, l); err != nil {
		return rep, err
	}
	done, err := s.Commit(ctx, l.sum.BytesOut)
	// A fragment at the end had no newline; Commit sees to it that what was appended since is not glued to it.
	rep.BytesRestored, rep.BytesKept, rep.NewlineAdded = w.restored, done.Carried, done.NewlineAdded
	rep.Guarantee = done.Guarantee
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
	log      io.ReaderAt // as the repair left it
	out      io.Writer
	sum      hash.Hash
	at       int64 // offset in the repaired log
	restored int64
}

func (w *restorer) restore(ctx context.Context, l *ledgerReader) error {
	for {
		e, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.copy(e.NewOffset - w.at); err != nil {
			return err
		}
		w.at += e.NewLength
		w.restored += e.Length
		if e.Zeros {
			err = writeZeros(w, e.Length)
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
	if hex.EncodeToString(w.sum.Sum(nil)) != l.sum.SHA256In {
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

// Write puts bytes of the old log into the new file.
func (w *restorer) Write(p []byte) (int, error) {
	w.sum.Write(p)
	return w.out.Write(p)
}
