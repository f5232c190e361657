package inspect

import (
	"slices"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// amount is a number of records and the bytes of their lines.
type amount struct {
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"`
}

func (a *amount) add(s policy.Sum) {
	a.Records += s.Records
	a.Bytes += s.Bytes
}

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
	// drops those in front of a record that it drops and carries the others over.
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

// tally adds up a preview.
type tally struct {
	kept    [record.NumKinds]policy.Sum
	expired [record.NumKinds]policy.Sum
	limits  [policy.NumLimits]policy.Sum
	unsure  int64
}

func (t *tally) put(kind record.Kind, limit policy.Limit, s policy.Sum) {
	if limit == policy.None {
		t.kept[kind] = t.kept[kind].Add(s)
		return
	}
	t.expired[kind] = t.expired[kind].Add(s)
	t.limits[limit] = t.limits[limit].Add(s)
}

func (t *tally) putAll(kinds *[record.NumKinds]policy.Sum, limit policy.Limit) {
	for k, s := range kinds {
		t.put(record.Kind(k), limit, s)
	}
}

// reread calls yield for every record of a span, in order.
type reread func(s span, end int64, yield func(kind record.Kind, rec policy.Record)) error

// judge finds what becomes of the survivors of the age limit. Most spans stay or
// go as a whole; the one or two in which a limit is reached are read again.
func (c *collector) judge(t *tally, again reread) error {
	t.putAll(&c.expired, policy.ByAge)
	if !c.rule.Policy().Suffix() {
		t.putAll(&c.survivors, policy.None)
		return nil
	}
	if again == nil {
		c.judgeEach(t)
		return nil
	}
	var newer policy.Sum
	for i, s := range slices.Backward(c.spans) {
		all := newer.Add(s.sum)
		limit, mixed := c.wholly(newer, all)
		if !mixed {
			t.putAll(&s.kinds, limit)
			newer = all
			continue
		}
		forward := c.rule.Forward(all)
		err := again(s, c.endOf(i), func(kind record.Kind, rec policy.Record) {
			if limit := forward.Next(rec); limit != policy.ByAge {
				t.put(kind, limit, policy.Sum{Records: 1, Bytes: rec.Bytes})
			}
		})
		if err != nil {
			return err
		}
		newer = all
	}
	return nil
}

// wholly tells what becomes of records if the same becomes of all of them: newer
// is the sum of what comes after them, all the same with them.
func (c *collector) wholly(newer, all policy.Sum) (limit policy.Limit, mixed bool) {
	if newer == all {
		return policy.None, false
	}
	first := c.rule.Reached(all)
	last := c.rule.Reached(newer.Add(policy.Sum{Records: 1, Bytes: 1}))
	return first, first != last
}

// endOf is where span i ends: the start of the next one of its file, or -1 for
// the last one.
func (c *collector) endOf(i int) int64 {
	if i+1 < len(c.spans) && c.spans[i+1].file == c.spans[i].file {
		return c.spans[i+1].offset
	}
	return -1
}

// judgeEach does the same for a stream, by what is remembered of its end.
func (c *collector) judgeEach(t *tally) {
	rest := c.survivors
	var newer policy.Sum
	for i := range c.each {
		e := c.each[(c.eachAt+len(c.each)-1-i)%len(c.each)]
		one := policy.Sum{Records: 1, Bytes: int64(e.bytes)}
		newer = newer.Add(one)
		t.put(e.kind, c.rule.Reached(newer), one)
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
	for k := range t.kept {
		if t.kept[k].Records+t.expired[k].Records == 0 {
			continue
		}
		var s split
		s.Kept.add(t.kept[k])
		s.Expired.add(t.expired[k])
		out.Kept.add(t.kept[k])
		out.Expired.add(t.expired[k])
		out.ByKind[kindName(record.Kind(k))] = s
	}
	out.Reclaimable = out.Expired.Bytes
	for limit, set := range map[policy.Limit]bool{policy.ByAge: p.MaxAge != nil, policy.ByCount: p.MaxRecords != nil, policy.BySize: p.MaxBytes != nil} {
		if set {
			var a amount
			a.add(t.limits[limit])
			out.ByLimit[limit.String()] = a
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
