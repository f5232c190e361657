package report

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"

	"encoding/json"
)

// Object writes a report that is one object, member by member, so that one of
// them may be a report of any length. The first error sticks.
type Object struct {
	w      io.Writer
	indent string // of a level; "" for an object on one line
	err    error
}

// NewObject begins with the members of head.
func NewObject(w io.Writer, head any) *Object {
	o := &Object{w: SafeJSON(w)}
	o.print("%s", o.members(head))
	return o
}

// Member writes one more member.
func (o *Object) Member(name string, value any) { o.print(",%q:%s", name, o.encode(value, "")) }

// Array writes one more member, an array, element by element as they come; no
// member if there is none.
func Array[T any](o *Object, name string, all iter.Seq[T]) {
	before := fmt.Sprintf(",%q:[", name)
	for element := range all {
		o.print("%s%s", before, o.encode(element, ""))
		before = ","
	}
	if before == "," {
		o.print("]")
	}
}

// Within returns a writer of the value of one more member, which must be JSON.
// It leaves out the newlines, of which there are none in a string.
func (o *Object) Within(name string) io.Writer {
	o.print(",%q:", name)
	return inLine{o}
}

// Close ends the object.
func (o *Object) Close() error {
	o.print("%s}\n", o.newline(0))
	return o.err
}

func (o *Object) keep(err error) {
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("write report: %w", err)
	}
}

func (o *Object) print(format string, args ...any) {
	if o.err == nil {
		_, err := fmt.Fprintf(o.w, format, args...)
		o.keep(err)
	}
}

// encode is a value on the level of a prefix.
func (o *Object) encode(v any, prefix string) (text []byte) {
	var err error
	if o.indent == "" {
		text, err = json.Marshal(v)
	} else {
		text, err = json.MarshalIndent(v, prefix, o.indent)
	}
	o.keep(err)
	return text
}

// members is an object without its closing brace.
func (o *Object) members(v any) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(o.encode(v, ""), []byte("}")), []byte("\n"))
}

// newline begins a line, or nothing if there is only one.
func (o *Object) newline(depth int) string {
	if o.indent == "" {
		return ""
	}
	return "\n" + strings.Repeat(o.indent, depth)
}

type inLine struct{ o *Object }

func (l inLine) Write(p []byte) (int, error) {
	l.o.print("%s", bytes.ReplaceAll(p, []byte("\n"), nil))
	return len(p), l.o.err
}

// WriteObject writes a report that is one object with the members of v.
func WriteObject(w io.Writer, v any) error { return NewObject(w, v).Close() }
