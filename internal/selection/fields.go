package selection

import (
	"bytes"
	"math"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// Fields are what a record has to match. An empty list asks for nothing; of
// several values in one list any will do, but every list has to be matched.
type Fields struct {
	// Kinds are values of "kind".
	Kinds []string
	// Since and Until are the lowest and the highest timestamp, in Unix
	// seconds, both included. A record without a usable timestamp matches
	// neither.
	Since, Until *float64
	// EventTypes, Actors and Targets are values of the top-level strings
	// "event_type", "actor_address" and "target", compared after their escapes
	// were replaced.
	EventTypes, Actors, Targets []string
	// Where are conditions on any members.
	Where []Condition
}

// Any reports whether anything is asked for.
func (f *Fields) Any() bool {
	return len(f.Kinds)+len(f.EventTypes)+len(f.Actors)+len(f.Targets)+len(f.Where) > 0 || f.Since != nil || f.Until != nil
}

// matcher tells whether records match. It is immutable.
type matcher struct {
	any          bool
	timed        bool
	since, until float64
	byKind       bool
	known        [record.NumKinds]bool // of the four kinds of the format
	kinds        [][]byte              // the texts of all kinds asked for
	picker       *pick.Picker          // nil if no text is asked for
	wanted       [][][]byte            // for each key of picker, the values
	where        []*condition
}

// scratch is the memory of one goroutine.
type scratch struct {
	values [][]byte
	text   []byte
}

func newMatcher(f *Fields) *matcher {
	m := &matcher{any: f.Any(), since: math.Inf(-1), until: math.Inf(1), byKind: len(f.Kinds) > 0, where: newConditions(f.Where)}
	if f.Since != nil {
		m.timed, m.since = true, *f.Since
	}
	if f.Until != nil {
		m.timed, m.until = true, *f.Until
	}
	for _, k := range f.Kinds {
		m.kinds = append(m.kinds, []byte(k))
		for known := record.Event; known <= record.Metric; known++ {
			if known.String() == k {
				m.known[known] = true
			}
		}
	}
	var keys []string
	add := func(key string, values []string) {
		if len(values) == 0 {
			return
		}
		keys = append(keys, key)
		var texts [][]byte
		for _, v := range values {
			texts = append(texts, []byte(v))
		}
		m.wanted = append(m.wanted, texts)
	}
	add("event_type", f.EventTypes)
	add("actor_address", f.Actors)
	add("target", f.Targets)
	if keys != nil {
		m.picker = pick.New(keys...)
	}
	return m
}

// match reports whether the record in line matches. It allocates nothing but
// what s lacks.
func (m *matcher) match(line []byte, r *record.Result, s *scratch) bool {
	if m.timed && (!r.HasTimestamp || r.Timestamp < m.since || r.Timestamp > m.until) {
		return false
	}
	if m.byKind && !m.matchKind(line, r, s) {
		return false
	}
	for _, c := range m.where {
		if !c.match(line[r.Start:], s) {
			return false
		}
	}
	if m.picker == nil {
		return true
	}
	if s.values == nil {
		s.values = make([][]byte, len(m.wanted))
	}
	m.picker.Pick(line[r.Start:], s.values)
	for i, raw := range s.values {
		if len(raw) < 2 || raw[0] != '"' || !oneOf(s.textOf(raw), m.wanted[i]) {
			return false
		}
	}
	return true
}

func (m *matcher) matchKind(line []byte, r *record.Result, s *scratch) bool {
	if r.Kind >= record.Event && r.Kind <= record.Metric {
		return m.known[r.Kind]
	}
	raw := r.KindLiteral(line)
	return raw != nil && oneOf(s.textOf(raw), m.kinds)
}

func oneOf(text []byte, texts [][]byte) bool {
	for _, t := range texts {
		if bytes.Equal(t, text) {
			return true
		}
	}
	return false
}
