package follow

import (
	"cmp"
	"slices"
)

// memory holds hashes of the last lines of a file, in their order.
type memory struct {
	sums    []uint64 // a ring once it is full
	next    int      // where the oldest of a full ring is
	missing bool     // there are lines before the oldest one
}

// remembered is how many lines are: 4 MiB of hashes.
const remembered = 1 << 19

func (m *memory) add(sum uint64) {
	if len(m.sums) < remembered {
		m.sums = append(m.sums, sum)
		return
	}
	m.sums[m.next] = sum
	m.next = (m.next + 1) % remembered
	m.missing = true
}

// prior are the lines of an old file, from which those of a new one are told
// that it took over. What it took over keeps its order: once a line was found,
// those before it are not looked for any more, so that of lines that are alike
// as many are found as there were, and a later one that is like an early one is
// new. The first place that fits is taken, which never hides one from a line to
// come.
type prior struct {
	lines []place // by hash, then by place
	at    int     // lines before it are passed
	all   bool    // these are all the lines that there were
}

type place struct {
	sum uint64
	i   int
}

func newPrior(m *memory) *prior {
	p := &prior{lines: make([]place, 0, len(m.sums)), all: !m.missing}
	for i := range m.sums {
		p.lines = append(p.lines, place{m.sums[(m.next+i)%len(m.sums)], i})
	}
	slices.SortFunc(p.lines, comparePlaces)
	return p
}

func comparePlaces(a, b place) int { return cmp.Or(cmp.Compare(a.sum, b.sum), cmp.Compare(a.i, b.i)) }

// find returns the index of the first line with a hash from a place on, or -1.
func (p *prior) find(sum uint64, at int) int {
	i, _ := slices.BinarySearchFunc(p.lines, place{sum, at}, comparePlaces)
	if i < len(p.lines) && p.lines[i].sum == sum {
		return i
	}
	return -1
}

// knows reports whether there is such a line anywhere.
func (p *prior) knows(sum uint64) bool { return p.find(sum, 0) >= 0 }

// take reports whether a line of the new file is the next old one, and passes
// on to it.
func (p *prior) take(sum uint64) bool {
	i := p.find(sum, p.at)
	if i < 0 {
		return false
	}
	p.at = p.lines[i].i + 1
	return true
}

// done reports whether no old line can come any more.
func (p *prior) done() bool { return p.at == len(p.lines) }
