package survey

import (
	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// part is what one block told, put together by whatever core worked on it.
type part struct {
	skew     float64
	salvage  *record.Checker // nil if nobody asks what a repair would save
	repair   Repair
	kinds    kinds.Counter
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

	// Of a line that came in pieces, the last of which is the block.
	longOffset, longLength int64
}

// finding is a line with something wrong, small because there may be as many
// as there are lines. All places are those of the block's Data.
type finding struct {
	line, offset, length int32
	record.Verdict
}

// Reset forgets the block before.
func (p *part) Reset() {
	p.kinds.Reset()
	*p = part{skew: p.skew, salvage: p.salvage, kinds: p.kinds, findings: p.findings[:0]}
}

// Line takes a line in.
func (p *part) Line(l *stream.Line) {
	r := &l.Result
	p.longest = max(p.longest, l.Length)
	if !r.IsRecord() {
		p.longOffset, p.longLength = l.Offset, l.Length
		p.findings = append(p.findings, find(l, r.Verdict))
		if p.salvage != nil && r.Fault != record.BlankLine {
			p.damaged(l)
		}
		return
	}
	p.records++
	p.kinds.Add(r, l.Text, l.Length)
	verdict := r.Verdict
	if r.HasTimestamp {
		t := r.Timestamp
		if !p.anyTime {
			p.anyTime = true
			p.min, p.max = t, t
			p.first, p.firstTime, p.firstIndex = find(l, verdict), t, len(p.findings)
		} else {
			if t < p.lastTime-p.skew {
				verdict = verdict.With(record.TimestampRegression)
			}
			p.min, p.max = min(p.min, t), max(p.max, t)
		}
		p.lastTime = t
	}
	if verdict.Faults != 0 {
		p.findings = append(p.findings, find(l, verdict))
	}
}

// damaged counts what a repair would save of a line.
func (p *part) damaged(l *stream.Line) {
	saved := int64(len(p.salvage.Salvage(l.Text, l.Pos)))
	p.repair.Damaged++
	p.repair.Saved += saved
	if saved == 0 {
		p.repair.Lost++
	}
}

func find(l *stream.Line, v record.Verdict) finding {
	return finding{line: int32(l.Index), offset: int32(l.At), length: int32(len(l.Text)), Verdict: v}
}

// markFirst gives the first dated record a regression.
func (p *part) markFirst() {
	i := p.firstIndex
	if i < len(p.findings) && p.findings[i].offset == p.first.offset {
		p.findings[i].Verdict = p.findings[i].With(record.TimestampRegression)
		return
	}
	f := p.first
	f.Verdict = f.With(record.TimestampRegression)
	p.findings = append(p.findings, finding{})
	copy(p.findings[i+1:], p.findings[i:])
	p.findings[i] = f
}
