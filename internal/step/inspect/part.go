package inspect

import (
	"bytes"
	"math"
	"sync/atomic"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/step/inspect/sketch"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// members are those of Papyra's own records whose values are counted.
var members = [numKeys]string{keyActor: "actor_address", keyType: "event_type", keyTarget: "target"}

const (
	keyActor = iota
	keyType
	keyTarget
	numKeys
)

// part is what the records of one block add up to. It is filled by whatever
// core works on the block, without an allocation per record.
type part struct {
	rule   policy.Rule
	once   bool // of a stream: remember what becomes of each record
	scale  *atomic.Int32
	fields []*pick.Finder // in place of members, where the log is not Papyra's
	text   []byte
	short  []byte

	sums
	records int64
	first   int64 // where the first record starts,
	pos     int64 // and behind the last one
	seen    policy.Seen
	each    []survivor
}

// survivor is a record that the age limit does not drop.
type survivor struct {
	bytes uint32
	gap   uint32 // of the damage before it, which counts with it
	kind  record.Kind
	first bool // of its block: the damage before it is not known yet
}

// gapOf keeps a survivor small. A gap of 4 GiB is beyond most limits.
func gapOf(n int64) uint32 { return uint32(min(n, math.MaxUint32)) }

func newPart(rule policy.Rule, once bool, scale *atomic.Int32) *part {
	return &part{rule: rule, once: once, scale: scale, sums: newSums()}
}

// Reset forgets what was observed.
func (p *part) Reset() {
	p.records, p.bytes, p.pos, p.seen, p.each = 0, 0, 0, policy.Seen{}, p.each[:0]
	p.expired, p.survivors = [record.NumKinds]policy.Sum{}, [record.NumKinds]policy.Sum{}
	p.lengths.Reset()
	p.times.ResetTo(int(p.scale.Load()))
	for _, t := range p.top {
		t.Reset()
	}
}

// Line takes a line in, if it is a record.
func (p *part) Line(l *stream.Line) {
	r := &l.Result
	if !r.IsRecord() {
		return
	}
	size := l.Size()
	p.records++
	p.bytes += size
	p.lengths.Add(l.Length)
	if r.HasTimestamp {
		p.times.Add(r.Timestamp, r.Kind, size)
	}
	if p.once {
		p.remember(l, l.Length+1) // whoever keeps a record ends its line
	}

	for i, f := range p.fields {
		p.countAny(i, f.Find(l.Text[r.Start:]))
	}
	switch r.Kind { // of Papyra's own records
	case record.Event:
		p.count(keyActor, r.Member(l.Text, keyActor))
		p.count(keyType, r.Member(l.Text, keyType))
	case record.DeadLetter:
		p.count(keyTarget, r.Member(l.Text, keyTarget))
	}
}

// countAny counts a value; what is no string, as it stands.
func (p *part) countAny(key int, raw []byte) {
	if len(raw) == 0 || raw[0] == '"' {
		p.count(key, raw)
		return
	}
	p.top[key].Add(raw[:min(len(raw), sketch.MaxKeyBytes)], 1)
}

// remember notes what becomes of a record by its age.
func (p *part) remember(l *stream.Line, size int64) {
	r, gap := &l.Result, l.Offset-p.pos
	if p.records == 1 {
		p.first, gap = l.Offset, 0 // what stands before it, the fold knows
	}
	p.pos = l.Offset + l.Size()
	stays := p.rule.Survives(r.Timestamp, r.HasTimestamp)
	p.seen.Add(r.Timestamp, r.HasTimestamp, stays)
	sum := &p.expired[r.Kind]
	if stays {
		sum = &p.survivors[r.Kind]
		if p.rule.Policy().Suffix() {
			p.each = append(p.each, survivor{bytes: uint32(size), gap: gapOf(gap), kind: r.Kind, first: p.records == 1})
		}
	}
	sum.Records++
	sum.Bytes += size
}

// count counts a value if it is a string, which is what the producer writes.
func (p *part) count(key int, raw []byte) {
	if len(raw) < 2 || raw[0] != '"' {
		return
	}
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		text, _ = pick.AppendText(p.text[:0], raw)
		p.text = text[:0]
	}
	if len(text) > sketch.MaxKeyBytes {
		text = sketch.Shorten(p.short, text)
		p.short = text[:0]
	}
	p.top[key].Add(text, 1)
	if cap(p.text) > maxScratch {
		p.text = nil // one endless name must not be held for each block
	}
}

// maxScratch is how much memory a part keeps for texts between records.
const maxScratch = 64 << 10
