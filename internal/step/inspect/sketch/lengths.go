package sketch

import "math/bits"

const (
	subBits    = 6
	subBuckets = 1 << subBits
	// numBuckets reaches to lengths of 2^62.
	numBuckets = (62-subBits+1)*subBuckets + subBuckets
)

// LengthError is how wrong a percentile of Lengths may be, as a share of the
// true value: half of a bucket, which is a 64th wide.
const LengthError = 1.0 / (2 * subBuckets)

// Lengths is a histogram of lengths in 3,712 buckets, one for each length below
// 64 and 64 for each power of two above. It takes 30 KiB.
type Lengths struct {
	counts   [numBuckets]int64
	n        int64
	min, max int64
	sum      int64
}

// Reset forgets everything.
func (h *Lengths) Reset() {
	clear(h.used())
	h.n, h.min, h.max, h.sum = 0, 0, 0, 0
}

// Add counts one length, which is not negative.
func (h *Lengths) Add(length int64) {
	if h.n == 0 || length < h.min {
		h.min = length
	}
	h.max = max(h.max, length)
	h.n++
	h.sum += length
	h.counts[bucketOf(length)]++
}

// Merge adds what another histogram holds.
func (h *Lengths) Merge(o *Lengths) {
	if o.n == 0 {
		return
	}
	if h.n == 0 || o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.n += o.n
	h.sum += o.sum
	from := bucketOf(o.min)
	for i, c := range o.used() {
		h.counts[from+i] += c
	}
}

// used are the buckets from that of the shortest length to that of the longest.
func (h *Lengths) used() []int64 { return h.counts[bucketOf(h.min) : bucketOf(h.max)+1] }

// N is how many lengths were added.
func (h *Lengths) N() int64 { return h.n }

// Min is the shortest length. Like Max and Mean it is exact; 0 if nothing was
// added.
func (h *Lengths) Min() int64 { return h.min }

// Max is the longest length.
func (h *Lengths) Max() int64 { return h.max }

// Mean is the arithmetic mean of the lengths.
func (h *Lengths) Mean() float64 {
	if h.n == 0 {
		return 0
	}
	return float64(h.sum) / float64(h.n)
}

// Percentile returns the length that p percent of the lengths do not exceed
// (the nearest rank), wrong by at most LengthError of it. It is exact for
// lengths below 128 and for p = 100.
func (h *Lengths) Percentile(p float64) int64 {
	if h.n == 0 {
		return 0
	}
	rank := int64(float64(h.n) * p / 100)
	if float64(rank)*100 < float64(h.n)*p {
		rank++
	}
	rank = min(max(rank, 1), h.n)
	if rank == h.n {
		return h.max
	}
	var seen int64
	for i, c := range h.counts {
		if seen += c; seen >= rank {
			low, width := bucketRange(i)
			return min(max(low+(width-1)/2, h.min), h.max)
		}
	}
	return h.max
}

func bucketOf(n int64) int {
	if n < subBuckets {
		return int(max(n, 0))
	}
	e := bits.Len64(uint64(n)) - subBits - 1
	return (e+1)*subBuckets + int(n>>e) - subBuckets
}

// bucketRange is the lowest value of a bucket and how many values it holds.
func bucketRange(i int) (low, width int64) {
	if i < subBuckets {
		return int64(i), 1
	}
	e := i/subBuckets - 1
	return int64(i%subBuckets+subBuckets) << e, 1 << e
}
