package survey

import (
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

const (
	noKindName    = "(none)"
	moreKindsName = "(more)"
	maxOtherKinds = 64
)

// part is what one block told, put together by whatever core worked on it.
type part struct {
	kinds    [record.NumKinds]int64
	other    map[string]int64 // allowed and unknown kinds
	records  int64
	longest  int64
	findings []finding
	min, max float64
	anyTime  bool

	// The first dated record has its predecessor in an earlier block, so that
	// only the fold can tell whether time went back there.
	first      finding
	firstTime  float64
	firstIndex int // where in findings it belongs; the finding there may be its own
	lastTime   float64

	tail     finding // the unterminated last line
	tailText stream.Line
	tailRes  record.Result
	hasTail  bool
	hasLines bool
	endLine  int64 // newlines in the block

	extra Part
}

// finding is a line with something wrong, small because there may be as many
// as there are lines. All places are relative to the block.
type finding struct {
	line, offset, length int32
	at                   int32
	faults               record.Set
	reason               record.Reason
}

func (p *part) reset() {
	*p = part{other: p.other, findings: p.findings[:0], extra: p.extra}
	clear(p.other)
}

// work looks at the lines of one block. It runs on any core.
func (s *surveyor) work(b *stream.Block, p *part) {
	p.reset()
	if s.o.NewPart != nil {
		if p.extra == nil {
			p.extra = s.o.NewPart()
		}
		p.extra.Reset()
	}
	if b.Kind != stream.Lines {
		return
	}
	skew := s.o.MaxSkew.Seconds()
	line := int32(0)
	for l := range b.Lines {
		r := s.o.Checker.Check(l.Text, l.Pos)
		f := finding{line: line, offset: int32(l.Offset - b.Offset), length: int32(len(l.Text)),
			at: int32(r.At), faults: r.Faults, reason: r.Reason}
		if n := int64(len(l.Text)); n > p.longest {
			p.longest = n
		}
		line++
		if l.Pos&(record.Unterminated|record.BeforeNUL) == record.Unterminated {
			p.tail, p.tailText, p.tailRes, p.hasTail = f, l, r, true
			line--
			break
		}
		if l.Pos&record.BeforeNUL != 0 {
			line--
		}
		p.line(l, r, f, skew)
	}
	p.endLine = int64(line)
	p.hasLines = true
}

// line takes a line in.
func (p *part) line(l stream.Line, r record.Result, f finding, skew float64) {
	if !r.IsRecord() {
		p.findings = append(p.findings, f)
		return
	}
	p.records++
	p.kinds[r.Kind]++
	if r.Kind >= record.AllowedKind {
		p.countOther(r.KindLiteral(l.Text))
	}
	if r.HasTimestamp {
		t := r.Timestamp
		if !p.anyTime {
			p.anyTime = true
			p.min, p.max = t, t
			p.first, p.firstTime, p.firstIndex = f, t, len(p.findings)
		} else {
			if t < p.lastTime-skew {
				f.faults = f.faults.With(record.TimestampRegression)
			}
			p.min, p.max = min(p.min, t), max(p.max, t)
		}
		p.lastTime = t
	}
	if f.faults != 0 {
		p.findings = append(p.findings, f)
	}
	if p.extra != nil {
		p.extra.Observe(l, r)
	}
}

func (p *part) countOther(literal []byte) {
	if n, ok := p.other[string(literal)]; ok {
		p.other[string(literal)] = n + 1
		return
	}
	if p.other == nil {
		p.other = make(map[string]int64)
	}
	if len(p.other) < maxOtherKinds && len(literal) <= maxKindBytes {
		p.other[string(literal)] = 1
	} else {
		p.other[moreKindsName]++
	}
}

// maxKindBytes is the longest name of a kind that is counted by name.
const maxKindBytes = 256

// fold takes the blocks in, in file order.
func (s *surveyor) fold(b *stream.Block, p *part) error {
	r := s.res
	base := r.Lines
	s.openNUL = b.Kind == stream.NULRun && !b.Terminated
	switch b.Kind {
	case stream.NULRun, stream.Oversized:
		s.foldSpecial(b)
		return s.progress(b)
	}
	if p.anyTime && s.dated && p.firstTime < s.previous-s.o.MaxSkew.Seconds() {
		p.markFirst()
	}
	s.take(p)
	for _, f := range p.findings {
		s.report(b, f, base)
	}
	r.Lines += p.endLine
	if p.hasTail {
		if err := s.foldTail(b, p); err != nil {
			return err
		}
	}
	if p.extra != nil {
		s.o.FoldPart(p.extra)
	}
	return s.progress(b)
}

func (s *surveyor) progress(b *stream.Block) error {
	if s.o.OnProgress != nil {
		s.o.OnProgress(b.Length)
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

// markFirst gives the first dated record a regression.
func (p *part) markFirst() {
	i := p.firstIndex
	if i < len(p.findings) && p.findings[i].offset == p.first.offset {
		p.findings[i].faults = p.findings[i].faults.With(record.TimestampRegression)
		return
	}
	f := p.first
	f.faults = f.faults.With(record.TimestampRegression)
	p.findings = append(p.findings, finding{})
	copy(p.findings[i+1:], p.findings[i:])
	p.findings[i] = f
}

// foldTail decides what an unterminated last line is. The block of it is the
// last one of the source.
func (s *surveyor) foldTail(b *stream.Block, p *part) error {
	r := s.res
	r.Lines++
	grew, err := s.src.Settle(s.ctx, s.o.Settle)
	if err != nil {
		return err
	}
	if grew {
		r.InFlight = &Tail{Line: r.Lines, Offset: b.Offset + int64(p.tail.offset), Length: int64(p.tail.length)}
		return nil
	}
	var last part
	last.extra = p.extra
	last.line(p.tailText, p.tailRes, p.tail, 0)
	if last.anyTime && s.dated && last.firstTime < s.previous-s.o.MaxSkew.Seconds() {
		last.markFirst()
	}
	s.take(&last)
	for _, f := range last.findings {
		f.line = 0
		s.report(b, f, r.Lines-1)
	}
	return nil
}

// foldSpecial takes in a block that holds no lines.
func (s *surveyor) foldSpecial(b *stream.Block) {
	r := s.res
	if b.Kind == stream.NULRun {
		r.Faults = r.Faults.With(record.NULBytes)
	} else {
		r.Faults = r.Faults.With(record.OversizedLine)
	}
	if b.Kind == stream.NULRun {
		a := record.Anomaly{Type: record.NULBytes, Path: r.Path, Line: r.Lines + 1, Offset: b.Offset,
			Length: b.Length, ErrorOffset: b.Offset, Reason: record.ReasonOf(record.NULBytes)}
		if b.Terminated {
			a.Length--
			r.Lines++
		}
		s.add(a)
		return
	}
	if !b.Continues {
		s.oversized = &record.Anomaly{Type: record.OversizedLine, Path: r.Path, Line: r.Lines + 1, Offset: b.Offset,
			ErrorOffset: -1, Reason: record.ReasonOf(record.OversizedLine)}
	}
	s.oversized.Length += b.Length
	if b.Terminated {
		s.oversized.Length--
		r.Lines++
		s.endOversized()
	}
}

// endOversized reports a line that was too long, once its length is known.
func (s *surveyor) endOversized() {
	s.res.LongestLine = max(s.res.LongestLine, s.oversized.Length)
	s.add(*s.oversized)
	s.oversized = nil
}

// report turns a finding into an anomaly.
func (s *surveyor) report(b *stream.Block, f finding, base int64) {
	s.res.Faults |= f.faults
	a := record.Anomaly{Type: f.faults.First(), Path: s.res.Path, Line: base + int64(f.line) + 1,
		Offset: b.Offset + int64(f.offset), Length: int64(f.length), ErrorOffset: -1}
	if len(s.res.Anomalies) < s.o.MaxAnomalies || s.o.OnAnomaly != nil {
		line := b.Data[f.offset : f.offset+f.length]
		a.Reason = f.reason.Text(line, int(f.at))
		if a.Reason == "" {
			a.Reason = record.ReasonOf(a.Type)
		}
		if f.at >= 0 {
			a.ErrorOffset = a.Offset + int64(f.at)
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
