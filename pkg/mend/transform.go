package mend

import (
	"context"
	"runtime"
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// transformer is the visitor that moves a log into a sink.
type transformer struct {
	o    *Options
	sink Sink
	Summary

	split split
}

// A plan of a block of nothing but damaged two-byte lines takes some forty
// times the block's size. These keep all plans under way within the memory
// bound, and are more than a disk needs.
const (
	blockBytes = 64 << 10
	maxWorkers = 4
)

// run moves the log. The last line stays out of it if it is in flight.
func (t *transformer) run(ctx context.Context, log *stream.Log) error {
	workers := t.o.Workers
	if workers == 0 {
		workers = min(runtime.GOMAXPROCS(0), maxWorkers)
	}
	end, err := stream.Forward(ctx, log, stream.Options{Checker: t.o.Checker, Settle: t.o.Settle, Held: t.o.Held,
		Progress: t.o.Progress, BlockBytes: blockBytes, Workers: workers}, slices.Concat(t.o.Visitors, []stream.Visitor{t})...)
	if err != nil {
		return err
	}
	t.InFlight = end.InFlight
	if err := t.apart(); err != nil {
		return err
	}
	return t.sink.Flush()
}

func (t *transformer) NewPart() stream.Part { return &plan{o: t.o} }

// Fold repairs a block.
func (t *transformer) Fold(b *stream.Block, part stream.Part) error {
	p := part.(*plan)
	t.BytesIn += b.Length
	if b.Piece {
		if err := t.apart(); err != nil {
			return err
		}
		v := record.Verdict{At: -1}.With(record.OversizedLine)
		return t.replace(b, nil, 0, int32(len(b.Data)), Change{Line: b.Line + 1, Type: v.Fault, Faults: v.Faults,
			Action: Dropped, At: -1, Reason: t.o.Checker.Explain(v, nil), Continues: b.Continues})
	}
	done := int32(0)
	for i := range p.edits {
		e := &p.edits[i]
		if err := t.keep(b, done, e.start); err != nil {
			return err
		}
		held, err := t.hold(b, e)
		if err != nil {
			return err
		}
		if held {
			done = e.end
			continue
		}
		c := Change{Line: b.Line + int64(e.line) + 1, Type: e.Fault, Faults: e.Faults, Action: e.action, At: int(e.At),
			Reason: t.o.Checker.Explain(e.Verdict, b.Data[e.start:e.end])}
		if err := t.replace(b, p.segments[e.first:e.last], e.start, e.end, c); err != nil {
			return err
		}
		done = e.end
	}
	for i, n := range p.remaining {
		if n > 0 {
			t.Remaining[record.Type(i)] += int64(n)
		}
	}
	if err := t.keep(b, done, int32(len(b.Data))); err != nil || !b.Live {
		return err
	}
	return t.sink.Flush() // who waits for it may be waiting now
}

func (t *transformer) keep(b *stream.Block, from, to int32) error {
	if from == to {
		return nil
	}
	if b != &t.split.block { // what is held back stands before it
		if err := t.apart(); err != nil {
			return err
		}
	}
	t.BytesKept += int64(to - from)
	return t.sink.Keep(b.Offset(int(from)), b.Data[from:to])
}

// replace writes the segments in the place of data[from:to] and accounts for
// the change. What no buffer holds at once is told in pieces.
func (t *transformer) replace(b *stream.Block, segments []segment, from, to int32, c Change) error {
	kept := t.BytesKept
	c.NewOffset = t.BytesOut()
	for _, s := range segments {
		text := s.text()
		if text == "" {
			if err := t.keep(b, s.start, s.end); err != nil {
				return err
			}
			continue
		}
		t.BytesAdded += int64(len(text))
		if err := t.sink.Add(text); err != nil {
			return err
		}
	}
	c.NewLength, c.Offset = t.BytesOut()-c.NewOffset, b.Offset(int(from))
	t.BytesDropped += b.Offset(int(to)) - c.Offset - (t.BytesKept - kept)
	c.segments, c.at = segments, from
	return b.Raw(int(from), int(to), func(text []byte, zeros int64) error {
		c.Raw, c.Length = text, int64(len(text))+zeros
		if err := t.changed(&c); err != nil {
			return err
		}
		c.Offset += c.Length
		c.at += int32(len(text))
		c.NewOffset, c.NewLength, c.Continues = t.BytesOut(), 0, true
		return nil
	})
}

func (t *transformer) changed(c *Change) error {
	if !c.Continues {
		t.Lines++
		t.Actions[c.Action]++
		t.Types[c.Type]++
	}
	if t.o.OnChange == nil {
		return nil
	}
	return t.o.OnChange(*c)
}
