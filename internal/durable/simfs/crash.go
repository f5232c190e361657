package simfs

import (
	"bytes"
	"hash/maphash"
	"maps"
	"slices"
)

const (
	sector = 512
	// Bounds of the enumeration. Up to these all subsets are taken, above them
	// every prefix, every single one missing, and every single one alone.
	maxSubsetDirs    = 6
	maxSubsetSectors = 4
)

// Clone returns a copy as a killed process leaves it: page cache and disk as
// they are, no descriptor, lock or lease of anybody.
func (f *FS) Clone() *FS {
	out := f.empty()
	clone := cloner(out, func(n *node) *node {
		return &node{cur: slices.Clone(n.cur), disk: n.disk, pending: slices.Clone(n.pending), meta: n.meta, metaDisk: n.metaDisk}
	})
	for path, d := range f.dirs {
		to := &dir{fs: out, dev: d.dev, cur: cloneNames(d.cur, clone), disk: cloneNames(d.disk, clone)}
		for _, p := range d.pending {
			to.pending = append(to.pending, cloneNames(p, clone))
		}
		out.dirs[path] = to
	}
	return out
}

// empty returns a file system of the same kind with nothing in it.
func (f *FS) empty() *FS {
	return &FS{NoLease: f.NoLease, NoSwap: f.NoSwap, Space: f.Space, dirs: map[string]*dir{}, clock: f.clock, life: f.life, Garbage: f.Garbage}
}

// cloner returns a function that copies each node once.
func cloner(out *FS, content func(*node) *node) func(*node) *node {
	nodes := map[*node]*node{}
	return func(n *node) *node {
		c := nodes[n]
		if c == nil {
			c = content(n)
			c.fs, c.ino, c.dev = out, n.ino, n.dev
			nodes[n] = c
		}
		return c
	}
}

func cloneNames(names map[string]*node, clone func(*node) *node) map[string]*node {
	out := make(map[string]*node, len(names))
	for base, n := range names {
		if n == nil {
			out[base] = nil
			continue
		}
		out[base] = clone(n)
	}
	return out
}

// Crashes calls yield with each state that a power loss may leave now: for each
// directory any of the names that were not fsynced, for each file any of the
// sectors that were not, its new size with or without them. At most one file at
// a time is in a state between nothing and all of its changes; the others are
// in one of these two.
func (f *FS) Crashes(yield func(*FS)) {
	paths := slices.Sorted(maps.Keys(f.dirs))
	names := make([][]map[string]*node, len(paths))
	for i, path := range paths {
		names[i] = f.dirs[path].afterCrash()
	}
	dirty := f.dirtyNodes()
	product(lengths(names), func(pick []int) {
		chosen := map[string]map[string]*node{}
		for i, path := range paths {
			chosen[path] = names[i][pick[i]]
		}
		eachContent(dirty, func(content map[*node][]byte) { yield(f.crashed(chosen, content)) })
	})
}

// crashed makes one state.
func (f *FS) crashed(names map[string]map[string]*node, content map[*node][]byte) *FS {
	out := f.empty()
	out.life++
	clone := cloner(out, func(n *node) *node {
		data, ok := content[n]
		if !ok {
			data = n.disk
		}
		// Metadata that was not fsynced is gone: the worst that can be, for its
		// owner and mode are still narrow then.
		return &node{cur: data, disk: data, meta: n.metaDisk, metaDisk: n.metaDisk}
	})
	for path, chosen := range names {
		cur := cloneNames(chosen, clone)
		out.dirs[path] = &dir{fs: out, dev: f.dirs[path].dev, cur: cur, disk: maps.Clone(cur)}
	}
	return out
}

