package sketch

import "math"

const (
	// strayShare is the share of the records at either end that may be left out
	// of a Series, and strayGain how many times longer the span must be with
	// them.
	strayShare = 0.01
	strayGain  = 8
)

// Series is a timeline made ready to be drawn.
type Series struct {
	// Start is the beginning of the first bin in Unix seconds, Width the width
	// of each in seconds.
	Start, Width float64
	// Bins follow each other without gap; empty ones are zero.
	Bins []Bucket
	// Before and After are how many records lie outside of the bins: strays
	// that would have squeezed all others into a few bins.
	Before, After int64
}

// Series returns the timeline in at most n bins (two at least). If a few stray
// records at the ends (no more than 1 % each) make the span eight times longer
// or more, they are left out and counted.
func (t *Timeline) Series(n int) Series {
	if len(t.buckets) == 0 {
		return Series{}
	}
	lo, hi := t.main()
	s := Series{}
	for _, b := range t.buckets[:lo] {
		s.Before += b.Records
	}
	for _, b := range t.buckets[hi+1:] {
		s.After += b.Records
	}
	exp := t.exp
	n = max(n, 2)
	first, last := t.buckets[lo].Index, t.buckets[hi].Index
	shift := 0
	for last>>shift-first>>shift >= int64(n) {
		shift++
	}
	s.Width = math.Ldexp(1, exp+shift)
	s.Start = float64(first>>shift) * s.Width
	s.Bins = make([]Bucket, last>>shift-first>>shift+1)
	for i := range s.Bins {
		s.Bins[i].Index = first>>shift + int64(i)
	}
	for _, b := range t.buckets[lo : hi+1] {
		s.Bins[b.Index>>shift-first>>shift].add(&b)
	}
	return s
}

// main returns the first and last bucket worth drawing.
func (t *Timeline) main() (lo, hi int) {
	var total int64
	for _, b := range t.buckets {
		total += b.Records
	}
	allowed := int64(float64(total) * strayShare)
	hi = len(t.buckets) - 1
	var left int64
	for lo < hi && left+t.buckets[lo].Records <= allowed {
		left += t.buckets[lo].Records
		lo++
	}
	left = 0
	for hi > lo && left+t.buckets[hi].Records <= allowed {
		left += t.buckets[hi].Records
		hi--
	}
	full := t.buckets[len(t.buckets)-1].Index - t.buckets[0].Index + 1
	span := t.buckets[hi].Index - t.buckets[lo].Index + 1
	if full/strayGain < span {
		return 0, len(t.buckets) - 1
	}
	// Do not cut off more than what is needed: whatever lies close stays in.
	for lo > 0 && t.buckets[hi].Index-t.buckets[lo-1].Index < 2*span {
		lo--
	}
	for hi < len(t.buckets)-1 && t.buckets[hi+1].Index-t.buckets[lo].Index < 2*span {
		hi++
	}
	return lo, hi
}

// Coarser returns the series with at most n bins (two at least), by putting
// neighbours together. It is for a drawing that is narrower.
func (s Series) Coarser(n int) Series {
	for len(s.Bins) > max(n, 2) {
		s.Bins = coarser(nil, s.Bins)
		s.Width *= 2
		s.Start = float64(s.Bins[0].Index) * s.Width
	}
	return s
}

// Busiest is the index of the bin with most records, -1 without bins.
func (s Series) Busiest() int {
	best := -1
	for i := range s.Bins {
		if best < 0 || s.Bins[i].Records > s.Bins[best].Records {
			best = i
		}
	}
	return best
}
