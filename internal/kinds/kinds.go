// Package kinds counts records by kind: exactly, in bounded memory, and with
// the same result however many cores and blocks the counting is divided into.
package kinds

import (
	"bytes"
	"iter"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// The names under which a count stands that has none of its own.
const (
	// None is for records without a kind.
	None = "(none)"
	// More is for the records of all kinds beyond the bounds.
	More = "(more)"
)

const (
	// MaxNames is how many kinds are told apart besides the four of the format:
	// the first ones that turn up. Each of them is counted exactly; the records
	// of further ones are counted together, as More.
	MaxNames = 1000
	// MaxNameBytes is the longest name that is told apart, in bytes as it
	// stands in the log, quotes included.
	MaxNameBytes = 256
)

// Counter counts records by kind. The zero value is empty and ready for use.
type Counter struct {
	known [record.AllowedKind]policy.Sum
	names map[string]int
	other []named // in the order in which they turned up
	more  policy.Sum
	// places are where in other a known kind of the profile stands, from 1 on;
	// 0 while none has turned up.
	places [256]int32

	scratch []byte
}

type named struct {
	name string
	sum  policy.Sum
}

// Reset forgets everything but the memory that it was given.
func (c *Counter) Reset() {
	clear(c.names)
	clear(c.other)
	*c = Counter{names: c.names, other: c.other[:0], scratch: c.scratch}
}

// Add counts a record, which stands in line and takes size bytes of its log. It
// tells any number of kinds apart: a Counter that records are added to belongs
// to one block, the size of which bounds it. Merge is where the bound is drawn.
func (c *Counter) Add(r *record.Result, line []byte, size int64) {
	one := policy.Sum{Records: 1, Bytes: size}
	if r.Kind < record.AllowedKind {
		c.known[r.Kind] = c.known[r.Kind].Add(one)
		return
	}
	place := &c.places[r.KnownKind()]
	if *place > 0 {
		sum := &c.other[*place-1].sum
		*sum = sum.Add(one)
		return
	}
	literal := r.KindLiteral(line)
	if len(literal) > MaxNameBytes {
		c.more = c.more.Add(one)
		return
	}
	name := literal // an integer, if not
	if literal[0] == '"' {
		name = literal[1 : len(literal)-1]
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		c.scratch, _ = pick.AppendText(c.scratch[:0], literal)
		name = c.scratch
	}
	i, ok := c.names[string(name)]
	if ok {
		c.other[i].sum = c.other[i].sum.Add(one)
	} else {
		i = len(c.other)
		c.put(string(name), one)
	}
	if r.KnownKind() > 0 {
		*place = int32(i + 1)
	}
}

func (c *Counter) put(name string, s policy.Sum) {
	if c.names == nil {
		c.names = map[string]int{}
	}
	c.names[name] = len(c.other)
	c.other = append(c.other, named{name, s})
}

// Merge takes in what b counted, which is what follows in the order of the log.
// Whatever the blocks are, the same kinds get a count of their own as if c had
// seen all records one by one: of the kinds in the order in which they turned
// up, the first MaxNames.
func (c *Counter) Merge(b *Counter) {
	for k, s := range b.known {
		c.known[k] = c.known[k].Add(s)
	}
	for _, n := range b.other {
		switch i, ok := c.names[n.name]; {
		case ok:
			c.other[i].sum = c.other[i].sum.Add(n.sum)
		case len(c.other) < MaxNames:
			c.put(n.name, n.sum)
		default:
			c.more = c.more.Add(n.sum)
		}
	}
	c.more = c.more.Add(b.more)
}

// Sum returns how much was counted.
func (c *Counter) Sum() (all policy.Sum) {
	for _, s := range c.All() {
		all = all.Add(s)
	}
	return all
}

// All returns the counts that are not zero with their names: those of the
// format, then the others as they turned up, then More.
func (c *Counter) All() iter.Seq2[string, policy.Sum] {
	return func(yield func(string, policy.Sum) bool) {
		for k, s := range c.known {
			name := record.Kind(k).String()
			if record.Kind(k) == record.NoKind {
				name = None
			}
			if s.Records > 0 && !yield(name, s) {
				return
			}
		}
		for _, n := range c.other {
			if !yield(n.name, n.sum) {
				return
			}
		}
		if c.more.Records > 0 {
			yield(More, c.more)
		}
	}
}

// Sums returns the counts by name. A kind that is called as None or More is
// counted together with those.
func (c *Counter) Sums() map[string]policy.Sum {
	out := map[string]policy.Sum{}
	for name, s := range c.All() {
		out[name] = out[name].Add(s)
	}
	return out
}
