package selection

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// Condition is one thing that is asked of a member of a record.
type Condition struct {
	Field record.Field
	Op    Op
	Value string
}

// Op is how a member is compared: strings by their text, everything else as it
// stands in the record.
type Op uint8

const (
	// Equal asks for a member of that value; of several for one field any will
	// do.
	Equal Op = iota
	// NotEqual asks that there be none of that value; a record without the
	// member has none.
	NotEqual
	// Contains asks for a member that the value is a part of.
	Contains
)

// ConditionError is a mistake at a place of a condition.
type ConditionError struct {
	Err  error
	text string
	at   int
}

func (e *ConditionError) Error() string { return e.Err.Error() }

func (e *ConditionError) Unwrap() error { return e.Err }

// Excerpt returns what fits of the condition into width columns, and a line
// with a caret under the place.
func (e *ConditionError) Excerpt(width int) (line, caret string) {
	return safetext.Caret(e.text, e.at, width)
}

// ParseCondition reads FIELD=VALUE, FIELD!=VALUE or FIELD~VALUE. The first of
// the signs counts; in a path, ~0 and ~1 are none. Every error is a
// *ConditionError.
func ParseCondition(text string) (Condition, error) {
	var c Condition
	i := 0
	for ; i < len(text); i++ {
		if text[i] == '=' || text[i] == '~' && !(text[0] == '/' && i+1 < len(text) && (text[i+1] == '0' || text[i+1] == '1')) {
			break
		}
	}
	if i == len(text) {
		return c, &ConditionError{fmt.Errorf("want FIELD=VALUE, FIELD!=VALUE or FIELD~VALUE, not %q", text), text, i}
	}
	name := text[:i]
	switch {
	case text[i] == '~':
		c.Op = Contains
	case strings.HasSuffix(name, "!"):
		c.Op, name = NotEqual, name[:i-1]
	}
	c.Field, c.Value = record.Field(name), text[i+1:]
	if err := c.Field.Check(); err != nil {
		return c, &ConditionError{err, text, 0}
	}
	return c, nil
}

// ParseConditions reads a list of conditions.
func ParseConditions(texts []string) ([]Condition, error) {
	var all []Condition
	for _, text := range texts {
		c, err := ParseCondition(text)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// condition is what is asked of one field, ready to be tried.
type condition struct {
	finder *pick.Finder
	field  record.Field
	op     Op
	values [][]byte
}

func newConditions(all []Condition) []*condition {
	var out []*condition
next:
	for _, c := range all {
		for _, o := range out {
			if c.Op == Equal && o.op == Equal && o.field == c.Field {
				o.values = append(o.values, []byte(c.Value))
				continue next
			}
		}
		out = append(out, &condition{finder: pick.NewFinder(string(c.Field)), field: c.Field, op: c.Op, values: [][]byte{[]byte(c.Value)}})
	}
	return out
}

func (c *condition) match(rec []byte, s *scratch) bool {
	raw := c.finder.Find(rec)
	if raw == nil {
		return c.op == NotEqual
	}
	text := s.textOf(raw)
	for _, v := range c.values {
		switch {
		case c.op == Contains && bytes.Contains(text, v), c.op == Equal && bytes.Equal(text, v):
			return true
		case c.op == NotEqual:
			return !bytes.Equal(text, v)
		}
	}
	return false
}

// textOf returns the text of a string, and any other value as it stands.
func (s *scratch) textOf(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return raw
	}
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		s.text, _ = pick.AppendText(s.text[:0], raw)
		text = s.text
	}
	return text
}
