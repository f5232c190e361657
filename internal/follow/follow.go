// Package follow hands on the lines of a log while they are appended, each
// once, although the file behind the log's name changes: by compaction and
// repair, rotation, and copytruncate.
//
// # What holds
//
// A position is an open file and an offset in it at which a line starts. Lines
// before it were handed on; those behind it were not.
//
//  1. The file that has the name is the one at hand. Its bytes before the offset
//     do not change, as far as a look at the last of them can tell: only whole
//     lines behind it are handed on, and the offset moves behind them. What has no
//     newline yet waits.
//  2. The file at hand got shorter, or its bytes before the offset are others: it
//     was cut (copytruncate) and is read from its start again. What was appended
//     and cut off between two looks nobody can see any more; the cut is noted.
//  3. The file at hand has the name of a rotated file now. It is read to its end,
//     and the next one in the set from its start. Whoever had the old file open may
//     still append to it, so that it is looked at until the next change.
//  4. Another file has the name, and the one at hand has none like a rotated
//     file's. It was rewritten: the new file begins with lines of the old one, in
//     their order and byte for byte, some left out, and goes on with what was
//     appended since, among which late appends to the old one may stand. The old
//     one is read to its end first, since what the rewrite dropped stands nowhere
//     else. A line of the new file is then an old one exactly if it can be found in
//     the old file behind the old line before it: see memory. All others are new.
//  5. The file of before has the name again: a rewrite was taken back, and what the
//     other file got was moved behind the old lines. It is read on, by 4.
//
// The order of looks keeps the order of each writer, who writes to the old file
// first and to the new one then: the size of the new file is taken before the
// old one is read to its end, and the new one is read up to that size only.
//
// # What does not
//
//   - Only the last 524,288 lines are remembered. Of a rewritten log with more,
//     what stands before the remembered ones counts as handed on; if none of
//     them is left, all of it is handed on, and that is noted.
//   - A line that is byte for byte an old one which the rewrite dropped, and
//     comes in its place, is taken for that.
//   - A record that a rewrite changed or that a repair salvaged or an undo put
//     back is a line that was not there before.
//   - Of two changes between two looks, the file between them was never seen:
//     what a rewrite dropped of it, too, is missing.
package follow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// Options say what is followed. Path and Print must be set.
type Options struct {
	Path string
	// Print hands on the lines of a part of a log; with To 0 the part ends
	// where the log does, and an unterminated last line is one of it.
	Print func(log *stream.Log, lines stream.Range) error
	// Note tells a person what had to be decided.
	Note func(format string, args ...any)
	// Missing says that the log need not exist yet.
	Missing bool
	// Every is how long is waited between two looks; 0 means 100 ms.
	Every time.Duration
}

type follower struct {
	ctx context.Context
	Options
	cur   *file       // the file at hand; nil while there is none yet
	old   *file       // the one before, for a while
	moved bool        // old was rotated: it may get late lines
	seen  fs.FileInfo // another file that had the name at the last look
	prior *prior      // lines of the old file that the new one may still bring
}

