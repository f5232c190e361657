package gen

import (
	"strconv"
	"strings"
)

// span is a range of bytes in generator.buf.
type span struct{ from, to int }

// record appends one healthy record, without its newline.
func (g *generator) record() {
	if g.o.Long {
		g.longEvent()
		return
	}
	switch n := g.intn(100); {
	case n < 62:
		g.event()
	case n < 82:
		g.metric()
	case n < 92:
		g.audit()
	default:
		g.deadLetter()
	}
}

func (g *generator) event() {
	g.eventHead()
	g.payload()
	g.eventTail()
}

// eventHead and eventTail bound the payload of an event.
func (g *generator) eventHead() {
	g.put(`{"kind": "event", "system_id": "%", "actor_address": "%", "event_type": "%", "payload": `, g.system, g.address, g.oneOf(eventTypes))
}

func (g *generator) eventTail() { g.put(`, "timestamp": %}`, g.timestamp) }

// eventWith appends an event with the given JSON text as payload.
func (g *generator) eventWith(payload string) {
	g.eventHead()
	g.str(payload)
	g.eventTail()
}

func (g *generator) audit() {
	n := g.between(3, 500)
	total := func() { g.int(n) }
	g.put(`{"kind": "audit", "system_id": "%", "timestamp": %, "total_actors": %, "alive_actors": %, "stopping_actors": %, "restarting_actors": %, `,
		g.system, g.timestamp, total, g.number(0, n), g.number(0, 3), g.number(0, 2))
	address := func() { g.put(`"%"`, g.address) }
	g.put(`"registry_size": %, "registry_orphans": [%], "registry_dead": [%], "dead_letters_count": %}`,
		total, g.list(0, 3, address), g.list(0, 2, address), g.number(0, 49))
}

func (g *generator) deadLetter() {
	g.put(`{"kind": "dead_letter", "system_id": "%", "target": "%", "message_type": "%", "payload": `, g.system, g.address, g.oneOf(messageTypes))
	if g.intn(3) == 0 {
		g.quoted()
	} else {
		g.payload()
	}
	g.eventTail()
}

func (g *generator) metric() {
	g.put(`{"kind": "metric", "timestamp": %, "name": "%", "value": %, "labels": {"system": "%", "actor": "%", "host": "node-%"}}`,
		g.timestamp, g.oneOf(metricNames), g.decimal(1e8), g.system, g.address, g.number(1, 40))
}

// timestamp appends a time after the one before it, in seconds as Python prints
// a float.
func (g *generator) timestamp() {
	due := g.start + int64(float64(g.end-g.start)*g.progress())
	if g.end-g.start >= 2*day {
		due = daily(due)
	}
	g.ts = max(g.ts+1, min(due, g.end))
	if g.fixed != 0 {
		g.timestampAt(g.fixed)
		return
	}
	g.timestampAt(g.ts)
}

// day is in microseconds.
const day = 86400 * 1e6

// daily moves a point in time within its day, so that evenly spread records
// come to stand five times as dense at noon as at midnight. It keeps the order.
// The conversions keep the compiler from fusing multiplications and additions,
// which would give other bytes on other processors.
func daily(micros int64) int64 {
	start := micros / day * day
	x := float64(micros-start) / day
	bend := float64(float64(x*(1-x)) * float64(1-float64(2*x)))
	return start + int64(float64((x+float64(1.2*bend))*day))
}

// timestampAt appends micros as seconds: at most six decimals, at least one.
func (g *generator) timestampAt(micros int64) {
	g.tsAt.from = len(g.buf)
	g.buf = strconv.AppendInt(g.buf, micros/1e6, 10)
	frac := micros % 1e6
	g.buf = append(g.buf, '.')
	for unit := int64(1e5); unit > 0; unit /= 10 {
		g.buf = append(g.buf, byte('0'+frac/unit))
		if frac %= unit; frac == 0 {
			break
		}
	}
	g.tsAt.to = len(g.buf)
}

// put appends a text in which the parts append what stands in the places of its
// percent signs, in this order.
func (g *generator) put(form string, parts ...func()) {
	for _, part := range parts {
		before, after, _ := strings.Cut(form, "%")
		g.str(before)
		part()
		form = after
	}
	g.str(form)
}

func (g *generator) str(s string) { g.buf = append(g.buf, s...) }

func (g *generator) int(n int) { g.buf = strconv.AppendInt(g.buf, int64(n), 10) }

// number is a part: a number from lo to hi, both included.
func (g *generator) number(lo, hi int) func() { return func() { g.int(g.between(lo, hi)) } }

// oneOf is a part: one of some texts.
func (g *generator) oneOf(texts []string) func() { return func() { g.str(pick(&g.random, texts)) } }

// list is a part: from lo to hi times another one, with commas between.
func (g *generator) list(lo, hi int, part func()) func() {
	return func() {
		for i := range g.between(lo, hi) {
			if i > 0 {
				g.str(", ")
			}
			part()
		}
	}
}

// decimal is a part: less than so many thousandths, without trailing zeros, as
// Python prints a float.
func (g *generator) decimal(below int) func() {
	return func() {
		n := g.intn(below)
		g.int(n / 1000)
		g.buf = append(g.buf, '.', byte('0'+n/100%10))
		if n%100 != 0 {
			g.buf = append(g.buf, byte('0'+n/10%10))
			if n%10 != 0 {
				g.buf = append(g.buf, byte('0'+n%10))
			}
		}
	}
}

func (g *generator) system() { g.str(pick(&g.random, systems)) }

// address appends an actor's address. A few actors are much busier than the
// rest, as in life.
func (g *generator) address() {
	n := 1 + g.intn(1+g.intn(9))
	if g.intn(3) == 0 {
		n = 1 + g.intn(5000)
	}
	g.str("local://")
	g.int(n)
}
