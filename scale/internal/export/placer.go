package export

import (
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/internal/pick"
)

// streamOf tells which of Papyra's streams a kind belongs to. There is none for
// metrics.
var streamOf = map[string]string{"event": "events", "audit": "audits", "dead_letter": "dead_letters"}

// maxStreams bounds what is held of the streams of one export.
const maxStreams = 10000

// target is one stream that entries go to.
type target struct {
	key     string
	last    id    // of the last entry that was placed
	entries int64 // how many were placed

	sent // what is known of it at the server
}

// entry is what is added to a stream.
type entry struct {
	to     *target
	id     id
	fields [][]byte // names and values; the first value is the line's own bytes
}

// placer decides which stream each line of a log goes to, and with which id.
type placer struct {
	prefix     string
	system     string // of records that name none
	skip       map[string]bool
	quarantine bool
	force      bool
	now        time.Time

	finder  *pick.Finder
	log     string // the name of the log at hand, for its quarantine
	seen    string // the system of the last record
	latest  uint64 // the time of the last entry
	targets map[string]*target
	order   []*target
	skipped map[string]int64
	entry   entry
	fields  [10][]byte
}

func newPlacer(c *Command, now time.Time) *placer {
	p := &placer{prefix: c.Prefix, system: c.System, skip: map[string]bool{}, quarantine: c.Quarantine, force: c.Force, now: now,
		finder: pick.NewFinder("system_id"), targets: map[string]*target{}, skipped: map[string]int64{}}
	for _, kind := range c.Skip {
		p.skip[kind] = true
	}
	return p
}

// refusal says why a line can be placed nowhere, and what would help.
type refusal struct {
	what, hint string
	damage     bool
}

func (r *refusal) Error() string { return r.what + " (" + r.hint + ")" }

// place returns the entry that a line becomes, which is valid until the next
// call, or nil if it is to be left out. The error is a *refusal.
func (p *placer) place(l *line) (*entry, error) {
	if l.damaged() {
		return p.placeDamage(l)
	}
	if p.skip[l.kind] && l.kind != "" {
		p.skipped[l.kind]++
		return nil, nil
	}
	name, ok := streamOf[l.kind]
	if !ok {
		return nil, noStream(l.kind)
	}
	system := p.systemOf(l)
	if system == "" {
		return nil, &refusal{what: "a record names no system_id", hint: "--system NAME gives one to such records"}
	}
	p.seen = system
	if l.result.HasTimestamp {
		t := l.result.Timestamp
		if t > float64(p.now.Add(24*time.Hour).Unix()) && !p.force {
			return nil, &refusal{what: "a record is dated over a day ahead of the clock, and no entry could come before it any more",
				hint: "check the unit of its timestamp; --force goes on"}
		}
		// A time that no clock will ever show is none.
		if t < 1e13 {
			p.latest = millis(t)
		}
	}
	to, err := p.target(p.prefix + ":" + system + ":" + name)
	if err != nil {
		return nil, err
	}
	return p.add(to, append(p.fields[:0], dataField, l.text)), nil
}

var dataField = []byte("data")

func noStream(kind string) *refusal {
	if kind == "" {
		return &refusal{what: "a record has no kind, and so no stream", hint: "papyra-repair --drop-unknown removes such records"}
	}
	return &refusal{what: fmt.Sprintf("a record of kind %q has no stream", kind), hint: "--skip " + kind + " leaves such records out"}
}

func (p *placer) placeDamage(l *line) (*entry, error) {
	if !p.quarantine {
		return nil, &refusal{what: "a line is damaged", hint: "papyra-repair mends the log; --quarantine exports such lines apart", damage: true}
	}
	if l.text == nil {
		return nil, &refusal{what: "a line is too long to be quarantined", hint: "raise --max-line-bytes, or repair the log", damage: true}
	}
	system := p.seen
	if system == "" {
		system = p.system
	}
	if system == "" {
		return nil, &refusal{what: "a line is damaged before any record names a system_id", hint: "--system NAME gives one", damage: true}
	}
	to, err := p.target(p.prefix + ":" + system + ":quarantine:" + p.log)
	if err != nil {
		return nil, err
	}
	return p.add(to, append(p.fields[:0], dataField, l.text, []byte("type"), []byte(l.result.Fault.String()),
		[]byte("reason"), []byte(l.reason), []byte("offset"), fmt.Append(nil, l.offset), []byte("length"), fmt.Append(nil, l.length))), nil
}

func (p *placer) systemOf(l *line) string {
	text, ok := pick.AppendText(nil, p.finder.Find(l.text))
	if !ok || len(text) == 0 {
		return p.system
	}
	return string(text)
}

func (p *placer) target(key string) (*target, error) {
	t := p.targets[key]
	if t != nil {
		return t, nil
	}
	if len(p.targets) >= maxStreams {
		return nil, &refusal{what: fmt.Sprintf("the records name more than %d streams", maxStreams), hint: "export the systems one by one"}
	}
	t = &target{key: key}
	p.targets[key] = t
	p.order = append(p.order, t)
	return t, nil
}

func (p *placer) add(to *target, fields [][]byte) *entry {
	to.last = to.last.after(p.latest)
	to.entries++
	p.entry = entry{to: to, id: to.last, fields: fields}
	return &p.entry
}
