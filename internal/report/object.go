package report

import (
	"bytes"
	"fmt"
	"io"
	"iter"

	"encoding/json"
)

// Object writes a report that is one object on one line, member by member, so
// that one of them may be a report of any length. The first error sticks.
type Object struct {
	w   io.Writer
	err error
}

// NewObject begins with the members of head.
func NewObject(w io.Writer, head any) *Object {
	o := &Object{w: SafeJSON(w)}
	text, err := json.Marshal(head)
	if o.keep(err); err == nil {
		o.write(text[:len(text)-1])
	}
	return o
}

// Member writes one more member.
func (o *Object) Member(name string, value any) {
	text, err := json.Marshal(value)
	o.keep(err)
	o.write(fmt.Appendf(nil, ",%q:%s", name, text))
}

// Array writes one more member, an array, element by element as they come; no
// member if there is none.
func Array[T any](o *Object, name string, all iter.Seq[T]) {
	before := fmt.Sprintf(",%q:[", name)
	for element := range all {
		text, err := json.Marshal(element)
		o.keep(err)
		o.write(append([]byte(before), text...))
		before = ","
	}
	if before == "," {
		o.write([]byte("]"))
	}
}

// Within returns a writer of the value of one more member, which must be JSON.
// It leaves out the newlines, of which there are none in a string.
func (o *Object) Within(name string) io.Writer {
	o.write(fmt.Appendf(nil, ",%q:", name))
	return inLine{o}
}

// Close ends the object.
func (o *Object) Close() error {
	o.write([]byte("}\n"))
	return o.err
}

func (o *Object) keep(err error) {
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("write report: %w", err)
	}
}

func (o *Object) write(p []byte) {
	if o.err == nil {
		_, err := o.w.Write(p)
		o.keep(err)
	}
}

type inLine struct{ o *Object }

func (l inLine) Write(p []byte) (int, error) {
	l.o.write(bytes.ReplaceAll(p, []byte("\n"), nil))
	return len(p), l.o.err
}

// WriteObject writes a report that is one object with the members of v.
func WriteObject(w io.Writer, v any) error { return NewObject(w, v).Close() }
