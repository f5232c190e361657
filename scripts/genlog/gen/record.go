package gen

import "strconv"

// span is a range of bytes in generator.buf.
type span struct{ from, to int }

// record appends one healthy record of the profile, without its newline.
func (g *generator) record() {
	if g.o.Profile == Long {
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
	g.str(`{"kind": "event", "system_id": "`)
	g.str(pick(&g.random, systems))
	g.str(`", "actor_address": "`)
	g.address()
	g.str(`", "event_type": "`)
	g.str(pick(&g.random, eventTypes))
	g.str(`", "payload": `)
}

func (g *generator) eventTail() {
	g.str(`, "timestamp": `)
	g.timestamp()
	g.str("}")
}

// eventWith appends an event with the given JSON text as payload.
func (g *generator) eventWith(payload string) {
	g.eventHead()
	g.str(payload)
	g.eventTail()
}

func (g *generator) audit() {
	total := g.between(3, 500)
	g.str(`{"kind": "audit", "system_id": "`)
	g.str(pick(&g.random, systems))
	g.str(`", "timestamp": `)
	g.timestamp()
	g.num(`, "total_actors": `, total)
	g.num(`, "alive_actors": `, g.intn(total+1))
	g.num(`, "stopping_actors": `, g.intn(4))
	g.num(`, "restarting_actors": `, g.intn(3))
	g.num(`, "registry_size": `, total)
	g.str(`, "registry_orphans": [`)
	g.addresses(g.intn(4))
	g.str(`], "registry_dead": [`)
	g.addresses(g.intn(3))
	g.num(`], "dead_letters_count": `, g.intn(50))
	g.str("}")
}

func (g *generator) deadLetter() {
	g.str(`{"kind": "dead_letter", "system_id": "`)
	g.str(pick(&g.random, systems))
	g.str(`", "target": "`)
	g.address()
	g.str(`", "message_type": "`)
	g.str(pick(&g.random, messageTypes))
	g.str(`", "payload": `)
	if g.intn(3) == 0 {
		g.quoted()
	} else {
		g.payload()
	}
	g.eventTail()
}

func (g *generator) metric() {
	g.str(`{"kind": "metric", "timestamp": `)
	g.timestamp()
	g.str(`, "name": "`)
	g.str(pick(&g.random, metricNames))
	g.str(`", "value": `)
	g.decimal(g.intn(1e8))
	g.str(`, "labels": {"system": "`)
	g.str(pick(&g.random, systems))
	g.str(`", "actor": "`)
	g.address()
	g.str(`", "host": "node-`)
	g.int(g.between(1, 40))
	g.str(`"}}`)
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

func (g *generator) str(s string) { g.buf = append(g.buf, s...) }

func (g *generator) int(n int) { g.buf = strconv.AppendInt(g.buf, int64(n), 10) }

func (g *generator) num(name string, n int) {
	g.str(name)
	g.int(n)
}

// decimal appends n thousandths without trailing zeros, as Python prints a
// float.
func (g *generator) decimal(n int) {
	g.int(n / 1000)
	g.buf = append(g.buf, '.', byte('0'+n/100%10))
	if n%100 != 0 {
		g.buf = append(g.buf, byte('0'+n/10%10))
		if n%10 != 0 {
			g.buf = append(g.buf, byte('0'+n%10))
		}
	}
}

// address appends an actor's address. A few actors are much busier than the
// rest, as in life.
func (g *generator) address() {
	n := 1 + g.intn(1+g.intn(9))
	if g.intn(3) == 0 {
		n = 1 + g.intn(5000)
	}
	g.num("local://", n)
}

func (g *generator) addresses(n int) {
	for i := range n {
		if i > 0 {
			g.str(", ")
		}
		g.str(`"`)
		g.address()
		g.str(`"`)
	}
}
