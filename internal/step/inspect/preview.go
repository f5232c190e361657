package inspect

import (
	"maps"
	"slices"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// amount is a number of records and the bytes of their lines.
type amount = policy.Sum

// split is what a retention does to some records.
type split struct {
	Kept    amount `json:"kept"`
	Expired amount `json:"expired"`
}

// preview is what the retention in force would do to a log.
type preview struct {
	// Limited says that there is a limit at all.
	Limited bool `json:"limited"`
	split
	// Reclaimable is how many bytes of records a compaction would free.
	Reclaimable int64 `json:"reclaimable_bytes"`
	// Damaged is how many bytes are in lines that are no records. A compaction
	// drops those in front of a record that it drops and carries the others
	// over.
	Damaged int64 `json:"damaged_bytes"`
	// ByLimit has what each limit that is set would remove, by its setting.
	ByLimit map[string]amount `json:"by_limit"`
	ByKind  map[string]split  `json:"by_kind"`
	// Uncertain is how many of the expired records might be kept. It is not 0
	// only for a stream of which more than a million records would be kept.
	Uncertain int64 `json:"uncertain_records,omitempty"`
	// Refused says why a compaction would refuse to apply an age limit.
	Refused string `json:"refused,omitempty"`
}

// newPreview is that of a log without records.
func newPreview(p policy.Policy, damaged int64) preview {
	out := preview{Limited: p.Limited(), Damaged: damaged, ByLimit: map[string]amount{}, ByKind: map[string]split{}}
	drops := slices.ContainsFunc(slices.Collect(maps.Values(p.Kinds)), func(k policy.KindLimit) bool { return k.Drop })
	for limit, set := range map[policy.Limit]bool{policy.ByKind: drops, policy.ByAge: p.Aged(), policy.ByCount: p.MaxRecords != nil || p.Grouped(), policy.BySize: p.MaxBytes != nil} {
		if set {
			out.ByLimit[limit.String()] = amount{}
		}
	}
	return out
}

// put takes in records of a kind that a limit removes, or none does.
func (p *preview) put(kind string, limit policy.Limit, s policy.Sum) {
	if s.Records == 0 {
		return
	}
	of := p.ByKind[kind]
	if limit == policy.None {
		of.Kept, p.Kept = of.Kept.Add(s), p.Kept.Add(s)
	} else {
		of.Expired, p.Expired = of.Expired.Add(s), p.Expired.Add(s)
		p.Reclaimable = p.Expired.Bytes
		if sum, set := p.ByLimit[limit.String()]; set {
			p.ByLimit[limit.String()] = sum.Add(s)
		}
	}
	p.ByKind[kind] = of
}

func (p *preview) putAll(kinds *[record.NumKinds]policy.Sum, limit policy.Limit) {
	for k, s := range kinds {
		p.put(kindName(record.Kind(k)), limit, s)
	}
}

// classes tells under which name a preview has the records of a kind: kinds of
// Papyra's records have their own, and others share one. With own, all that the
// profile knows have their own.
func classes(p *record.Profile, allowed []string, own bool) func(name string) string {
	return func(name string) string {
		for k := record.Event; k <= record.Metric && p == record.Papyra(); k++ {
			if name == k.String() {
				return name
			}
		}
		known := func(k record.KindValue) bool { return k.Text == name }
		switch {
		case name == kinds.None:
			return kindName(record.NoKind)
		case own && slices.ContainsFunc(p.Kind.Known, known):
			return name
		case len(p.Kind.Known) == 0, slices.Contains(allowed, name), slices.ContainsFunc(p.Kind.Known, known):
			return kindName(record.AllowedKind)
		}
		return kindName(record.OtherKind)
	}
}

// take takes in a plan.
func (p *preview) take(plan *selection.Plan, class func(name string) string) {
	for name, s := range plan.Kinds {
		p.put(class(name), policy.None, s)
	}
	for limit, removed := range plan.Removed {
		for name, s := range removed {
			p.put(class(name), policy.Limit(limit), s)
		}
	}
}

// judge finds what becomes of the records of a stream, which cannot be read
// again, by what is remembered of its end.
func (c *collector) judge(p *preview) {
	p.putAll(&c.expired, policy.ByAge)
	if c.rule.Policy().Suffix() {
		c.judgeEach(p)
	} else {
		p.putAll(&c.survivors, policy.None)
	}
}

// judgeEach judges the survivors of the age limit.
func (c *collector) judgeEach(p *preview) {
	rest := c.survivors
	newer := policy.Sum{Bytes: c.base - c.pos} // damage counts with the record after it
	for i := range c.each {
		e := c.each[(c.eachAt+len(c.each)-1-i)%len(c.each)]
		one := policy.Sum{Records: 1, Bytes: int64(e.bytes)}
		newer = newer.Add(one).Add(policy.Sum{Bytes: int64(e.gap)})
		p.put(kindName(e.kind), c.rule.Reached(newer), one)
		rest[e.kind] = rest[e.kind].Sub(one)
	}
	if c.eachAll {
		return
	}
	limit := c.rule.Reached(newer.Add(policy.Sum{Records: 1, Bytes: 1}))
	if limit == policy.None {
		for _, s := range rest {
			p.Uncertain += s.Records
		}
		limit = policy.ByCount
		if c.rule.Policy().MaxRecords == nil {
			limit = policy.BySize
		}
	}
	p.putAll(&rest, limit)
}

// kindName is a kind as reports name it; kinds whose names stand only in the
// records share a name in brackets.
func kindName(k record.Kind) string {
	switch k {
	case record.NoKind:
		return "(none)"
	case record.AllowedKind:
		return "(allowed)"
	case record.OtherKind:
		return "(unknown)"
	}
	return k.String()
}
