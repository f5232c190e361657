package survey

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/fnv"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// surveyor is the visitor of one walk over one log.
type surveyor struct {
	o   Options
	res *Result

	kinds    kinds.Counter
	previous float64 // timestamp of the last dated record
	dated    bool    // there was one
	min, max float64
	anyTime  bool
	// absent counts the records by the member that they have not at all.
	absent map[record.Type]int64
	split  split
}

func (s *surveyor) NewPart() stream.Part {
	p := &part{skew: s.o.MaxSkew.Seconds()}
	if s.o.Repair {
		p.salvage = s.o.Checker
	}
	return p
}

// Fold takes a block in.
func (s *surveyor) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if p.anyTime && s.dated && p.firstTime < s.previous-s.o.MaxSkew.Seconds() {
		p.markFirst()
	}
	border := -1
	if p.anyTime && !s.dated && s.res.Shard != nil {
		border = p.firstIndex
	}
	s.take(p)
	for i := 0; ; i++ {
		if i == border {
			s.apart()
			s.border(b, p)
		}
		if i == len(p.findings) {
			return nil
		}
		s.join(b, p, p.findings[i])
	}
}

// take adds up what the part counted.
func (s *surveyor) take(p *part) {
	r := s.res
	s.kinds.Merge(&p.kinds)
	r.Records += p.records
	r.LongestLine = max(r.LongestLine, p.longest)
	if r.Repair != nil {
		r.Repair.Add(&p.repair)
	}
	if p.anyTime {
		if !s.anyTime {
			s.min, s.max, s.anyTime = p.min, p.max, true
		}
		s.min, s.max = min(s.min, p.min), max(s.max, p.max)
		s.previous, s.dated = p.lastTime, true
	}
}

// report turns a finding into an anomaly.
func (s *surveyor) report(b *stream.Block, p *part, f finding) {
	if s.split.others {
		return
	}
	if f.Absent() {
		s.absent[f.Fault]++
	}
	s.found(f.Faults, s.anomaly(b, p, f, s.wanted()))
}

// wanted reports whether an anomaly will be read, and not just counted.
func (s *surveyor) wanted() bool {
	return len(s.res.Anomalies) < s.o.MaxAnomalies || s.o.OnAnomaly != nil
}

func (s *surveyor) found(faults record.Set, a record.Anomaly) {
	s.res.Faults |= faults
	s.res.Add(a, s.o.MaxAnomalies)
	if s.o.OnAnomaly != nil {
		s.o.OnAnomaly(a)
	}
}

// anomaly returns what a finding is called. It is explained where it will be
// read.
func (s *surveyor) anomaly(b *stream.Block, p *part, f finding, explain bool) record.Anomaly {
	from, to := int(f.offset), int(f.offset+f.length)
	a := record.Anomaly{Type: f.Fault, Severity: s.o.Checker.Severity(f.Fault), Path: s.res.Path, Line: b.Line + int64(f.line) + 1,
		Offset: b.Offset(from), ErrorOffset: -1}
	a.Length = b.Offset(to) - a.Offset
	if b.Piece {
		a.Offset, a.Length = p.longOffset, p.longLength
	}
	if explain {
		a.Reason = s.o.Checker.Explain(f.Verdict, b.Data[from:to])
		if f.At >= 0 {
			a.ErrorOffset = b.Offset(from + int(f.At))
		}
		if !b.Piece {
			a.Digest = digest(b.Data[from:to])
		}
		if s.o.Verbose {
			a.Also = (f.Faults &^ (1 << a.Type)).Types()
		}
	}
	return a
}

// digest is record.Anomaly.Digest of a line.
func digest(line []byte) string {
	h := fnv.New64a()
	h.Write(line[:min(len(line), digested)])
	h.Write(line[max(len(line)-digested, 0):])
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(line))))
	return hex.EncodeToString(h.Sum(nil))
}

// digested is how much of each end of a line goes into its digest, so that long
// ones cost no more.
const digested = 4 << 10

// finish takes in how the walk ended.
func (s *surveyor) finish(end stream.End, err error) {
	r := s.res
	r.Lines, r.Bytes = end.Lines, end.Offset
	if t := end.InFlight; t != nil {
		r.Lines++
		r.Bytes = t.Offset + t.Length
		r.InFlight = &Tail{Line: r.Lines, Offset: t.Offset, Length: t.Length}
	}
	for name, sum := range s.kinds.Sums() {
		r.Kinds[name] = sum.Records
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
	if r.Shard == nil {
		r.sumUp(s.absent, s.o.Checker.Profile().Name, s.o.MaxAnomalies)
	} else if len(s.absent) > 0 {
		r.Shard.Absent = s.absent
	}
	r.Healthy = err == nil && r.Errors == 0
}
