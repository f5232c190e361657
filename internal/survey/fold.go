package survey

import (
	"errors"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// surveyor is the visitor of one walk over one log.
type surveyor struct {
	o   Options
	res *Result

	kinds    [record.NumKinds]int64
	previous float64 // timestamp of the last dated record
	dated    bool    // there was one
	min, max float64
	anyTime  bool
}

func (s *surveyor) NewPart() stream.Part { return &part{skew: s.o.MaxSkew.Seconds()} }

// Fold takes a block in.
func (s *surveyor) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if p.anyTime && s.dated && p.firstTime < s.previous-s.o.MaxSkew.Seconds() {
		p.markFirst()
	}
	s.take(p)
	for _, f := range p.findings {
		s.report(b, p, f)
	}
	return nil
}

// take adds up what the part counted.
func (s *surveyor) take(p *part) {
	r := s.res
	for k, n := range p.kinds {
		s.kinds[k] += n
	}
	for literal, n := range p.other {
		s.addOther(literal, n)
	}
	r.Records += p.records
	r.LongestLine = max(r.LongestLine, p.longest)
	if p.anyTime {
		if !s.anyTime {
			s.min, s.max, s.anyTime = p.min, p.max, true
		}
		s.min, s.max = min(s.min, p.min), max(s.max, p.max)
		s.previous, s.dated = p.lastTime, true
	}
}

func (s *surveyor) addOther(literal string, n int64) {
	name := literal
	if text, ok := record.AppendText(nil, []byte(literal)); ok {
		name = string(text)
	}
	if _, ok := s.res.Kinds[name]; !ok && len(s.res.Kinds) >= maxOtherKinds {
		name = moreKindsName
	}
	s.res.Kinds[name] += n
}

// report turns a finding into an anomaly.
func (s *surveyor) report(b *stream.Block, p *part, f finding) {
	s.res.Faults |= f.faults
	from, to := int(f.offset), int(f.offset+f.length)
	a := record.Anomaly{Type: f.faults.First(), Path: s.res.Path, Line: b.Line + int64(f.line) + 1,
		Offset: b.Offset(from), ErrorOffset: -1}
	a.Length = b.Offset(to) - a.Offset
	if b.Piece {
		a.Offset, a.Length = p.longOffset, p.longLength
	}
	if len(s.res.Anomalies) < s.o.MaxAnomalies || s.o.OnAnomaly != nil {
		a.Reason = f.reason.Text(b.Data[from:to], int(f.at))
		if a.Reason == "" {
			a.Reason = record.ReasonOf(a.Type)
		}
		if f.at >= 0 {
			a.ErrorOffset = b.Offset(from + int(f.at))
		}
		if s.o.Verbose {
			a.Also = (f.faults &^ (1 << a.Type)).Types()
		}
	}
	s.add(a)
}

func (s *surveyor) add(a record.Anomaly) {
	s.res.Add(a, s.o.MaxAnomalies)
	if s.o.OnAnomaly != nil {
		a.Severity = a.Type.Severity()
		s.o.OnAnomaly(a)
	}
}

// finish takes in how the walk ended.
func (s *surveyor) finish(end stream.End, err error) {
	r := s.res
	r.Lines, r.Bytes = end.Lines, end.Offset
	if t := end.InFlight; t != nil {
		r.Lines++
		r.Bytes = t.Offset + t.Length
		r.InFlight = &Tail{Line: r.Lines, Offset: t.Offset, Length: t.Length}
	}
	for k, n := range s.kinds {
		if kind := record.Kind(k); n > 0 && kind >= record.Event && kind <= record.Metric {
			r.Kinds[kind.String()] += n
		}
	}
	if n := s.kinds[record.NoKind]; n > 0 {
		r.Kinds[noKindName] = n
	}
	if s.anyTime {
		first, last := s.min, s.max
		r.First, r.Last = &first, &last
	}
	if s.dated {
		last := s.previous
		r.LastInOrder = &last
	}
	if err != nil {
		r.Failure = err.Error()
		var changed *stream.ChangedError
		if errors.As(err, &changed) {
			r.Add(record.Anomaly{Type: record.ChangedDuringScan, Path: r.Path, Offset: changed.Offset,
				ErrorOffset: -1, Reason: "the file " + changed.What + " while it was read"}, s.o.MaxAnomalies)
		}
	}
	r.Healthy = err == nil && r.Errors == 0
}
