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

// tally adds up a preview, by the names of the kinds.
type tally struct {
	kept    map[string]policy.Sum
	expired map[string]policy.Sum
	limits  [policy.NumLimits]policy.Sum
	unsure  int64
}

func newTally() *tally {
	return &tally{kept: map[string]policy.Sum{}, expired: map[string]policy.Sum{}}
}

func (t *tally) put(kind string, limit policy.Limit, s policy.Sum) {
	if s.Records == 0 {
		return
	}
	if limit == policy.None {
		t.kept[kind] = t.kept[kind].Add(s)
		return
	}
	t.expired[kind] = t.expired[kind].Add(s)
	t.limits[limit] = t.limits[limit].Add(s)
}

func (t *tally) putAll(kinds *[record.NumKinds]policy.Sum, limit policy.Limit) {
	for k, s := range kinds {
		t.put(kindName(record.Kind(k)), limit, s)
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
func (t *tally) take(plan *selection.Plan, class func(name string) string) {
	for name, s := range plan.Kinds {
		t.put(class(name), policy.None, s)
	}
	for limit, removed := range plan.Removed {
		for name, s := range removed {
			t.put(class(name), policy.Limit(limit), s)
		}
	}
}

// judge finds what becomes of the records of a stream, which cannot be read
// again, by what is remembered of its end.
func (c *collector) judge(t *tally) {
	t.putAll(&c.expired, policy.ByAge)
	if c.rule.Policy().Suffix() {
		c.judgeEach(t)
	} else {
		t.putAll(&c.survivors, policy.None)
	}
}

// judgeEach judges the survivors of the age limit.
func (c *collector) judgeEach(t *tally) {
	rest := c.survivors
	newer := policy.Sum{Bytes: c.base - c.pos} // damage counts with the record after it
	for i := range c.each {
		e := c.each[(c.eachAt+len(c.each)-1-i)%len(c.each)]
		one := policy.Sum{Records: 1, Bytes: int64(e.bytes)}
		newer = newer.Add(one).Add(policy.Sum{Bytes: int64(e.gap)})
		t.put(kindName(e.kind), c.rule.Reached(newer), one)
		rest[e.kind] = rest[e.kind].Sub(one)
	}
	if c.eachAll {
		return
	}
	limit := c.rule.Reached(newer.Add(policy.Sum{Records: 1, Bytes: 1}))
	if limit == policy.None {
		for _, s := range rest {
			t.unsure += s.Records
		}
		limit = policy.ByCount
		if c.rule.Policy().MaxRecords == nil {
			limit = policy.BySize
		}
	}
	t.putAll(&rest, limit)
}

// form makes the tally into the preview that is shown.
func (t *tally) form(p policy.Policy, damaged int64) preview {
	out := preview{Limited: p.Limited(), Damaged: damaged, Uncertain: t.unsure,
		ByLimit: map[string]amount{}, ByKind: map[string]split{}}
	for kind, sum := range t.kept {
		s := out.ByKind[kind]
		s.Kept = s.Kept.Add(sum)
		out.Kept = out.Kept.Add(sum)
		out.ByKind[kind] = s
	}
	for kind, sum := range t.expired {
		s := out.ByKind[kind]
		s.Expired = s.Expired.Add(sum)
		out.Expired = out.Expired.Add(sum)
		out.ByKind[kind] = s
	}
	out.Reclaimable = out.Expired.Bytes
	drops := slices.ContainsFunc(slices.Collect(maps.Values(p.Kinds)), func(k policy.KindLimit) bool { return k.Drop })
	for limit, set := range map[policy.Limit]bool{policy.ByKind: drops, policy.ByAge: p.Aged(), policy.ByCount: p.MaxRecords != nil || p.Grouped(), policy.BySize: p.MaxBytes != nil} {
		if set {
			out.ByLimit[limit.String()] = t.limits[limit]
		}
	}
	return out
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
