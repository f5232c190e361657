package sketch

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sort"
)

// MaxKeyBytes is the longest key that Heavy holds. Longer ones have to be
// shortened by the caller; see Shorten.
const MaxKeyBytes = 256

// Heavy finds the most frequent keys of a stream: the summary of Misra and
// Gries, with room for twice its k counters, cut back to k when it is full.
//
// With N the weight of everything added, what it says of a key is never more
// than the truth, and less by at most MaxError, which is never more than
// N/(k+1). So every key with more than MaxError is among its entries. As long
// as there are no more than 2k different keys, it is exact.
//
// It holds at most 2k keys of MaxKeyBytes. It is not for concurrent use.
type Heavy struct {
	k       int
	entries []entry
	table   []int32 // open addressing; index into entries plus one, 0 is free
	keys    []byte  // the text of all keys
	spare   []byte  // the other one of two buffers for keys
	weights []int64 // scratch
	total   int64
	lost    int64
}

type entry struct {
	hash       uint64
	start, end int32 // in keys
	count      int64
}

// seed is the same for all summaries of a process, so that hashes can be
// compared. It decides where keys stand in a table, never what is reported.
var seed = maphash.MakeSeed()

// NewHeavy returns a summary with k counters.
func NewHeavy(k int) *Heavy { return &Heavy{k: k, table: make([]int32, 8)} }

// Reset forgets everything.
func (h *Heavy) Reset() {
	if len(h.entries) > 0 {
		clear(h.table)
	}
	h.entries, h.keys = h.entries[:0], h.keys[:0]
	h.total, h.lost = 0, 0
}

// Add counts a key n times. It keeps a copy of the key.
func (h *Heavy) Add(key []byte, n int64) {
	h.total += n
	h.add(maphash.Bytes(seed, key), key, n)
}

func (h *Heavy) add(hash uint64, key []byte, n int64) {
	mask := uint64(len(h.table) - 1)
	at := hash & mask
	for ; h.table[at] != 0; at = (at + 1) & mask {
		e := &h.entries[h.table[at]-1]
		if e.hash == hash && bytes.Equal(h.keys[e.start:e.end], key) {
			e.count += n
			return
		}
	}
	start := int32(len(h.keys))
	h.keys = append(h.keys, key...)
	h.entries = append(h.entries, entry{hash: hash, start: start, end: int32(len(h.keys)), count: n})
	h.table[at] = int32(len(h.entries))
	if len(h.entries) > 2*h.k {
		h.prune()
	} else if 2*len(h.entries) > len(h.table) {
		h.table = make([]int32, 2*len(h.table))
		h.place()
	}
}

// place fills the table, which is empty.
func (h *Heavy) place() {
	mask := uint64(len(h.table) - 1)
	for i, e := range h.entries {
		at := e.hash & mask
		for h.table[at] != 0 {
			at = (at + 1) & mask
		}
		h.table[at] = int32(i + 1)
	}
}

// prune takes the weight of the entry in place k+1 off all entries. That takes
// it off at least k+1 of them, which is where the bound on the error is from.
func (h *Heavy) prune() {
	h.weights = h.weights[:0]
	for _, e := range h.entries {
		h.weights = append(h.weights, e.count)
	}
	slices.Sort(h.weights)
	cut := h.weights[len(h.weights)-h.k-1]
	h.lost += cut
	clear(h.table)
	old := h.keys
	h.keys, h.spare = h.spare[:0], old
	kept := h.entries[:0]
	for _, e := range h.entries {
		if e.count <= cut {
			continue
		}
		text := old[e.start:e.end]
		e.start = int32(len(h.keys))
		h.keys = append(h.keys, text...)
		e.end = int32(len(h.keys))
		e.count -= cut
		kept = append(kept, e)
	}
	h.entries = kept
	h.place()
}

// Merge adds what another summary holds. The bound on the error stays.
func (h *Heavy) Merge(o *Heavy) {
	h.total += o.total
	h.lost += o.lost
	for _, e := range o.entries {
		h.add(e.hash, o.keys[e.start:e.end], e.count)
	}
}

// Total is the weight of everything added.
func (h *Heavy) Total() int64 { return h.total }

// MaxError is by how much a count may be too low; 0 if all are exact.
func (h *Heavy) MaxError() int64 { return h.lost }

// Distinct is how many different keys were added, as far as that is known: it
// is exact if MaxError is 0, and a lower bound otherwise.
func (h *Heavy) Distinct() int { return len(h.entries) }

// Count is one key and how often it was added, at least.
type Count struct {
	Key   string `json:"key"`
	Count int64  `json:"count"`
}

// Top returns the n most frequent keys, most frequent first, equal ones by key.
func (h *Heavy) Top(n int) []Count {
	order := slices.Clone(h.entries)
	sort.Slice(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if a.count != b.count {
			return a.count > b.count
		}
		return bytes.Compare(h.keys[a.start:a.end], h.keys[b.start:b.end]) < 0
	})
	out := make([]Count, 0, min(n, len(order)))
	for _, e := range order[:min(n, len(order))] {
		out = append(out, Count{Key: string(h.keys[e.start:e.end]), Count: e.count})
	}
	return out
}
