package sketch

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// A summary goes from one process to another as a run of varints. It is read
// with care: whoever holds a report may have written it.

// maxCount bounds what is believed, so that sums of many reports do not
// overflow.
const maxCount = 1 << 53

// Reader reads what the Append methods wrote. What is wrong is told at the end.
type Reader struct {
	text []byte
	bad  bool
}

// NewReader returns a reader of a state.
func NewReader(text []byte) *Reader { return &Reader{text: text} }

// Count reads a number of at most most; 0 once anything was wrong.
func (r *Reader) Count(most int64) int64 {
	n, size := binary.Uvarint(r.text)
	if r.bad || size <= 0 || n > uint64(most) {
		r.bad = true
		return 0
	}
	r.text = r.text[size:]
	return int64(n)
}

// Text reads a text of at most most bytes, valid as long as the state is.
func (r *Reader) Text(most int) []byte {
	n := int(r.Count(int64(most)))
	if n > len(r.text) {
		r.bad, n = true, 0
	}
	text := r.text[:n]
	r.text = r.text[n:]
	return text
}

// signed reads what binary.AppendVarint wrote.
func (r *Reader) signed() int64 {
	n, size := binary.Varint(r.text)
	if r.bad || size <= 0 || n >= maxCount || n <= -maxCount {
		r.bad = true
		return 0
	}
	r.text = r.text[size:]
	return n
}

// refuse notes that something is wrong.
func (r *Reader) refuse(wrong bool) { r.bad = r.bad || wrong }

// Close fails unless all of the state was read and right.
func (r *Reader) Close() error {
	if r.bad || len(r.text) > 0 {
		return errors.New("its state is damaged")
	}
	return nil
}

// AppendCount appends a number that is not negative.
func AppendCount(b []byte, n int64) []byte { return binary.AppendUvarint(b, uint64(n)) }

// AppendText appends a text.
func AppendText(b, text []byte) []byte { return append(AppendCount(b, int64(len(text))), text...) }

// Append appends what the histogram holds.
func (h *Lengths) Append(b []byte) []byte {
	for _, n := range [...]int64{h.n, h.min, h.max, h.sum} {
		b = AppendCount(b, n)
	}
	last := 0
	for i, n := range h.counts {
		if n > 0 {
			b = AppendCount(AppendCount(b, int64(i-last)), n)
			last = i
		}
	}
	return b
}

// Read replaces what the histogram holds.
func (h *Lengths) Read(r *Reader) {
	*h = Lengths{n: r.Count(maxCount), min: r.Count(maxCount), max: r.Count(maxCount), sum: r.Count(maxCount)}
	at := 0
	for left := h.n; left > 0 && !r.bad; {
		at += int(r.Count(numBuckets))
		n := r.Count(left)
		if r.refuse(n == 0 || at < bucketOf(h.min) || at > bucketOf(h.max)); r.bad {
			return
		}
		h.counts[at] += n
		left -= n
	}
}

// Append appends what the timeline holds.
func (t *Timeline) Append(b []byte) []byte {
	b = AppendCount(b, int64(t.exp-finest))
	b = AppendCount(AppendCount(b, t.beyond), int64(len(t.buckets)))
	last := int64(0)
	for _, x := range t.buckets {
		b = binary.AppendVarint(b, x.Index-last)
		b = AppendCount(AppendCount(b, x.Records), x.Bytes)
		for _, n := range x.Kinds {
			b = AppendCount(b, n)
		}
		last = x.Index
	}
	return b
}

// Read replaces what the timeline holds.
func (t *Timeline) Read(r *Reader) {
	t.ResetTo(finest + int(r.Count(64)))
	t.beyond = r.Count(maxCount)
	last := int64(0)
	for range r.Count(int64(t.limit)) {
		x := Bucket{Index: last + r.signed(), Records: r.Count(maxCount), Bytes: r.Count(maxCount)}
		for k := range x.Kinds {
			x.Kinds[k] = r.Count(x.Records)
		}
		if r.refuse(len(t.buckets) > 0 && x.Index <= last || x.Index >= 1<<61 || x.Index <= -1<<61); r.bad {
			return
		}
		t.buckets, last = append(t.buckets, x), x.Index
	}
}

// Append appends what the summary holds.
func (h *Heavy) Append(b []byte) []byte {
	b = AppendCount(AppendCount(b, h.total), h.lost)
	b = AppendCount(b, int64(len(h.entries)))
	for _, e := range h.entries {
		b = AppendCount(AppendText(b, h.keys[e.start:e.end]), e.count)
	}
	return b
}

// Read replaces what the summary holds.
func (h *Heavy) Read(r *Reader) {
	h.Reset()
	total, lost := r.Count(maxCount), r.Count(maxCount)
	for range r.Count(int64(2 * h.k)) {
		key := r.Text(MaxKeyBytes)
		n := r.Count(total - h.total)
		if r.refuse(n == 0); r.bad {
			return
		}
		h.Add(key, n)
	}
	h.total, h.lost = total, lost
}

// Append appends what the map holds.
func (s *Strip) Append(b []byte) []byte {
	b = AppendCount(b, int64(bits.TrailingZeros64(uint64(s.width))))
	b = AppendCount(b, int64(len(s.cells)))
	for _, c := range s.cells {
		b = AppendCount(AppendCount(AppendCount(b, c.Errors), c.Warnings), c.Damaged)
	}
	return b
}

// Read replaces what the map holds.
func (s *Strip) Read(r *Reader) {
	s.width, s.cells = 1<<r.Count(53), s.cells[:0]
	for range r.Count(stripCells) {
		s.cells = append(s.cells, Cell{r.Count(maxCount), r.Count(maxCount), r.Count(maxCount)})
	}
}
