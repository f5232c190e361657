package inspect

import (
	"sync/atomic"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxEach bounds how many records of a stream, which can't be read again, are
// remembered one by one: 8 MiB.
const maxEach = 1 << 20

// collector puts together what the parts of a log found, in file order. A log
// may be several files, one after the other.
type collector struct {
	state
	rule    policy.Rule
	planner *selection.Planner // nil for a stream or a shard, of which the parts remember each survivor

	base    int64 // bytes of the files before the one that is being read
	pos     int64 // behind the last record of a stream
	seen    policy.Seen
	each    []survivor // a ring, once it has maxEach
	eachAt  int
	eachAll bool         // none was forgotten
	scale   atomic.Int32 // of times, for the parts to start with
}

// newCollector collects what records of a profile are: of other logs than
// Papyra's it counts the values of the profile's first top fields.
func newCollector(rule policy.Rule, p *record.Profile) *collector {
	c := &collector{rule: rule, eachAll: true, state: newState()}
	c.scale.Store(int32(c.times.Scale()))
	if p != record.Papyra() {
		c.fields = p.Top[:min(len(p.Top), numKeys)]
		c.foreign = true
	}
	return c
}

// options adds the collector to those of a survey.
func (c *collector) options(o survey.Options) survey.Options {
	o.Visitors = []stream.Visitor{c}
	if c.planner != nil {
		o.Visitors = append(o.Visitors, c.planner)
	}
	o.OnAnomaly = func(a record.Anomaly) { c.strip.Add(c.base+a.Offset, a.Length, a.Severity == record.Error, 1) }
	return o
}

// next ends a file of the given length and starts the next one.
func (c *collector) next(bytes int64) {
	c.base += bytes
	if c.planner != nil {
		c.planner.Next(bytes)
	}
	c.strip.Extend(c.base)
}

func (c *collector) NewPart() stream.Part {
	p := newPart(c.rule, c.planner == nil, &c.scale)
	for _, f := range c.fields {
		p.fields = append(p.fields, pick.NewFinder(string(f)))
	}
	return p
}

func (c *collector) Fold(_ *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if p.records == 0 {
		return nil
	}
	c.seen.Merge(p.seen)
	for _, each := range p.each {
		if each.first {
			each.gap = gapOf(p.first - c.pos)
		}
		if len(c.each) < maxEach {
			c.each = append(c.each, each)
			continue
		}
		c.each[c.eachAt] = each
		c.eachAt = (c.eachAt + 1) % maxEach
		c.eachAll = false
	}
	c.pos = p.pos
	c.merge(&p.sums)
	c.scale.Store(int32(c.times.Scale()))
	return nil
}
