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
	skew     float64
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

	// Of a line that came in pieces, the last of which is the block.
	longOffset, longLength int64
}

// finding is a line with something wrong, small because there may be as many
// as there are lines. All places are those of the block's Data.
type finding struct {
	line, offset, length int32
	at                   int32
	faults               record.Set
	reason               record.Reason
}

// Reset forgets the block before.
func (p *part) Reset() {
	*p = part{skew: p.skew, other: p.other, findings: p.findings[:0]}
	clear(p.other)
}

// Line takes a line in.
func (p *part) Line(l *stream.Line) {
	r := &l.Result
	p.longest = max(p.longest, l.Length)
	if !r.IsRecord() {
		p.longOffset, p.longLength = l.Offset, l.Length
		p.findings = append(p.findings, find(l, r.Faults))
		return
	}
	p.records++
	p.kinds[r.Kind]++
	if r.Kind >= record.AllowedKind {
		p.countOther(r.KindLiteral(l.Text))
	}
	faults := r.Faults
	if r.HasTimestamp {
		t := r.Timestamp
		if !p.anyTime {
			p.anyTime = true
			p.min, p.max = t, t
			p.first, p.firstTime, p.firstIndex = find(l, faults), t, len(p.findings)
		} else {
			if t < p.lastTime-p.skew {
				faults = faults.With(record.TimestampRegression)
			}
			p.min, p.max = min(p.min, t), max(p.max, t)
		}
		p.lastTime = t
	}
	if faults != 0 {
		p.findings = append(p.findings, find(l, faults))
	}
}

func find(l *stream.Line, faults record.Set) finding {
	return finding{line: int32(l.Index), offset: int32(l.At), length: int32(len(l.Text)),
		at: int32(l.Result.At), faults: faults, reason: l.Result.Reason}
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
