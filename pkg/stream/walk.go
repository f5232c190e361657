package stream

import (
	"context"
	"errors"
	"math"
	"runtime"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
)

// Visitor takes in what a walk finds.
type Visitor interface {
	// NewPart returns an empty part. A walk asks for a few and uses them again
	// and again.
	NewPart() Part
	// Fold takes a block in, and the part that has seen its lines. Folds run
	// one at a time, in the order of the walk, each on any goroutine. An error
	// ends the walk; ErrEnough does so without being one, once all visitors
	// have taken the block in.
	Fold(b *Block, p Part) error
}

// Part gathers what a visitor wants to know of the lines of one block. Parts
// are used on any core, each by one goroutine at a time; a part may share with
// others only what is safe for concurrent use.
type Part interface {
	// Reset forgets everything, before the first line of a block.
	Reset()
	// Line sees a line. It must keep neither l nor its text.
	Line(l *Line)
}

// ErrEnough is what Fold returns when the rest of the log is not needed.
var ErrEnough = errors.New("enough was read")

// Options say how a walk runs. The zero value means the defaults.
type Options struct {
	// Checker gives the verdict on each line; nil means the default one.
	Checker *record.Checker
	// From and To are the offsets between which a log that is Seekable is
	// walked. Both must stand at the start of a line, or at the end. If To is 0
	// the walk goes to the end and decides about an unterminated last line;
	// with any other value, whoever calls has decided. A compressed file can be
	// walked from an offset as well, at the cost of all that stands before.
	From, To int64
	// Settle is how long an unterminated last line may take to grow.
	Settle time.Duration
	// Held tells whether a writer has the log open and so may be in the middle
	// of the unterminated last line, even if it does not grow; nil if nobody
	// can tell. It is asked where the log can be locked only.
	Held func(Tail) (bool, error)
	// Progress is called with how many bytes of the log each block stands for.
	Progress func(bytes int64)
	// BlockBytes is the size of a block; 0 means DefaultBlockBytes. A line that
	// is longer gets a block of its own.
	BlockBytes int
	// Workers is how many blocks are checked at once; 0 means one for each core
	// that Go may use, 1 makes the walk serial.
	Workers int
}

// Tail is an unterminated last line: where it starts, and its length.
type Tail struct{ Offset, Length int64 }

// End is how far a walk came.
type End struct {
	// Offset is up to where the log was looked at: in a walk forward what is
	// before, in a walk backward what is behind.
	Offset int64
	// Lines is how many lines were walked, an unterminated last one included.
	Lines int64
	// InFlight is the last line if a writer is, or may be, in the middle of it.
	// No visitor has seen it.
	InFlight *Tail
}

// Forward walks a log from its start to its end, or to where it fails, and
// brings each line, checked once, before every visitor.
//
// An unterminated last line that grows while it is looked at, or whose writer
// still holds the log, is in flight and left out. Any other one is a line like
// the rest. At the end the log is verified: see Log.Verify.
//
// The error is that of reading, which says where it struck, of a visitor, of
// ctx, or a *ChangedError. What stands before a failure was seen by then.
func Forward(ctx context.Context, log *Log, o Options, visitors ...Visitor) (End, error) {
	w := newWalk(ctx, log, o, visitors)
	w.end.Offset = o.From
	f := &forwardFeed{w: w}
	err := w.run(f.next)
	w.end.Offset = max(w.end.Offset, f.failed)
	if cerr := f.close(); err == nil {
		err = cerr
	}
	return w.end, err
}

// Backward walks a log that is Seekable from its end to its start: the blocks
// come in that order, and the lines within one in the order of the file. It
// fails with ErrNeedForward where only a walk forward can go on; what is behind
// End.Offset was seen by then. For the rest it is as Forward.
func Backward(ctx context.Context, log *Log, o Options, visitors ...Visitor) (End, error) {
	if !log.Seekable() {
		return End{}, ErrNeedForward
	}
	w := newWalk(ctx, log, o, visitors)
	w.end.Offset, w.backward = w.o.To, true
	f := &backwardFeed{w: w, member: len(log.members)}
	return w.end, w.run(f.next)
}

// walk is one pass over a log.
type walk struct {
	ctx      context.Context
	log      *Log
	o        Options
	visitors []Visitor
	backward bool
	seekable bool
	bounded  bool // the end was given
	acquire  func() []byte

	end      End
	inFlight *Tail // belongs to the feed until that has ended
}