func (f *FS) dirtyNodes() []*node {
	seen := map[*node]bool{}
	var out []*node
	add := func(names map[string]*node) {
		for _, base := range slices.Sorted(maps.Keys(names)) {
			if n := names[base]; n != nil && !seen[n] {
				seen[n] = true
				if len(n.pending) > 0 {
					out = append(out, n)
				}
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(f.dirs)) {
		d := f.dirs[path]
		add(d.cur)
		add(d.disk)
		for _, p := range d.pending {
			add(p)
		}
	}
	return out
}

// afterCrash returns the names that a directory may have.
func (d *dir) afterCrash() []map[string]*node {
	var out []map[string]*node
	for _, keep := range subsets(len(d.pending), maxSubsetDirs) {
		out = append(out, apply(d.disk, d.pending, keep))
	}
	return out
}

func apply(disk map[string]*node, pending []map[string]*node, keep func(int) bool) map[string]*node {
	out := maps.Clone(disk)
	for i, p := range pending {
		if !keep(i) {
			continue
		}
		for base, n := range p {
			if n == nil {
				delete(out, base)
			} else {
				out[base] = n
			}
		}
	}
	return out
}

// eachContent yields what the dirty files may hold.
func eachContent(dirty []*node, yield func(map[*node][]byte)) {
	ends := make([][2][]byte, len(dirty))
	for i, n := range dirty {
		ends[i] = [2][]byte{n.disk, applyChanges(n.disk, n.pending)}
	}
	two := make([]int, len(dirty))
	for i := range two {
		two[i] = 2
	}
	product(two, func(pick []int) {
		content := map[*node][]byte{}
		for i, n := range dirty {
			content[n] = ends[i][pick[i]]
		}
		yield(content)
		for i, n := range dirty {
			if pick[i] != 0 { // once is enough: what follows replaces it
				continue
			}
			for _, between := range n.afterCrash() {
				c := maps.Clone(content)
				c[n] = between
				yield(c)
			}
		}
	})
}

// afterCrash returns the contents between nothing and all of the changes.
func (n *node) afterCrash() [][]byte {
	var out [][]byte
	all := applyChanges(n.disk, n.pending)
	for k := 1; k < len(n.pending); k++ { // sizes on the way, with their data
		out = append(out, applyChanges(n.disk, n.pending[:k]))
	}
	var changed []int
	for at := 0; at < len(all); at += sector {
		if !bytes.Equal(slice(all, at), slice(n.disk, at)) || at+sector > len(n.disk) {
			changed = append(changed, at)
		}
	}
	for _, keep := range subsets(len(changed), maxSubsetSectors) {
		state := resize(slices.Clone(n.disk), len(all)) // the new size, missing sectors as they were or NUL
		for i, at := range changed {
			switch {
			case keep(i):
				copy(state[at:], slice(all, at))
			case n.fs.Garbage && at+sector > len(n.disk):
				for k := max(at, len(n.disk)); k < min(at+sector, len(state)); k++ {
					state[k] = '#'
				}
			}
		}
		out = append(out, state)
		if last := len(all) / sector * sector; last > len(n.disk) { // a size on the way
			out = append(out, slices.Clone(state[:last]))
		}
	}
	return out
}

func slice(b []byte, at int) []byte { return b[min(at, len(b)):min(at+sector, len(b))] }

// subsets returns all subsets of n things if there are few, else all prefixes,
// all with one missing and all with one alone.
func subsets(n, few int) []func(int) bool {
	var out []func(int) bool
	if n <= few {
		for mask := range 1 << n {
			out = append(out, func(i int) bool { return mask>>i&1 == 1 })
		}
		return out
	}
	for k := range n + 1 {
		out = append(out, func(i int) bool { return i < k })
	}
	for k := range n {
		out = append(out, func(i int) bool { return i != k }, func(i int) bool { return i == k })
	}
	return out
}

func lengths[T any](lists [][]T) []int {
	out := make([]int, len(lists))
	for i, l := range lists {
		out[i] = len(l)
	}
	return out
}

// product calls yield with each way to pick one of each.
func product(n []int, yield func([]int)) {
	pick := make([]int, len(n))
	for {
		yield(pick)
		i := 0
		for ; i < len(n); i++ {
			if pick[i]++; pick[i] < n[i] {
				break
			}
			pick[i] = 0
		}
		if i == len(n) {
			return
		}
	}
}

// keySeed is that of all keys.
var keySeed = maphash.MakeSeed()

// Key tells states apart: names, inodes and content, in the cache and on the
// disk. States with equal keys behave equally. It is another one in each
// process.
func (f *FS) Key() uint64 {
	var h maphash.Hash
	h.SetSeed(keySeed)
	seen := map[*node]bool{}
	names := func(what byte, names map[string]*node) {
		_, _ = h.Write([]byte{what, byte(len(names))})
		for _, base := range slices.Sorted(maps.Keys(names)) {
			_, _ = h.WriteString(base)
			if n := names[base]; n != nil {
				n.key(&h, seen)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(f.dirs)) {
		d := f.dirs[path]
		_, _ = h.WriteString(path)
		names('c', d.cur)
		names('d', d.disk)
		for _, p := range d.pending {
			names('p', p)
		}
	}
	return h.Sum64()
}

func (n *node) key(h *maphash.Hash, seen map[*node]bool) {
	_, _ = h.Write([]byte{'i', byte(n.ino), byte(len(n.pending)), byte(len(n.cur) >> 8), byte(len(n.cur))})
	if seen[n] {
		return
	}
	seen[n] = true
	_, _ = h.Write(n.cur)
	maphash.WriteComparable(h, [2]Meta{n.meta, n.metaDisk})
	if len(n.pending) == 0 {
		return
	}
	_, _ = h.Write(n.disk)
	for _, c := range n.pending {
		_, _ = h.Write([]byte{byte(c.off >> 8), byte(c.off), byte(len(c.data))})
		_, _ = h.Write(c.data)
	}
}
