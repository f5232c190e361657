package follow

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"os"

	"github.com/papyra-tools/papyra/internal/opening"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// file is an open file and how far it was handed on.
type file struct {
	*os.File
	info fs.FileInfo
	off  int64 // a line starts here, or will
	// open is up to where there is no newline behind off, so that a line that
	// grows slowly is not read anew each time.
	open  int64
	tail  []byte // what stands right before off
	lines memory // the lines before off
	idle  int    // looks since something came
}

// tailBytes is how much of what was handed on is compared at each look.
const tailBytes = 512

// blockBytes is how much is read at once.
const blockBytes = 128 << 10

func open(name string) (*file, error) {
	f, info, err := opening.Regular(name)
	if err != nil {
		return nil, err
	}
	return &file{File: f, info: info}, nil
}

func (f *file) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// cut reports whether the file is not the one any more that was handed on.
func (f *file) cut(size int64) bool {
	if size < f.off {
		return true
	}
	now := make([]byte, len(f.tail))
	n, err := f.ReadAt(now, f.off-int64(len(now)))
	return n < len(now) && errors.Is(err, io.EOF) || n == len(now) && !bytes.Equal(now, f.tail)
}

// pass moves on to off without looking at what stands before.
func (f *file) pass(off int64) {
	f.off, f.open, f.tail = off, off, nil
	f.lines = memory{missing: off > 0}
}

// read hands on the whole lines of a file up to a size.
func (r *follower) read(f *file, size int64) error {
	if f.cut(size) {
		r.Note("%s was cut short: it is read from its start again", r.Path)
		f.pass(0)
		r.prior = nil
	}
	end, err := f.lastLine(size)
	if err != nil || end <= f.off {
		return err
	}
	log := stream.FromReaderAt(r.Path, f.File, end)
	if f == r.cur && r.prior != nil {
		err = r.unknown(log, end)
	} else if err = r.Print(log, stream.Range{From: f.off, To: end}); err == nil {
		err = f.remember(r.ctx, end)
	}
	if changed := (*stream.ChangedError)(nil); errors.As(err, &changed) {
		r.Note("%s %s: it is read from its start again", r.Path, changed.What)
		f.pass(0)
		r.prior = nil
		return nil
	}
	if err != nil {
		return err
	}
	f.off, f.open = end, max(f.open, end)
	f.tail = make([]byte, min(end, tailBytes))
	_, err = f.ReadAt(f.tail, end-int64(len(f.tail)))
	if errors.Is(err, io.EOF) {
		f.tail, err = nil, nil // it was cut just now, which the next look sees by its size
	}
	return err
}

// lastLine returns where the last whole line up to a size ends.
func (f *file) lastLine(size int64) (int64, error) {
	f.open = max(f.open, f.off)
	buf := make([]byte, min(max(size-f.open, 0), blockBytes))
	for end := size; end > f.open; {
		part := buf[:min(end-f.open, int64(len(buf)))]
		end -= int64(len(part))
		n, err := f.ReadAt(part, end)
		if i := bytes.LastIndexByte(part[:n], '\n'); i >= 0 {
			return end + int64(i) + 1, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
	}
	f.open = max(f.open, size)
	return f.off, nil
}

// unknown hands on those lines that the old file did not have.
func (r *follower) unknown(log *stream.Log, end int64) error {
	f := r.cur
	var lines []stream.Range // of which each follows the one before at some distance
	flush := func() error {
		for _, l := range lines {
			if err := r.Print(log, l); err != nil {
				return err
			}
		}
		lines = lines[:0]
		return nil
	}
	err := f.each(r.ctx, f.off, end, func(from, to int64, sum uint64) error {
		f.lines.add(sum)
		switch last := len(lines) - 1; {
		case r.prior.take(sum):
			return nil
		case last >= 0 && lines[last].To == from:
			lines[last].To = to
			return nil
		}
		if len(lines) == cap(lines) && len(lines) >= 1000 {
			if err := flush(); err != nil {
				return err
			}
		}
		lines = append(lines, stream.Range{From: from, To: to})
		return nil
	})
	if err == nil {
		err = flush()
	}
	if r.prior.done() {
		r.prior = nil
	}
	return err
}

// remember takes the lines up to end into the memory; of a great many the last
// ones only.
func (f *file) remember(ctx context.Context, end int64) error {
	const most = 256 << 20
	from := f.off
	if end-from > most {
		from = end - most
		f.lines = memory{missing: true}
	}
	whole := from == f.off
	return f.each(ctx, from, end, func(_, _ int64, sum uint64) error {
		if whole {
			f.lines.add(sum)
		}
		whole = true // the first one began somewhere before
		return nil
	})
}

// byteOrderMark is what a repair takes away from the first line, which is the
// same record without it.
var byteOrderMark = []byte("\uFEFF")

var seed = maphash.MakeSeed()

// each calls yield with the place of every line between two offsets, and a hash
// of it without its newline.
func (f *file) each(ctx context.Context, from, to int64, yield func(from, to int64, sum uint64) error) error {
	var h maphash.Hash
	h.SetSeed(seed)
	buf := make([]byte, min(to-from, blockBytes))
	for start, off := from, from; off < to; {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := buf[:min(int64(len(buf)), to-off)]
		n, err := f.ReadAt(text, off)
		if n < len(text) {
			if errors.Is(err, io.EOF) {
				err = &stream.ChangedError{Path: f.Name(), What: "shrank", Offset: off + int64(n)}
			}
			return err
		}
		if off == 0 {
			text = bytes.TrimPrefix(text, byteOrderMark)
		}
		for len(text) > 0 {
			line, rest, whole := bytes.Cut(text, []byte("\n"))
			h.Write(line)
			if whole {
				next := off + int64(n-len(rest))
				if err := yield(start, next, h.Sum64()); err != nil {
					return err
				}
				start = next
				h.Reset()
			}
			text = rest
		}
		off += int64(n)
	}
	return nil
}
