package repair

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// sink takes the repaired log.
type sink interface {
	// keep takes bytes of the log as they are; off is where they stand in it.
	keep(off int64, data []byte) error
	// add takes bytes that are not in the log.
	add(text string) error
	// flush ends the stream.
	flush() error
}

// change is a line that is not kept as it was, or a piece of one.
type change struct {
	// line counts from 1.
	line int64
	// offset and length say which bytes of the log are replaced.
	offset, length int64
	kind           record.Type
	faults         record.Set
	action         Action
	// at is where in raw the fault is, or -1.
	at     int
	reason string
	// raw are the replaced bytes; nil if all of them are NUL.
	raw []byte
	// newOffset and newLength say where in the result the replacement stands.
	newOffset, newLength int64
	continues            bool // not the first piece of its line
}

// observer is told of every change, in file order. raw is valid during the
// call only.
type observer func(change) error

// tally is what a repair came to.
type tally struct {
	BytesIn      int64
	BytesKept    int64
	BytesDropped int64
	BytesAdded   int64
	Actions      map[Action]int64
	Types        map[string]int64
	// Lines counts the lines that were changed.
	Lines    int64
	InFlight *tail
	// Remaining counts what is still wrong with the lines that were kept, each
	// by itself: not what concerns a line and its neighbour.
	Remaining [32]int64
}

// tail is an unfinished last line that a writer is in the middle of.
type tail struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

func (t *tally) bytesOut() int64 { return t.BytesKept + t.BytesAdded }

// transformer moves one log through a mender into a sink.
type transformer struct {
	ctx     context.Context
	src     *stream.Log
	mender  *mender
	sink    sink
	observe []observer
	settle  time.Duration
	// seen is the last line if an earlier look found it in flight: it stays so,
	// even if its writer takes a rest now.
	seen *tail
	// held tells whether a writer has the log open; nil if nobody can tell.
	held func() (bool, error)
	bar  func(int64)
	// hashIn is fed with the log as it was, if it is not nil.
	hashIn io.Writer
	// workers is how many cores are used; 0 means all.
	workers int

	tally
	out int64 // bytes in the sink
}

// A plan of a block of nothing but damaged two-byte lines takes some forty times the
// block's size. These keep all plans under way within the memory bound, and are
// more than a disk needs.
const (
	blockBytes = 64 << 10
	maxWorkers = 4
)

// run moves the log. The last line stays out of it if it is in flight.
func (t *transformer) run() error {
	t.Actions, t.Types = map[Action]int64{}, map[string]int64{}
	workers := t.workers
	if workers == 0 {
		workers = min(runtime.GOMAXPROCS(0), maxWorkers)
	}
	end, err := stream.Forward(t.ctx, t.src, stream.Options{Checker: t.mender.checker, Settle: t.settle, Held: t.written,
		Progress: t.bar, BlockBytes: blockBytes, Workers: workers}, t)
	if err != nil {
		return err
	}
	if end.InFlight != nil {
		t.InFlight = &tail{Offset: end.InFlight.Offset, Length: end.InFlight.Length}
	}
	return t.sink.flush()
}

// written reports whether the last line was in flight when it was seen before,
// or may be because some writer has not let go of the log.
func (t *transformer) written(last stream.Tail) (bool, error) {
	if t.seen != nil && t.seen.Offset == last.Offset {
		return true, nil
	}
	if t.held == nil {
		return false, nil
	}
	return t.held()
}

func (t *transformer) NewPart() stream.Part { return &plan{mender: t.mender} }

// Fold repairs a block.
func (t *transformer) Fold(b *stream.Block, part stream.Part) error {
	p := part.(*plan)
	t.BytesIn += b.Length
	if t.hashIn != nil {
		if err := b.Raw(0, len(b.Data), t.hash); err != nil {
			return err
		}
	}
	if b.Piece {
		v := record.Verdict{At: -1}.With(record.OversizedLine)
		return t.replace(b, nil, 0, int32(len(b.Data)), change{line: b.Line + 1, kind: v.Fault, faults: v.Faults,
			action: Dropped, at: -1, reason: t.mender.checker.Explain(v, nil), continues: b.Continues})
	}
	done := int32(0)
	for _, e := range p.edits {
		if err := t.keep(b, done, e.start); err != nil {
			return err
		}
		c := change{line: b.Line + int64(e.line) + 1, kind: e.Fault, faults: e.Faults, action: e.action, at: int(e.At),
			reason: t.mender.checker.Explain(e.Verdict, b.Data[e.start:e.end])}
		if err := t.replace(b, p.segments[e.first:e.last], e.start, e.end, c); err != nil {
			return err
		}
		done = e.end
	}
	for i, n := range p.remaining {
		t.Remaining[i] += int64(n)
	}
	if err := t.keep(b, done, int32(len(b.Data))); err != nil || !b.Live {
		return err
	}
	return t.sink.flush() // who waits for it may be waiting now
}

// hash feeds the hash of the log as it was.
func (t *transformer) hash(text []byte, zeros int64) error {
	if text == nil {
		return writeZeros(t.hashIn, zeros)
	}
	_, err := t.hashIn.Write(text)
	return err
}

func (t *transformer) keep(b *stream.Block, from, to int32) error {
	if from == to {
		return nil
	}
	n := int64(to - from)
	t.BytesKept += n
	t.out += n
	return t.sink.keep(b.Offset(int(from)), b.Data[from:to])
}

// replace writes the segments in the place of data[from:to] and accounts for the
// change. What no buffer holds at once is told in pieces.
func (t *transformer) replace(b *stream.Block, segments []segment, from, to int32, c change) error {
	kept := t.BytesKept
	c.newOffset = t.out
	for _, s := range segments {
		text := s.text()
		if text == "" {
			if err := t.keep(b, s.start, s.end); err != nil {
				return err
			}
			continue
		}
		t.BytesAdded += int64(len(text))
		t.out += int64(len(text))
		if err := t.sink.add(text); err != nil {
			return err
		}
	}
	c.newLength, c.offset = t.out-c.newOffset, b.Offset(int(from))
	t.BytesDropped += b.Offset(int(to)) - c.offset - (t.BytesKept - kept)
	return b.Raw(int(from), int(to), func(text []byte, zeros int64) error {
		c.raw, c.length = text, int64(len(text))+zeros
		if err := t.changed(&c); err != nil {
			return err
		}
		c.offset += c.length
		c.newOffset, c.newLength, c.continues = t.out, 0, true
		return nil
	})
}

func (t *transformer) changed(c *change) error {
	if !c.continues {
		t.Lines++
		t.Actions[c.action]++
		t.Types[c.kind.String()]++
	}
	for _, o := range t.observe {
		if err := o(*c); err != nil {
			return fmt.Errorf("record what was dropped: %w", err)
		}
	}
	return nil
}
