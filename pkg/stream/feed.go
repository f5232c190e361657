package stream

import (
	"errors"
	"io"
)

// forwardFeed yields the blocks of all files of a log, the oldest first.
type forwardFeed struct {
	w      *walk
	member int
	base   int64 // where the file starts in the log
	cut    *cutter
	text   io.Closer
	failed int64 // up to where the file was read that failed
}

func (f *forwardFeed) next(b *Block) error {
	for {
		if f.cut == nil {
			if err := f.open(); err != nil {
				return err
			}
		}
		f.cut.acquire = f.w.acquire
		err := f.cut.next(b)
		if err == nil {
			return nil
		}
		if !errors.Is(err, io.EOF) {
			f.failed = f.cut.offset
			return err
		}
		f.w.log.members[f.member].length = f.cut.offset - f.base
		f.base, f.cut = f.cut.offset, nil
		if err := f.close(); err != nil {
			return err
		}
		f.member++
	}
}

// open starts with a file, or with the first one that the walk reaches into.
func (f *forwardFeed) open() error {
	w := f.w
	for ; f.member < len(w.log.members); f.member++ {
		s := w.log.members[f.member]
		from, to := max(w.o.From-f.base, 0), w.o.To-f.base
		if s.plain() {
			to = min(to, s.size)
		}
		if to <= from {
			f.base += max(s.size, 0)
			continue
		}
		r, err := s.text(w.ctx, from, to)
		if short := shortText(0); errors.As(err, &short) {
			f.base += int64(short) // the walk begins in a later file
			continue
		}
		if err != nil {
			return err
		}
		f.text = r
		f.cut = &cutter{ctx: w.ctx, src: r, block: w.o.BlockBytes, max: w.o.Checker.MaxLineBytes(), live: s.at == nil,
			first: first(from), last: w.deciding(f.member, f.base), offset: f.base + from}
		if file, ok := r.(*section); ok {
			f.cut.hole = file
		}
		base := f.base
		f.cut.openEnd = func(off int64) (bool, error) { return w.endless(s, off-base, to) }
		return nil
	}
	return io.EOF
}

// close ends the file at hand.
func (f *forwardFeed) close() error {
	if f.text == nil {
		return nil
	}
	err := f.text.Close()
	f.text = nil
	return err
}

// backwardFeed yields the blocks of all files of a log from their ends, the
// newest first.
type backwardFeed struct {
	w      *walk
	member int
	cut    *backCutter
}

func (f *backwardFeed) next(b *Block) error {
	w := f.w
	for {
		if f.cut == nil {
			if f.member--; f.member < 0 {
				return io.EOF
			}
			s, base := w.log.members[f.member], int64(0)
			for _, older := range w.log.members[:f.member] {
				base += older.size
			}
			from, to := max(w.o.From-base, 0), min(s.size, w.o.To-base)
			if to <= from {
				continue
			}
			f.cut = &backCutter{ctx: w.ctx, src: s, base: base, from: from, end: to, first: first(from), wake: newWake(w.ctx, s.at),
				block: w.o.BlockBytes, max: w.o.Checker.MaxLineBytes(), last: w.deciding(f.member, base)}
		}
		f.cut.acquire = w.acquire
		err := f.cut.next(b)
		if !errors.Is(err, io.EOF) {
			return err
		}
		f.cut = nil
	}
}