// Run hands on the lines of a log until ctx ends, which is no error, or
// something fails.
func Run(ctx context.Context, o Options) error {
	if o.Every <= 0 {
		o.Every = 100 * time.Millisecond
	}
	if err := o.check(ctx); err != nil {
		return err
	}
	r := &follower{ctx: ctx, Options: o}
	defer func() {
		for _, f := range []*file{r.cur, r.old} {
			if f != nil {
				f.Close()
			}
		}
	}()
	tick := time.NewTicker(o.Every)
	defer tick.Stop()
	for {
		if err := r.look(); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// check refuses what cannot be followed. A log that does not exist gives an
// error that wraps fs.ErrNotExist.
func (o *Options) check(ctx context.Context) error {
	log, err := stream.Open(ctx, o.Path)
	if o.Missing && errors.Is(err, fs.ErrNotExist) {
		o.Note("%s does not exist yet", o.Path)
		return nil
	}
	if err != nil {
		return err
	}
	defer log.Close()
	if !log.Seekable() {
		return fmt.Errorf("%s is compressed or a pipe: only a plain file can be followed", o.Path)
	}
	return nil
}

// look hands on what there is by now.
func (r *follower) look() error {
	if r.cur == nil {
		return r.begin()
	}
	size, err := r.cur.size()
	if err != nil {
		return err
	}
	named, err := os.Stat(r.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := r.late(); err != nil {
		return err
	}
	if err := r.read(r.cur, size); err != nil {
		return err
	}
	if err != nil || os.SameFile(named, r.cur.info) {
		r.seen = nil
		return nil // there is no log for a moment, or nothing changed
	}
	// To open a file that a rewrite has leased would break the lease, so that
	// the rewrite could promise less. At the second look it has let go, as a
	// rule.
	if r.seen == nil || !os.SameFile(named, r.seen) {
		r.seen = named
		return nil
	}
	return r.change(named)
}

// begin opens the log for the first time.
func (r *follower) begin() (err error) {
	r.cur, err = open(r.Path)
	if r.Missing && errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EAGAIN) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.look()
}

// change goes over to the file that has the name now.
func (r *follower) change(named fs.FileInfo) error {
	if r.old != nil && os.SameFile(named, r.old.info) { // 5
		r.old, r.cur, r.moved = r.cur, r.old, false
		r.prior = newPrior(&r.old.lines)
		return nil
	}
	name, rotated, err := r.next()
	if err != nil {
		return err
	}
	next, err := open(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EAGAIN) {
		return nil // at the next look
	}
	if err != nil {
		return err
	}
	size, err := next.size()
	if again, _, nerr := r.next(); err == nil && again != name {
		next.Close()
		return nerr // rotated once more
	}
	if err == nil {
		err = r.end(r.cur)
	}
	if err == nil && r.moved {
		err = r.finish(r.old)
	}
	if err != nil {
		next.Close()
		return err
	}
	if r.old != nil {
		r.old.Close()
	}
	r.old, r.cur, r.moved, r.seen, r.prior = r.cur, next, rotated, nil, nil
	if !rotated {
		r.prior = newPrior(&r.old.lines)
		if err := r.locate(size); err != nil {
			return err
		}
	}
	return r.read(next, size)
}

// locate passes over what stands in the new file before the lines that are
// remembered.
func (r *follower) locate(size int64) error {
	if r.prior.all {
		return nil
	}
	const sure = 32 // so many known lines in a row are no chance
	first, start, run := int64(-1), int64(0), 0
	err := r.cur.each(r.ctx, 0, size, func(from, _ int64, sum uint64) error {
		if !r.prior.knows(sum) {
			run = 0
			return nil
		}
		if run++; run == 1 {
			start = from
		}
		if first < 0 {
			first = from
		}
		if run == sure {
			return errFound
		}
		return nil
	})
	switch {
	case errors.Is(err, errFound):
		err = nil
	case first < 0 && size > 0:
		r.Note("%s was rewritten, and none of its last %d lines is left: all that it holds now is shown", r.Path, len(r.prior.lines))
		start = 0
	default:
		start = max(first, 0)
	}
	r.cur.pass(start)
	return err
}

var errFound = errors.New("found")

// late hands on what was appended to a file after it was rotated, and closes
// the one before once nobody can be expected to come any more: it may take up
// room although its name is gone.
func (r *follower) late() error {
	if r.old == nil {
		return nil
	}
	was := r.old.off
	if r.moved {
		if err := r.end(r.old); err != nil {
			return err
		}
	}
	const looks = 3000 // five minutes
	if r.old.idle++; r.old.off > was {
		r.old.idle = 0
	}
	if r.old.idle < looks {
		return nil
	}
	old := r.old
	r.old = nil
	defer old.Close()
	if r.moved {
		return r.finish(old)
	}
	return nil
}

// end hands on the whole lines up to the end of a file.
func (r *follower) end(f *file) error {
	size, err := f.size()
	if err != nil {
		return err
	}
	return r.read(f, size)
}

// finish hands on the unterminated last line of a file that nobody writes to
// any more, if it is a record.
func (r *follower) finish(f *file) error {
	size, err := f.size()
	if err != nil || size <= f.off {
		return err
	}
	return r.Print(stream.FromReaderAt(r.Path, f.File, size), stream.Range{From: f.off})
}
