package survey

import (
	"context"
	"fmt"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// split holds back the anomalies of lines that may be one record together.
type split struct {
	record.Joiner
	held []heldBack
	// others says that the lines at hand are those of another shard, which
	// tells of them, and of the records that begin there; trailing that it is
	// the one behind.
	others, trailing bool
}

type heldBack struct {
	record.Anomaly
	faults record.Set
	others bool
}

// join reports a finding, or one on the record that it ends, or holds it back.
func (s *surveyor) join(b *stream.Block, p *part, f finding) {
	j := &s.split
	to := int(f.offset + f.length)
	if f.IsRecord() || b.Piece || to == len(b.Data) { // or it has no newline
		s.apart()
		s.report(b, p, f)
		return
	}
	state := j.Add(b.Offset(int(f.offset)), b.Data[f.offset:to], f.Verdict)
	if len(j.held) > 0 && state <= record.Begins {
		s.release()
	}
	if state == record.Apart {
		s.report(b, p, f)
		return
	}
	a := s.anomaly(b, p, f, s.wanted())
	j.held = append(j.held, heldBack{a, f.Faults, j.others})
	if state == record.Whole {
		s.whole()
	}
}

// whole reports the record that the lines held back are.
func (s *surveyor) whole() {
	j := &s.split
	first, last := &j.held[0].Anomaly, &j.held[len(j.held)-1].Anomaly
	a := *first
	a.Type, a.ErrorOffset = record.SplitRecord, first.Offset+first.Length
	a.Length = last.Offset + last.Length - first.Offset
	a.Reason = fmt.Sprintf("one record, cut into %d lines by raw newlines inside a string", len(j.held))
	a.Digest, a.Also = digest(j.Text()), nil
	others := j.held[0].others
	if j.held = j.held[:0]; others {
		return
	}
	s.found(record.Set(0).With(record.SplitRecord), a)
	if s.res.Repair != nil {
		s.res.Repair.Rejoined++
	}
}

// apart reports what is held back: the lines are no record.
func (s *surveyor) apart() {
	s.split.Reset()
	s.release()
}

func (s *surveyor) release() {
	for i := range s.split.held {
		if s.split.held[i].others {
			continue
		}
		s.found(s.split.held[i].faults, s.split.held[i].Anomaly)
	}
	s.split.held = s.split.held[:0]
}

// lead looks at the lines before a shard of which a record may be made up that
// goes on in it: those up to the last one that can be no part of any.
func (s *surveyor) lead(ctx context.Context, log *stream.Log, to int64) error {
	from := int64(0)
	if log.Seekable() {
		r := &run{from: to}
		if _, err := stream.Backward(ctx, log, stream.Options{Checker: s.o.Checker, To: to}, r); err != nil {
			return err
		}
		from = r.from
	}
	if from == to {
		return nil
	}
	return s.neighbours(ctx, log, stream.Options{From: from, To: to})
}

// trail looks at the lines behind a shard up to the end of the record that may
// be begun in it.
func (s *surveyor) trail(ctx context.Context, log *stream.Log, from int64) error {
	s.split.trailing = true
	return s.neighbours(ctx, log, stream.Options{From: from, To: log.Size()})
}

func (s *surveyor) neighbours(ctx context.Context, log *stream.Log, o stream.Options) error {
	s.split.others = true
	defer func() { s.split.others = false }()
	o.Checker, o.BlockBytes, o.Workers = s.o.Checker, s.o.BlockBytes, 1
	_, err := stream.Forward(ctx, log, o, others{s})
	return err
}

// others is the visitor of the lines of other shards.
type others struct{ s *surveyor }

func (o others) NewPart() stream.Part { return o.s.NewPart() }

func (o others) Fold(b *stream.Block, sp stream.Part) error {
	for _, f := range sp.(*part).findings {
		o.s.join(b, sp.(*part), f)
	}
	j := &o.s.split
	if n := len(j.held); n > 0 && j.held[n-1].Offset+j.held[n-1].Length+1 != b.Start+b.Length {
		o.s.apart()
	}
	if j.trailing && (len(j.held) == 0 || j.held[0].others) {
		o.s.apart()
		return stream.ErrEnough
	}
	return nil
}

// run finds where the lines begin that could be parts of one record.
type run struct{ from int64 }

// runPart knows from where on all lines of a block could be.
type runPart struct{ from int64 }

func (r *run) NewPart() stream.Part { return &runPart{} }

func (p *runPart) Reset() { p.from = -1 }

func (p *runPart) Line(l *stream.Line) {
	if !l.Result.MayJoin() {
		p.from = l.Offset + l.Size()
	}
}

func (r *run) Fold(b *stream.Block, sp stream.Part) error {
	if from := sp.(*runPart).from; from >= 0 {
		r.from = from
		return stream.ErrEnough
	}
	r.from = b.Start
	return nil
}
