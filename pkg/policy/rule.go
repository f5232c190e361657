package policy

import (
	"slices"
	"time"
)

// Rule is a policy at a certain time. It is immutable and may be used by any
// number of goroutines at once.
type Rule struct {
	policy Policy
	now    time.Time
	cutoff float64 // the oldest timestamp that survives
	kinds  map[string]kindRule
	groups []int64
}

// Policy returns the limits.
func (r Rule) Policy() Policy { return r.policy }

// Now returns the time that the rule is for.
func (r Rule) Now() time.Time { return r.now }

// Cutoff returns the oldest timestamp that survives the age limit, in Unix
// seconds; minus infinity if there is none.
func (r Rule) Cutoff() float64 { return r.cutoff }

// Survives reports whether a record survives the age limit. timestamp, in Unix
// seconds, counts only if dated is set.
func (r Rule) Survives(timestamp float64, dated bool) bool {
	if !dated {
		return r.policy.MaxAge == nil || !r.policy.DropUndated
	}
	return timestamp >= r.cutoff
}

// Reached says which limit drops a record that survived the age limit, if newer
// is the sum of it and all survivors after it. A record that goes for one sum
// goes for every larger one too; both limits apply to it, the count first.
// Where there are Groups, each of them is counted by itself, and before.
func (r Rule) Reached(newer Sum) Limit {
	switch p := r.policy; {
	case p.MaxRecords != nil && r.groups == nil && newer.Records > *p.MaxRecords:
		return ByCount
	case p.MaxBytes != nil && newer.Bytes > *p.MaxBytes:
		return BySize
	}
	return None
}

// Backward tells about the records of a log from the last one to the first. It
// is not for concurrent use.
type Backward struct {
	rule  Rule
	newer Sum // the survivors after the record at hand
	room  []int64
	done  bool
}

// Backward starts a pass from the end of a log.
func (r Rule) Backward() *Backward {
	return &Backward{rule: r, room: slices.Clone(r.groups), done: r.Reached(Sum{Records: 1}) != None}
}

// Next says which limit drops the next older record; None if it stays.
func (b *Backward) Next(rec Record) Limit {
	if limit := b.rule.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated); limit != None {
		return limit
	}
	if b.room != nil {
		room := &b.room[b.rule.Group([]byte(rec.Kind))]
		if *room == 0 {
			return ByCount
		}
		*room--
	}
	b.newer = b.newer.Add(Sum{1, rec.Bytes})
	limit := b.rule.Reached(b.newer)
	b.done = b.done || limit != None || b.full()
	return limit
}

// Done reports whether every older record goes, so that the pass may stop.
// Until then one may stay; where there are Groups, one of some kind.
func (b *Backward) Done() bool { return b.done }

// full sees that there is no room for another record: that spares a look at it.
func (b *Backward) full() bool {
	return b.rule.Reached(b.newer.Add(Sum{1, 1})) != None
}
