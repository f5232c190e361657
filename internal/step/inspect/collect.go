package inspect

import (
	"sync/atomic"

	"github.com/papyra-tools/papyra/internal/step/inspect/sketch"
	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// maxSpans bounds the index that tells where in a log how many records stand.
const maxSpans = 4096

// maxEach bounds how many records of a stream, which can't be read again, are
// remembered one by one: 8 MiB.
const maxEach = 1 << 20

// collector puts together what the parts of a log found, in file order. A log
// may be several files, one after the other.
type collector struct {
	rule   policy.Rule
	detail bool
	// foreign says that the log is not Papyra's.
	foreign bool

	file      int   // index of the file that is being read
	base      int64 // bytes of the files before it
	seen      policy.Seen
	expired   [record.NumKinds]policy.Sum
	survivors [record.NumKinds]policy.Sum
	spans     []span
	each      []survivor // a ring, once it has maxEach
	eachAt    int
	eachAll   bool // none was forgotten
	lengths   sketch.Lengths
	times     *sketch.Timeline
	scale     atomic.Int32   // of times, for the parts to start with
	fields    []record.Field // whose values are counted, where the log is not Papyra's
	top       [numKeys]*sketch.Heavy
	strip     *sketch.Strip
}

// span is a piece of a file from the first of its records on to where the next
// span starts.
type span struct {
	file   int
	offset int64
	sum    policy.Sum // of its survivors
	kinds  [record.NumKinds]policy.Sum
}

func newCollector(rule policy.Rule, detail bool) *collector {
	c := &collector{rule: rule, detail: detail && rule.Policy().Suffix(), eachAll: true,
		times: sketch.NewTimeline(logBuckets), strip: sketch.NewStrip()}
	c.scale.Store(int32(c.times.Scale()))
	for i := range c.top {
		c.top[i] = sketch.NewHeavy(logCounters)
	}
	return c
}

// options adds the collector to those of a survey.
func (c *collector) options(o survey.Options) survey.Options {
	o.Visitors = []stream.Visitor{c}
	o.OnAnomaly = func(a record.Anomaly) { c.strip.Add(c.base+a.Offset, a.Length, a.Severity == record.Error) }
	return o
}

// next ends a file of the given length and starts the next one.
func (c *collector) next(bytes int64) {
	c.base += bytes
	c.file++
	c.strip.Extend(c.base)
}

func (c *collector) NewPart() stream.Part {
	p := newPart(c.rule, c.detail, &c.scale)
	for _, f := range c.fields {
		p.fields = append(p.fields, record.NewFinder(f))
	}
	return p
}

// of tells the collector what the records are: of other logs than Papyra's it
// counts the values of the profile's first top fields.
func (c *collector) of(p *record.Profile) *collector {
	if p != record.Papyra() {
		c.fields = p.Top[:min(len(p.Top), numKeys)]
		c.foreign = true
	}
	return c
}

func (c *collector) Fold(_ *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if p.records == 0 {
		return nil
	}
	c.seen.Merge(p.seen)
	s := span{file: c.file, offset: p.offset, kinds: p.survivors}
	for k := range p.survivors {
		c.expired[k] = c.expired[k].Add(p.expired[k])
		c.survivors[k] = c.survivors[k].Add(p.survivors[k])
		s.sum = s.sum.Add(p.survivors[k])
	}
	c.spans = append(c.spans, s)
	if len(c.spans) > maxSpans {
		c.thin()
	}
	for _, each := range p.each {
		if len(c.each) < maxEach {
			c.each = append(c.each, each)
			continue
		}
		c.each[c.eachAt] = each
		c.eachAt = (c.eachAt + 1) % maxEach
		c.eachAll = false
	}
	c.lengths.Merge(&p.lengths)
	c.times.Merge(p.times)
	c.scale.Store(int32(c.times.Scale()))
	for i := range c.top {
		c.top[i].Merge(p.top[i])
	}
	return nil
}

// thin puts neighbouring spans of a file together.
func (c *collector) thin() {
	out := c.spans[:0]
	for i := 0; i < len(c.spans); i++ {
		s := c.spans[i]
		if i+1 < len(c.spans) && c.spans[i+1].file == s.file {
			i++
			s.sum = s.sum.Add(c.spans[i].sum)
			for k := range s.kinds {
				s.kinds[k] = s.kinds[k].Add(c.spans[i].kinds[k])
			}
		}
		out = append(out, s)
	}
	c.spans = out
}
