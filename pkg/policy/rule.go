package policy

import "time"

// Rule is a policy at a certain time. It is immutable and may be used by any
// number of goroutines at once.
type Rule struct {
	policy Policy
	now    time.Time
	cutoff float64 // the oldest timestamp that survives
	kinds  map[string]kindRule
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
func (r Rule) Reached(newer Sum) Limit {
	switch p := r.policy; {
	case p.MaxRecords != nil && newer.Records > *p.MaxRecords:
		return ByCount
	case p.MaxBytes != nil && newer.Bytes > *p.MaxBytes:
		return BySize
	}
	return None
}

// Forward tells about the records of a log in file order. It is not for
// concurrent use.
type Forward struct {
	rule Rule
	left Sum // the survivors from the next record on
}

// Forward starts a second pass over a log whose survivors of the age limit sum
// up to total.
func (r Rule) Forward(total Sum) *Forward { return &Forward{rule: r, left: total} }

// Next says which limit drops the next record; None if it stays.
func (f *Forward) Next(rec Record) Limit {
	if limit := f.rule.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated); limit != None {
		return limit
	}
	newer := f.left
	f.left = f.left.Sub(Sum{1, rec.Bytes})
	return f.rule.Reached(newer)
}

// Backward tells about the records of a log from the last one to the first. It
// is not for concurrent use.
type Backward struct {
	rule  Rule
	newer Sum // the survivors after the record at hand
	done  bool
}

// Backward starts a pass from the end of a log.
func (r Rule) Backward() *Backward {
	return &Backward{rule: r, done: r.Reached(Sum{Records: 1}) != None}
}

// Next says which limit drops the next older record; None if it stays.
func (b *Backward) Next(rec Record) Limit {
	if limit := b.rule.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated); limit != None {
		return limit
	}
	b.newer = b.newer.Add(Sum{1, rec.Bytes})
	limit := b.rule.Reached(b.newer)
	b.done = b.done || limit != None || b.full()
	return limit
}

// Done reports whether every older record goes, so that the pass may stop. Until
// then one may stay.
func (b *Backward) Done() bool { return b.done }

// full sees that there is no room for another record: that spares a look at it.
func (b *Backward) full() bool {
	return b.rule.Reached(b.newer.Add(Sum{1, 1})) != None
}
