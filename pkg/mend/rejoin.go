package mend

import (
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// split holds back lines that would be dropped while they may be one record
// together, which raw newlines inside a string have cut up.
type split struct {
	record.Joiner
	block stream.Block // the lines, as they stand in the log
	line  int64        // of the first one
	held  []heldLine
}

// heldLine is one of them, up to where it ends in the block, newline included.
type heldLine struct {
	end int32
	record.Verdict
}

// hold takes in a line that is dropped. Of one that may be part of a record
// nothing is done until that is known.
func (t *transformer) hold(b *stream.Block, e *edit) (held bool, err error) {
	s := &t.split
	if e.action != Dropped || e.IsRecord() || b.Data[e.end-1] != '\n' {
		return false, t.apart()
	}
	offset := b.Offset(int(e.start))
	state := s.Add(offset, b.Data[e.start:e.end-1], e.Verdict)
	if state <= record.Begins {
		if err := t.release(nil); err != nil {
			return false, err
		}
	}
	switch state {
	case record.Apart:
		return false, nil
	case record.Begins:
		s.block.Start, s.line = offset, b.Line+int64(e.line)+1
	}
	s.block.Data = append(s.block.Data, b.Data[e.start:e.end]...)
	s.block.Length = int64(len(s.block.Data))
	s.held = append(s.held, heldLine{int32(len(s.block.Data)), e.Verdict})
	if state == record.Whole {
		return true, t.whole()
	}
	return true, nil
}

// whole joins the lines that are held back, or drops them for what they are.
func (t *transformer) whole() error {
	s := &t.split
	v := record.Verdict{At: -1}.With(record.SplitRecord)
	if !t.o.Rejoin {
		return t.release(&v)
	}
	var segments []segment
	start := int32(0)
	for _, l := range s.held {
		if start > 0 {
			segments = append(segments, escaped)
		}
		segments = append(segments, segment{start, l.end - 1})
		start = l.end
	}
	segments = append(segments, segment{start - 1, start}) // the newline of the last one
	c := Change{Line: s.line, Type: v.Fault, Faults: v.Faults, Action: Rejoined, At: int(s.held[0].end) - 1, Reason: t.o.Checker.Explain(v, nil)}
	err := t.replace(&s.block, segments, 0, start, c)
	s.forget()
	return err
}

// apart drops what is held back: the lines are no record.
func (t *transformer) apart() error {
	t.split.Reset()
	return t.release(nil)
}

// release drops what is held back, each line for its own fault or all for that
// of v.
func (t *transformer) release(v *record.Verdict) error {
	s := &t.split
	start := int32(0)
	for i, l := range s.held {
		if v != nil {
			l.Verdict = *v
		}
		c := Change{Line: s.line + int64(i), Type: l.Fault, Faults: l.Faults, Action: Dropped, At: int(l.At),
			Reason: t.o.Checker.Explain(l.Verdict, s.block.Data[start:l.end])}
		if err := t.replace(&s.block, nil, start, l.end, c); err != nil {
			return err
		}
		start = l.end
	}
	s.forget()
	return nil
}

func (s *split) forget() {
	s.held, s.block = s.held[:0], stream.Block{Data: s.block.Data[:0]}
}
