package gen

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// damage is one thing that can be done to a log.
type damage struct {
	name string // as Options.Damage has it
	typ  string // as reports spell it; name, if empty
	head bool   // stands on the first line
	tail bool   // stands on the last line, which has no newline
	// shapes are the forms it takes, in turn. Each appends a line to g.buf and
	// returns what repair keeps of it, in bytes from the start of the line.
	shapes []shape
}

type shape struct {
	name string
	make func(g *generator, start int) []Range
}

// due is a damage with its place in the log.
type due struct {
	*damage
	turn int     // chooses the shape
	at   float64 // how much of the log, from 0 to 1, stands before it
}

func (d *due) make(g *generator, start int) Finding {
	s := d.shapes[d.turn%len(d.shapes)]
	return Finding{Type: cmp.Or(d.typ, d.name), Shape: s.name, Keep: s.make(g, start)}
}

// plan holds what is still to be damaged, in the order of the log.
type plan struct {
	dues  []due
	apart bool // the line before was damaged: keep a healthy one between, if there is room
}

// minLimit is a length in bytes that only oversized lines exceed.
const minLimit = 256 << 10

// newPlan spreads the damage evenly over the log, each at a random place of its
// stretch, in random order.
func newPlan(o Options, r *random) (plan, error) {
	var head, body, tail []due
	known := damages()
	for name, n := range o.Damage {
		if !slices.ContainsFunc(known, func(d damage) bool { return d.name == name }) {
			return plan{}, fmt.Errorf("unknown damage %q: it is one of %s", name, strings.Join(DamageNames(), ", "))
		}
		if n < 0 {
			return plan{}, fmt.Errorf("damage %s: negative count %d", name, n)
		}
	}
	for i := range known {
		d, n := &known[i], o.Damage[known[i].name]
		if (d.head || d.tail) && n > 1 {
			return plan{}, fmt.Errorf("damage %s: a log has at most 1, not %d", d.name, n)
		}
		first := 0
		if n > 0 && n < len(d.shapes) { // what is not asked for does not move the rest
			first = r.intn(len(d.shapes))
		}
		for turn := range n {
			next := due{damage: d, turn: first + turn}
			switch {
			case d.head:
				head = append(head, next)
			case d.tail:
				next.at = 2
				tail = append(tail, next)
			default:
				body = append(body, next)
			}
		}
	}
	if len(tail) > 1 {
		return plan{}, fmt.Errorf("%s and %s exclude each other", tail[0].name, tail[1].name)
	}
	all := int64(len(head) + len(body) + len(tail))
	if o.MaxLineBytes < minLimit && o.Damage["too_deep"]+o.Damage["unreadable_by_producer"] > 0 {
		return plan{}, fmt.Errorf("deeply nested lines would exceed the limit of %d bytes too: it must be at least %d", o.MaxLineBytes, minLimit)
	}
	if o.Lines > 0 && all > o.Lines {
		return plan{}, fmt.Errorf("%d damaged lines do not fit into %d", all, o.Lines)
	}
	if o.Damage["timestamp_regression"] > 0 && o.Lines == all {
		return plan{}, errors.New("timestamp_regression needs a healthy line before it")
	}
	shuffle(r, body)
	for i := range body {
		body[i].at = (float64(i) + r.float()) / float64(len(body))
	}
	return plan{dues: slices.Concat(head, body, tail)}, nil
}

func (p *plan) left() int { return len(p.dues) }

// next returns the damage that comes next, or nil for a healthy line. linesLeft
// bounds what may still be written; it is negative or 0 where lines are not
// counted.
func (p *plan) next(progress float64, linesLeft int64) *due {
	forced := linesLeft > 0 && linesLeft <= int64(len(p.dues))
	if len(p.dues) == 0 || (!forced && !p.ready(progress)) {
		p.apart = false
		return nil
	}
	d := p.dues[0]
	p.dues = p.dues[1:]
	p.apart = true
	return &d
}

func (p *plan) ready(progress float64) bool {
	if p.dues[0].tail {
		return progress >= 1
	}
	if p.dues[0].head {
		return true
	}
	return progress > 0 && progress >= p.dues[0].at && !p.apart
}
