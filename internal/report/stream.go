package report

import (
	"bytes"
	"io"
)

// Schema is the version of the JSON and NDJSON forms. It changes when a field
// changes its meaning or goes away, not when one is added.
const Schema = 1

// Head opens the report of every step. A step embeds it in its own and adds
// what holds for the whole run, such as the limits as they were understood.
type Head struct {
	// Schema is the constant of that name.
	Schema int `json:"schema"`
	// Tool and Version say who wrote the report: "papyra-scan", "1.2.3".
	Tool    string `json:"tool"`
	Version string `json:"version"`
}

// NewHead returns the head of a report by the given tool.
func NewHead(tool, version string) Head { return Head{Schema, tool, version} }

// Log is what every report on one log says. A step embeds it in its own.
type Log struct {
	// Path is the log as the user named it; "-" is standard input.
	Path string `json:"path"`
	// Missing says that there is no such file.
	Missing bool `json:"missing,omitempty"`
	// Failure is the text of Err.
	Failure string `json:"failure,omitempty"`
	// Err says why the step failed on this log; nil if it did not.
	Err error `json:"-"`
}

// Fail takes in why the step failed, if err is not nil.
func (l *Log) Fail(err error) {
	if err != nil {
		l.Err, l.Failure = err, err.Error()
	}
}

// Stream writes the JSON or NDJSON form of a report on any number of logs, each
// log when it is done with, so that the length of a report does not matter to
// memory. Every JSON that papyra prints about a log goes through it: what a
// terminal would obey or hide is escaped.
//
// The JSON form is one object: the members of the head, then "files", then
// those of the tail, which is for what is known only at the end. The NDJSON
// form has a line for each log, with the members of the head in front.
//
// The first error sticks, and each further call returns it.
type Stream struct {
	o      Object
	format Format
	head   []byte // without the closing brace
	files  int
}

// NewStream returns the writer of a report to w. A format other than [JSON] and
// [NDJSON] writes nothing. indent, two spaces or nothing, is for the JSON form.
func NewStream(w io.Writer, format Format, indent string, head any) *Stream {
	return newStream(w, format, indent, "files", head)
}

func newStream(w io.Writer, format Format, indent, array string, head any) *Stream {
	s := &Stream{o: Object{w: SafeJSON(w)}, format: format}
	switch format {
	case NDJSON:
		s.head = s.o.members(head)
	case JSON:
		s.o.indent = indent
		colon := ":"
		if indent != "" {
			colon = ": "
		}
		s.o.print("%s,%s%q%s[", s.o.members(head), s.o.newline(1), array, colon)
	}
	return s
}

// File writes the report on one log.
func (s *Stream) File(f any) error {
	switch s.format {
	case JSON:
		s.o.print("%s%s%s", comma(s.files), s.o.newline(2), s.o.encode(f, s.o.indent+s.o.indent))
		s.files++
	case NDJSON:
		s.o.print("%s,%s\n", s.head, bytes.TrimPrefix(s.o.encode(f, ""), []byte("{")))
	}
	return s.o.err
}

// End ends the report with the members of tail, which may be nil. It must be
// called, or what was written is no JSON.
func (s *Stream) End(tail any) error {
	if s.format != JSON {
		return s.o.err
	}
	if s.files > 0 {
		s.o.print("%s", s.o.newline(1))
	}
	s.o.print("]")
	if tail != nil {
		s.o.print(",%s", bytes.TrimPrefix(s.o.members(tail), []byte("{")))
	}
	return s.o.Close()
}

func comma(n int) string {
	if n == 0 {
		return ""
	}
	return ","
}
