package sketch

import (
	"cmp"
	"math"
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
)

const (
	// finest is the width of a bucket to start with: 2^-10 s, about 1 ms.
	finest = -10
	// Beyond this many seconds from 1970, a million times older than the log
	// format, a timestamp is no time.
	furthest = 1 << 50
)

// Timeline counts records by their timestamps, in buckets of equal width, a
// power of two of seconds, that lie at multiples of it. Only buckets that hold
// something are stored, so that a few wild timestamps do not cost resolution.
// When there are more than the limit, the width is doubled.
//
// The counts are exact; only the place in time is as coarse as Scale says.
type Timeline struct {
	limit   int
	exp     int
	buckets []Bucket // ascending by Index
	at      int      // the bucket that was hit last
	spare   []Bucket // of Merge
	beyond  int64
}

// Bucket is what the records of one span of time add up to: from Index times
// the width on.
type Bucket struct {
	Index   int64
	Records int64
	Bytes   int64
	Kinds   [record.NumKinds]int64
}

func (b *Bucket) add(o *Bucket) {
	b.Records += o.Records
	b.Bytes += o.Bytes
	for k, n := range o.Kinds {
		b.Kinds[k] += n
	}
}

// NewTimeline returns a timeline of at most limit buckets, and no fewer than
// two: however wide buckets are, 1970 lies between two of them.
func NewTimeline(limit int) *Timeline {
	limit = max(limit, 2)
	return &Timeline{limit: limit, exp: finest, buckets: make([]Bucket, 0, limit+1)}
}

// ResetTo forgets everything and starts with buckets as wide as those of a
// timeline that has the given Scale. That saves work for what is going to be
// merged into it, and changes nothing in what comes out: that timeline never
// gets finer.
func (t *Timeline) ResetTo(scale int) {
	t.buckets, t.at, t.exp, t.beyond = t.buckets[:0], 0, max(scale, finest), 0
}

// Scale is the binary logarithm of the width of a bucket in seconds.
func (t *Timeline) Scale() int { return t.exp }

// Add counts a record of size bytes. seconds is finite.
func (t *Timeline) Add(seconds float64, kind record.Kind, size int64) {
	if math.Abs(seconds) >= furthest {
		t.beyond++
		return
	}
	buckets := math.Float64frombits(uint64(1023-t.exp) << 52) // in a second: a power of two, by which nothing is rounded
	b := t.bucket(int64(math.Floor(seconds * buckets)))
	b.Records++
	b.Bytes += size
	b.Kinds[kind]++
	if len(t.buckets) > t.limit {
		t.shrink()
	}
}

// bucket finds the bucket with an index, or makes room for it.
func (t *Timeline) bucket(index int64) *Bucket {
	if n := len(t.buckets); n > 0 {
		switch b := &t.buckets[t.at]; {
		case b.Index == index:
			return b
		case t.buckets[n-1].Index >= index:
			at, found := t.search(index)
			t.at = at
			if !found {
				t.buckets = slices.Insert(t.buckets, at, Bucket{Index: index})
			}
			return &t.buckets[at]
		}
	}
	t.at = len(t.buckets)
	t.buckets = append(t.buckets, Bucket{Index: index})
	return &t.buckets[t.at]
}

// search finds where the bucket with an index is, or would be.
func (t *Timeline) search(index int64) (at int, found bool) {
	return slices.BinarySearchFunc(t.buckets, index, func(b Bucket, i int64) int { return cmp.Compare(b.Index, i) })
}

// shrink doubles the width until the buckets are within the limit.
func (t *Timeline) shrink() {
	for len(t.buckets) > t.limit {
		t.coarsen()
	}
}

func (t *Timeline) coarsen() {
	t.exp++
	t.buckets = coarser(t.buckets[:0], t.buckets)
	t.at = max(len(t.buckets)-1, 0)
}

// coarser appends buckets of twice the width to dst, which may be the start of
// the ones that they are made of.
func coarser(dst, buckets []Bucket) []Bucket {
	for _, b := range buckets {
		b.Index >>= 1
		if n := len(dst); n > 0 && dst[n-1].Index == b.Index {
			dst[n-1].add(&b)
		} else {
			dst = append(dst, b)
		}
	}
	return dst
}

// Merge adds what another timeline holds, and leaves that one coarser.
func (t *Timeline) Merge(o *Timeline) {
	t.beyond += o.beyond
	if len(o.buckets) == 0 {
		return
	}
	for t.exp < o.exp {
		t.coarsen()
	}
	for o.exp < t.exp {
		o.coarsen()
	}
	// What is before stays in place: time goes on, most often.
	b := o.buckets
	from, _ := t.search(b[0].Index)
	t.spare = append(t.spare[:0], t.buckets[from:]...)
	out, a := t.buckets[:from], t.spare
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Index < b[0].Index:
			out, a = append(out, a[0]), a[1:]
		case a[0].Index > b[0].Index:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a = append(out, a[0]), a[1:]
			out[len(out)-1].add(&b[0])
			b = b[1:]
		}
	}
	out = append(append(out, a...), b...)
	t.buckets, t.at = out, len(out)-1
	t.shrink()
}
