package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// sampleLines is how many records the sample of a profile has.
const sampleLines = 220

// profileSamples are healthy logs in the layout of each preset that has a
// producer of its own, by name.
func profileSamples() map[string][]byte {
	out := map[string][]byte{}
	for name, record := range producers {
		p := newProducer(name)
		var b strings.Builder
		for p.i = 0; p.i < sampleLines; p.i++ {
			p.now = p.now.Add(time.Duration(p.IntN(4_000_000_000)))
			b.WriteString(record(p))
			b.WriteByte('\n')
		}
		out[name] = []byte(b.String())
	}
	return out
}

// producer stands for a service that logs: its clock and what it has to say.
type producer struct {
	*rand.Rand
	now  time.Time
	i    int
	last string // the record before, for what refers to it
	ids  []string
}

func newProducer(name string) *producer {
	seed := uint64(14695981039346656037)
	for _, c := range []byte(name) {
		seed = (seed ^ uint64(c)) * 1099511628211
	}
	return &producer{
		Rand: rand.New(rand.NewPCG(seed, 11)),
		now:  time.Date(2026, 3, 1+int(seed%28), 7, 12, 5, 123456789, time.UTC),
	}
}

func pick[T any](p *producer, from ...T) T { return from[p.IntN(len(from))] }

// maybe returns text in one of n cases, and nothing otherwise.
func (p *producer) maybe(n int, text string) string {
	if p.IntN(n) == 0 {
		return text
	}
	return ""
}

func (p *producer) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[p.IntN(16)]
	}
	return string(b)
}

func (p *producer) uuid() string {
	return p.hex(8) + "-" + p.hex(4) + "-4" + p.hex(3) + "-" + pick(p, "8", "9", "a", "b") + p.hex(3) + "-" + p.hex(12)
}

func (p *producer) ip() string {
	return fmt.Sprintf("192.0.2.%d", 1+p.IntN(250))
}

// quote is text as a JSON string, as most producers write it.
func quote(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // a string
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// message is something that a service says, ready quoted. Now and then it holds
// what is hard on readers of logs: escapes, other alphabets, text that is a
// record itself.
func (p *producer) message() string {
	if p.IntN(6) == 0 {
		return quote(pick(p,
			"Größe überschritten: 12 € pro Stück",
			"ユーザーがログインしました",
			"path C:\\logs\\app.log could not be \"opened\"",
			"panic: runtime error\n\tmain.go:42 +0x1d\n\tmain.go:7 +0x25",
			"\x1b[31mred\x1b[0m text from a terminal",
			`upstream said {"level":"info","msg":"inner","time":1767225600000}`,
			`body {"level":30,"time":1767225600000,"msg":"{\"level\":\"error\"}"} was refused`,
			"emoji 🚀 and a null \x00 byte",
			"",
			"tabs\tand / slashes and <html> & more",
		))
	}
	return quote(fmt.Sprintf(pick(p,
		"request completed in %d ms", "user %d logged in", "cache miss for key item:%d", "connection %d closed by peer",
		"job %d finished", "retrying, attempt %d", "order %d was paid", "listening on port %d", "flushed %d rows", "token expires in %d s",
	), p.IntN(70000)))
}

func (p *producer) method() string {
	return pick(p, "GET", "GET", "GET", "POST", "PUT", "DELETE", "PATCH")
}
func (p *producer) status() int {
	return pick(p, 200, 200, 200, 201, 204, 301, 304, 400, 401, 404, 500, 503)
}
func (p *producer) path() string {
	return pick(p, "/", "/login", "/api/v1/orders", "/api/v1/users/42?full=1", "/static/app.js", "/healthz", "/a%20b")
}

// nano is the time as Go's time.RFC3339Nano writes it.
func (p *producer) nano() string { return p.now.Format(time.RFC3339Nano) }

// millis is the time as JavaScript's toISOString writes it.
func (p *producer) millis() string { return p.now.Format("2006-01-02T15:04:05.000Z") }
