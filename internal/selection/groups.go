package selection

import (
	"context"
	"errors"
	"math"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// WithCuts returns the options with what limits by count of single kinds come
// to in a log that can be walked again: for each group of kinds that is counted
// by itself, an offset before which its records go. From then on such a limit
// is a question to one record alone.
func (o *Options) WithCuts(ctx context.Context, log *stream.Log) (*Options, error) {
	room := o.Rule.Groups()
	if room == nil || o.cuts != nil {
		return o, nil
	}
	quiet := *o
	quiet.OnProgress = nil
	c := &census{rule: o.Rule, n: make([]int64, len(room)), cuts: make([]int64, len(room)), backward: true}
	copy(c.n, room)
	_, err := stream.Backward(ctx, log, quiet.walk(0, 0), c)
	if errors.Is(err, stream.ErrNeedForward) {
		c.backward, c.counting = false, true
		for i, most := range room {
			c.n[i] = -most
		}
		var end stream.End
		if end, err = stream.Forward(ctx, log, quiet.walk(0, 0), c); err == nil {
			to := int64(0)
			if log.Seekable() {
				to = bound(log, end)
			}
			c.counting = false
			_, err = stream.Forward(ctx, log, quiet.walk(0, to), c)
		}
	}
	quiet = *o
	quiet.cuts = c.cuts
	return &quiet, err
}

// census is a visitor that finds the cuts: in a walk from the end by what is
// still free in each group, or in two from the start, of which the first
// counts, by how many are too many.
type census struct {
	rule     policy.Rule
	backward bool
	counting bool
	n        []int64
	cuts     []int64
}

// censusPart has the groups of a block's records, and where the records end.
type censusPart struct {
	rule    policy.Rule
	groups  []int32
	ends    []int32
	scratch scratch
}

func (c *census) NewPart() stream.Part { return &censusPart{rule: c.rule} }

func (p *censusPart) Reset() { p.groups, p.ends = p.groups[:0], p.ends[:0] }

func (p *censusPart) Line(l *stream.Line) {
	if !l.Result.IsRecord() {
		return
	}
	kind := p.scratch.kind(&p.rule, l)
	if p.rule.Alone(kind, l.Result.Timestamp, l.Result.HasTimestamp) != policy.None {
		return
	}
	p.groups = append(p.groups, int32(p.rule.Group(kind)))
	p.ends = append(p.ends, int32(l.At)+int32(l.Size()))
}

func (c *census) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*censusPart)
	for i := range p.groups {
		if c.backward {
			i = len(p.groups) - 1 - i
		}
		g := p.groups[i]
		switch free := c.n[g] > 0; {
		case c.counting:
			c.n[g]++
			continue
		case free != c.backward:
			c.cuts[g] = max(c.cuts[g], b.Offset(int(p.ends[i])))
		}
		c.n[g] = max(c.n[g]-1, 0)
	}
	return c.enough()
}

// enough ends a walk in which nothing is left to be found.
func (c *census) enough() error {
	if c.counting {
		return nil
	}
	for i, n := range c.n {
		limited := c.rule.Groups()[i] != math.MaxInt64
		if c.backward && limited && c.cuts[i] == 0 || !c.backward && n > 0 {
			return nil
		}
	}
	return stream.ErrEnough
}
