package gen

// payload appends a JSON object such as applications put into their messages.
// Now and then it holds a whole record, which no salvage may mistake for one of
// the log's.
func (g *generator) payload() {
	switch n := g.intn(100); {
	case n < 20:
		g.num(`{"id": `, g.intn(1e6))
		g.str(`, "name": `)
		g.quoted()
		g.str("}")
	case n < 60:
		g.order()
	case n < 75:
		g.num(`{"id": `, g.intn(1e6))
		g.str(`, "message": `)
		g.quoted()
		g.str(`, "tags": [`)
		g.list(g.intn(5))
		g.str(`], "retry": `)
		g.str(pick(&g.random, []string{"true", "false", "null"}))
		g.num(`, "sequence": 90071992547409930`, g.between(10, 99))
		g.str("}")
	case n < 98:
		g.failure()
	default:
		g.str(`{"reason": "replayed", "original": {"kind": "event", "system_id": "local", "event_type": "`)
		g.str(pick(&g.random, eventTypes))
		g.num(`", "payload": {"id": `, g.intn(1e6))
		g.num(`}, "timestamp": 17`, g.between(1e7, 1e8-1))
		g.str(`.5}}`)
	}
}

func (g *generator) order() {
	g.num(`{"order": {"id": `, g.intn(1e7))
	g.str(`, "items": [`)
	for i := range g.between(1, 4) {
		if i > 0 {
			g.str(", ")
		}
		g.num(`{"sku": "A-`, g.between(1000, 9999))
		g.num(`", "qty": `, g.between(1, 9))
		g.str(`, "price": `)
		g.decimal(g.intn(100000))
		g.str("}")
	}
	g.str(`], "customer": {"name": `)
	g.quoted()
	g.str(`, "address": {"city": `)
	g.quoted()
	g.num(`, "zip": "`, g.between(10000, 99999))
	g.str(`"}}}, "ok": true}`)
}

func (g *generator) failure() {
	g.str(`{"error": `)
	g.quoted()
	g.str(`, "trace": [`)
	for i := range g.between(1, 4) {
		if i > 0 {
			g.str(", ")
		}
		g.num(`"papyra/core/mailbox.py:`, g.between(10, 900))
		g.str(`"`)
	}
	g.num(`], "attempt": `, g.between(1, 5))
	g.str(`, "cause": null, "elapsed": 0.00`)
	g.int(g.between(11, 99))
	g.str("}")
}

// quoted appends a JSON string: words with non-ASCII letters raw or escaped,
// and escapes.
func (g *generator) quoted() {
	g.str(`"`)
	g.str(pick(&g.random, words))
	for range g.intn(4) {
		g.str(" ")
		g.str(pick(&g.random, words))
	}
	g.str(`"`)
}

func (g *generator) list(n int) {
	for i := range n {
		if i > 0 {
			g.str(", ")
		}
		g.quoted()
	}
}

// longEvent appends an event of 4 to 5 KB whose payload is nested some forty
// levels deep.
func (g *generator) longEvent() {
	g.eventHead()
	start, want, depth := len(g.buf), g.between(3850, 4600), 0
	for len(g.buf)-start < want {
		depth++
		g.num(`{"level": `, depth)
		g.str(`, "name": `)
		g.quoted()
		g.num(`, "span": [`, g.intn(1e6))
		g.num(", ", g.intn(1e6))
		g.str(`], "done": false, "next": [`)
	}
	for range depth {
		g.str("]}")
	}
	g.eventTail()
}

var (
	systems    = []string{"local", "local", "local", "billing", "edge-eu-1"}
	eventTypes = []string{"MessageSent", "MessageSent", "MessageSent", "MessageSent", "MessageSent", "OrderPlaced", "OrderPlaced", "PaymentReceived",
		"UserCreated", "ActorStarted", "ActorStarted", "ActorStopped", "ActorRestarted", "ActorCrashed"}
	messageTypes = []string{"str", "dict", "OrderPlaced", "Ping", "int"}
	metricNames  = []string{"mailbox.depth", "mailbox.latency_ms", "actors.alive", "messages.per_second", "gc.pause_ms"}

	// words are the insides of JSON strings, as json.dumps writes them with and
	// without ensure_ascii.
	words = []string{
		"mailbox", "stopped", "order received", "connection reset by peer", "timeout after 30s", "supervisor",
		"Zürich", "Z\\u00fcrich", "Łódź", "\\u0141\\u00f3d\\u017a", "東京", "\\u6771\\u4eac", "Привет", "🚀", "\\ud83d\\ude80",
		"naïve café", "na\\u00efve", "say \\\"hi\\\"", "C:\\\\temp", "line one\\nline two", "tab\\there", "a/b", "{curly}", "[square]", "x: y, z",
		"\\u0000", "\u2028", "\\u007f", "{\\\"kind\\\": \\\"event\\\"}",
	}
)
