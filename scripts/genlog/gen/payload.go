package gen

// payload appends a JSON object such as applications put into their messages.
// Now and then it holds a whole record, which no salvage may mistake for one of
// the log's.
func (g *generator) payload() {
	switch n := g.intn(100); {
	case n < 20:
		g.put(`{"id": %, "name": %}`, g.number(0, 1e6-1), g.quoted)
	case n < 60:
		item := func() {
			g.put(`{"sku": "A-%", "qty": %, "price": %}`, g.number(1000, 9999), g.number(1, 9), g.decimal(100000))
		}
		g.put(`{"order": {"id": %, "items": [%], "customer": {"name": %, "address": {"city": %, "zip": "%"}}}, "ok": true}`,
			g.number(0, 1e7-1), g.list(1, 4, item), g.quoted, g.quoted, g.number(10000, 99999))
	case n < 75:
		g.put(`{"id": %, "message": %, "tags": [%], "retry": %, "sequence": 90071992547409930%}`,
			g.number(0, 1e6-1), g.quoted, g.list(0, 4, g.quoted), g.oneOf([]string{"true", "false", "null"}), g.number(10, 99))
	case n < 98:
		line := func() { g.put(`"papyra/core/mailbox.py:%"`, g.number(10, 900)) }
		g.put(`{"error": %, "trace": [%], "attempt": %, "cause": null, "elapsed": 0.00%}`, g.quoted, g.list(1, 4, line), g.number(1, 5), g.number(11, 99))
	default:
		g.put(`{"reason": "replayed", "original": {"kind": "event", "system_id": "local", "event_type": "%", "payload": {"id": %}, "timestamp": 17%.5}}`,
			g.oneOf(eventTypes), g.number(0, 1e6-1), g.number(1e7, 1e8-1))
	}
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

// longEvent appends an event of 4 to 5 KB whose payload is nested some forty
// levels deep.
func (g *generator) longEvent() {
	g.eventHead()
	start, want, depth := len(g.buf), g.between(3850, 4600), 0
	for len(g.buf)-start < want {
		depth++
		g.put(`{"level": %, "name": %, "span": [%, %], "done": false, "next": [`,
			func() { g.int(depth) }, g.quoted, g.number(0, 1e6-1), g.number(0, 1e6-1))
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
