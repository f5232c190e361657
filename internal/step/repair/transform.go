package repair

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/papyra-tools/papyra/internal/oldwalk"
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
	// pos is the place of the line, as the check saw it.
	continues bool // not the first piece of its line
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
	line int64 // newlines so far
	out  int64 // bytes in the sink
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
	r := oldwalk.NewReader(t.src, oldwalk.ReaderOptions{BlockBytes: blockBytes, MaxLineBytes: t.mender.checker.MaxLineBytes()})
	if err := oldwalk.Each(t.ctx, r, oldwalk.EachOptions{Workers: workers}, t.mender.mend, t.fold); err != nil {
		return err
	}
	if err := t.src.Verify(); err != nil {
		return err
	}
	return t.sink.flush()
}

func (t *transformer) fold(b *oldwalk.Block, p *plan) error {
	t.bar(b.Length)
	if b.Kind != oldwalk.Lines {
		return t.special(b)
	}
	data := b.Data
	if cut, err := t.inFlight(b, p); err != nil {
		return err
	} else if cut >= 0 {
		data = data[:cut]
	}
	t.BytesIn += int64(len(data))
	if t.hashIn != nil {
		t.hashIn.Write(data) // a hash never fails
	}
	done := int32(0)
	for _, e := range p.edits {
		if err := t.keep(b, data, done, e.start); err != nil {
			return err
		}
		c := change{line: t.line + int64(e.line) + 1, offset: b.Offset + int64(e.start), length: int64(e.end - e.start),
			kind: e.Fault, faults: e.Faults, action: e.action, at: int(e.At), raw: data[e.start:e.end], newOffset: t.out}
		c.reason = t.mender.checker.Explain(e.Verdict, c.raw)
		if err := t.replace(b, p.segments[e.first:e.last], &c); err != nil {
			return err
		}
		done = e.end
	}
	for i, n := range p.remaining {
		t.Remaining[i] += int64(n)
	}
	t.line += int64(p.newlines)
	if err := t.keep(b, data, done, int32(len(data))); err != nil || !t.src.Live() {
		return err
	}
	return t.sink.flush() // who waits for it may be waiting now
}

// inFlight returns where the last line starts in b if it is unfinished and a
// writer is at it, and takes its edit out of the plan; otherwise -1.
func (t *transformer) inFlight(b *oldwalk.Block, p *plan) (int, error) {
	if b.Terminated || b.EndsBeforeNUL() || len(b.Data) == 0 {
		return -1, nil
	}
	cut := len(b.Data)
	for cut > 0 && b.Data[cut-1] != '\n' {
		cut--
	}
	if t.seen == nil || t.seen.Offset != b.Offset+int64(cut) {
		if written, err := t.written(); err != nil || !written {
			return -1, err
		}
	}
	for n := len(p.edits); n > 0 && int(p.edits[n-1].start) >= cut; n-- {
		p.edits = p.edits[:n-1]
	}
	t.InFlight = &tail{Offset: b.Offset + int64(cut), Length: int64(len(b.Data) - cut)}
	return cut, nil
}

// written reports whether the unfinished last line may still be written: it
// grows, or it stands still but some writer has not let go of the log, who may
// have been stopped in the middle of it.
func (t *transformer) written() (bool, error) {
	grew, err := t.src.Settle(t.ctx, t.settle)
	if err != nil || grew || t.held == nil {
		return grew, err
	}
	held, err := t.held()
	if err != nil || held {
		return held, err
	}
	return t.src.Settle(t.ctx, 0) // whoever let go just now has written what it had to
}

func (t *transformer) keep(b *oldwalk.Block, data []byte, from, to int32) error {
	if from == to {
		return nil
	}
	n := int64(to - from)
	t.BytesKept += n
	t.out += n
	return t.sink.keep(b.Offset+int64(from), data[from:to])
}

// replace writes the segments and accounts for the change.
func (t *transformer) replace(b *oldwalk.Block, segments []segment, c *change) error {
	kept := t.BytesKept
	for _, s := range segments {
		text := s.text()
		if text == "" {
			if err := t.keep(b, b.Data, s.start, s.end); err != nil {
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
	t.BytesDropped += c.length - (t.BytesKept - kept)
	return t.changed(c)
}

func (t *transformer) changed(c *change) error {
	c.newLength = t.out - c.newOffset
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

// special drops a NUL run or a piece of an oversized line.
func (t *transformer) special(b *oldwalk.Block) error {
	t.BytesIn += b.Length
	t.BytesDropped += b.Length
	c := change{line: t.line + 1, offset: b.Offset, length: b.Length, kind: record.NULBytes, action: Dropped, at: -1,
		newOffset: t.out, continues: b.Continues}
	if t.hashIn != nil {
		t.hashSpecial(b)
	}
	if b.Kind == oldwalk.Oversized {
		c.kind, c.raw = record.OversizedLine, b.Data
	} else if b.Terminated {
		return t.nulLine(c)
	}
	c.faults = record.Set(0).With(c.kind)
	c.reason = c.kind.Info().Reason
	t.line += b.Newlines()
	return t.changed(&c)
}

// hashSpecial feeds the hash with a block that is dropped.
func (t *transformer) hashSpecial(b *oldwalk.Block) {
	switch {
	case b.Kind == oldwalk.Oversized:
		t.hashIn.Write(b.Data)
	case b.Terminated:
		writeZeros(t.hashIn, b.Length-1)
		io.WriteString(t.hashIn, "\n")
	default:
		writeZeros(t.hashIn, b.Length)
	}
}

// nulLine drops a NUL run that a newline ends: the NUL bytes, of which there
// may be too many to hold, and then the newline.
func (t *transformer) nulLine(c change) error {
	c.faults = record.Set(0).With(c.kind)
	c.reason = c.kind.Info().Reason
	c.length--
	if err := t.changed(&c); err != nil {
		return err
	}
	c.offset, c.length, c.raw, c.continues = c.offset+c.length, 1, []byte("\n"), true
	t.line++
	return t.changed(&c)
}