func newWalk(ctx context.Context, log *Log, o Options, visitors []Visitor) *walk {
	if o.Checker == nil {
		o.Checker = record.NewChecker(record.Options{})
	}
	if o.BlockBytes <= 0 {
		o.BlockBytes = DefaultBlockBytes
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	w := &walk{ctx: ctx, log: log, o: o, visitors: visitors, seekable: log.Seekable(), bounded: o.To > 0}
	if w.o.To <= 0 {
		w.o.To = math.MaxInt64
	}
	if w.seekable {
		w.o.To = min(w.o.To, log.Size())
		if size := w.o.To - w.o.From; size >= 0 && size < int64(o.BlockBytes) {
			// The walk is one block: a pool would cost far more than the work.
			w.o.BlockBytes, w.o.Workers = int(size)+1, 1
		}
	}
	return w
}

func (w *walk) run(next func(*Block) error) error {
	var err error
	if w.o.Workers == 1 {
		err = w.serial(next)
	} else {
		err = w.parallel(next, min(w.o.Workers, maxWorkers))
	}
	w.end.InFlight = w.inFlight
	if !ended(err) {
		return err
	}
	return w.log.Verify()
}

// check looks at the lines of a block. It runs on any core.
func (w *walk) check(j *job, batch *record.Batch) {
	for _, p := range j.parts {
		p.Reset()
	}
	b, l := &j.block, &j.line
	if b.Piece {
		w.checkLong(j)
		return
	}
	*l = Line{Offset: b.Start, Pos: b.first}
	gaps := b.Length - int64(len(b.Data)) // all of them in the first line
	batch.Reset(w.o.Checker, b.Data)
	for l.At < len(b.Data) {
		l.Text, l.Terminated = batch.Next(l.Pos, &l.Result)
		if !l.Terminated {
			l.Pos |= record.Unterminated
		}
		l.Length = int64(len(l.Text)) + gaps
		for _, p := range j.parts {
			p.Line(l)
		}
		gaps, l.Pos = 0, 0
		l.Index++
		l.At += len(l.Text) + 1
		l.Offset += l.Length + 1
	}
	b.Lines = int64(l.Index)
}

// checkLong brings a line that is too long before all visitors, once it has
// ended.
func (w *walk) checkLong(j *job) {
	b := &j.block
	if !b.long.ended {
		return
	}
	l := &j.line
	*l = Line{Offset: b.long.start, Length: b.long.length, Terminated: b.Terminated, Pos: b.first}
	if !b.Terminated {
		l.Pos |= record.Unterminated
	}
	l.Result = w.o.Checker.Oversized(l.Pos)
	b.Lines = 1
	for _, p := range j.parts {
		p.Line(l)
	}
}

// fold hands a block to the visitors.
func (w *walk) fold(j *job) error {
	b := &j.block
	if !w.backward {
		b.Line = w.end.Lines
	}
	if w.o.Progress != nil {
		w.o.Progress(b.Length)
	}
	var enough error
	for i, v := range w.visitors {
		err := v.Fold(b, j.parts[i])
		if errors.Is(err, ErrEnough) {
			enough = err
		} else if err != nil {
			return err
		}
	}
	w.end.Lines += b.Lines
	w.end.Offset = b.Start
	if !w.backward {
		w.end.Offset += b.Length
	}
	return enough
}

// last decides whether the unterminated last line of the log is in flight.
func (w *walk) last(tail Tail) (bool, error) {
	s := w.log.last()
	inFlight, err := s.settle(w.ctx, w.o.Settle)
	if err == nil && !inFlight && w.o.Held != nil {
		if inFlight, err = w.o.Held(tail); err == nil && !inFlight {
			// Whoever let go just now has written what it had to.
			inFlight, err = s.settle(w.ctx, 0)
		}
	}
	if inFlight {
		w.inFlight = &tail
	}
	return inFlight, err
}

// deciding returns last for the file whose last line may be in flight, which
// starts at base, and nil for any other one: nobody writes to a file that was
// rotated, and a stream cannot be asked.
func (w *walk) deciding(member int, base int64) func(int64) (bool, error) {
	s := w.log.members[member]
	if s != w.log.last() || !s.plain() || s.rotated || w.bounded {
		return nil
	}
	return func(offset int64) (bool, error) { return w.last(Tail{offset, base + s.size - offset}) }
}

// first is the position of the first line that is read of a file, from an
// offset on.
func first(from int64) record.Position {
	if from > 0 {
		return 0
	}
	return record.First
}

// endless reports whether no newline follows an offset of the file.
func (w *walk) endless(s *source, off, end int64) (bool, error) {
	var c [1]byte
	if _, err := s.at.ReadAt(c[:], end-1); err != nil || c[0] == '\n' {
		return false, nil // a failure is met again by whoever reads on
	}
	at, err := newline(w.ctx, s, off, end)
	return at == end, err
}
