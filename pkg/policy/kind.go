package policy

import (
	"math"
	"time"
)

// KindLimit is what holds for the records of one kind.
type KindLimit struct {
	// MaxAge takes the place of Policy.MaxAge for the kind, and MaxRecords that
	// of Policy.MaxRecords.
	MaxAge     *time.Duration
	MaxRecords *int64
	// Drop drops every record of the kind.
	Drop bool
}

// Aged reports whether there is an age limit, for all kinds or for one.
func (p Policy) Aged() bool { return p.MaxAge != nil || p.longestKindAge() != nil }

// Alone reports whether there is a limit that is a question to each record by
// itself, or to those of its kind: by age, by kind or by count of a kind.
func (p Policy) Alone() bool { return p.MaxAge != nil || len(p.Kinds) > 0 }

// Grouped reports whether a kind has a limit by count of its own.
func (p Policy) Grouped() bool {
	for _, k := range p.Kinds {
		if k.MaxRecords != nil {
			return true
		}
	}
	return false
}

func (p Policy) longestKindAge() (longest *time.Duration) {
	for _, k := range p.Kinds {
		if k.MaxAge != nil && (longest == nil || *k.MaxAge > *longest) {
			longest = k.MaxAge
		}
	}
	return longest
}

// kindRule is a KindLimit at a certain time.
type kindRule struct {
	KindLimit
	cutoff float64
	group  int
}

func (r *Rule) addKinds() {
	if len(r.policy.Kinds) == 0 {
		return
	}
	r.kinds = map[string]kindRule{}
	for kind, limit := range r.policy.Kinds {
		k := kindRule{limit, math.Inf(-1), 0}
		if limit.MaxAge != nil {
			k.cutoff = unix(r.now) - limit.MaxAge.Seconds()
		}
		if limit.MaxRecords != nil {
			if r.groups == nil {
				r.groups = []int64{math.MaxInt64}
				if r.policy.MaxRecords != nil {
					r.groups[0] = *r.policy.MaxRecords
				}
			}
			k.group = len(r.groups)
			r.groups = append(r.groups, *limit.MaxRecords)
		}
		r.kinds[kind] = k
	}
}

// ByKinds reports whether Alone has to know the kind.
func (r Rule) ByKinds() bool { return r.kinds != nil }

// Groups returns how many records may stay of each group of kinds that are
// counted by themselves. The first group is of all kinds without a limit by
// count of their own. It is empty if no kind has one: then Reached counts.
func (r Rule) Groups() []int64 { return r.groups }

// Group returns the index in Groups of the group that a kind belongs to.
func (r Rule) Group(kind []byte) int { return r.kinds[string(kind)].group }

// Alone says which limit drops a record whatever else is in the log: that by
// kind or by age; None if it stays for all they say. timestamp, in Unix
// seconds, counts only if dated is set, kind only if ByKinds reports true; of a
// record without a kind it is empty. Alone keeps nothing of kind.
func (r *Rule) Alone(kind []byte, timestamp float64, dated bool) Limit {
	if r.kinds != nil {
		if k, ok := r.kinds[string(kind)]; ok {
			switch {
			case k.Drop:
				return ByKind
			case k.MaxAge == nil:
			case dated && timestamp < k.cutoff, !dated && r.policy.DropUndated:
				return ByAge
			default:
				return None
			}
		}
	}
	if !r.Survives(timestamp, dated) {
		return ByAge
	}
	return None
}
