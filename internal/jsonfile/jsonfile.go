// Package jsonfile reads the small JSON files that people write by hand:
// profiles and settings. It is strict, and it knows where each value stands, so
// that a mistake is answered with a line and a column.
package jsonfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/papyra-tools/papyra/internal/nearest"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// Error is a mistake at a place of the file.
type Error struct {
	// Line and Column count from 1; columns are characters, not bytes.
	Line, Column int
	Message      string

	text string // the line
	at   int    // the place in it, in bytes
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// Excerpt returns the line in the file, or what fits of it into width columns,
// and a line with a caret under the place.
func (e *Error) Excerpt(width int) (line, caret string) { return safetext.Caret(e.text, e.at, width) }

// Value is one value of a file.
type Value struct {
	// Token is the value if it is a string, a json.Number, a bool or nil; for
	// the others it is json.Delim('{') or json.Delim('[').
	Token any
	// Items are the elements of an array, or the values of an object.
	Items []Value
	// Keys are the keys of an object, each a string, in the order of Items.
	Keys []Value

	data []byte
	at   int
}

// Parse reads a file that holds one JSON value. Repeated keys, text that is not
// UTF-8 and anything after the value are mistakes. Every error is an *Error.
func Parse(data []byte) (Value, error) {
	p := parser{data: data, d: json.NewDecoder(bytes.NewReader(data))}
	p.d.UseNumber()
	if bad := badUTF8(data); bad >= 0 {
		return Value{}, mistake(data, bad, "not UTF-8")
	}
	v, err := p.value(0)
	if err != nil {
		return Value{}, p.place(err)
	}
	if rest := p.next(); rest < len(data) {
		return Value{}, mistake(data, rest, "more text after the value")
	}
	return v, nil
}

// maxDepth is far above what any honest file nests.
const maxDepth = 64

type parser struct {
	data []byte
	d    *json.Decoder
}

// next returns where the next token starts.
func (p *parser) next() int {
	i := int(p.d.InputOffset())
	for i < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:"), p.data[i]) >= 0 {
		i++
	}
	return i
}

func (p *parser) value(depth int) (Value, error) {
	v := Value{data: p.data, at: p.next()}
	if depth > maxDepth {
		return v, v.Errorf("nested too deeply")
	}
	token, err := p.d.Token()
	if err != nil {
		return v, err
	}
	v.Token = token
	delim, ok := token.(json.Delim)
	if !ok {
		return v, nil
	}
	seen := map[string]bool{}
	for p.d.More() {
		if delim == '{' {
			key := Value{data: p.data, at: p.next()}
			if key.Token, err = p.d.Token(); err != nil {
				return v, err
			}
			if name := key.Token.(string); seen[name] {
				return v, key.Errorf("%q is set twice", name)
			}
			seen[key.Token.(string)] = true
			v.Keys = append(v.Keys, key)
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, item)
	}
	_, err = p.d.Token()
	return v, err
}

// place turns an error of the decoder into an *Error.
func (p *parser) place(err error) error {
	var e *Error
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return mistake(p.data, len(p.data), "not JSON: the text ends too early")
	case errors.As(err, &syntax):
		return mistake(p.data, max(int(syntax.Offset)-1, p.next()), "not JSON: "+syntax.Error())
	}
	return mistake(p.data, p.next(), "not JSON: "+err.Error())
}

func badUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func mistake(data []byte, at int, message string) *Error {
	before := data[:min(at, len(data))]
	line := bytes.LastIndexByte(before, '\n') + 1
	text, _, _ := bytes.Cut(data[line:], []byte("\n"))
	return &Error{
		text: string(text), at: len(before) - line,

		Line:    bytes.Count(before, []byte("\n")) + 1,
		Column:  utf8.RuneCount(before[line:]) + 1,
		Message: message,
	}
}

// Errorf returns an error that names the place of the value.
func (v Value) Errorf(format string, args ...any) error {
	return mistake(v.data, v.at, fmt.Sprintf(format, args...))
}

// Line returns the line on which the value stands.
func (v Value) Line() int { return mistake(v.data, v.at, "").Line }

// Type names the JSON type of the value, with its article.
func (v Value) Type() string {
	switch t := v.Token.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	case json.Delim:
		if t == '[' {
			return "an array"
		}
	}
	return "an object"
}

// Object calls read for each member of an object. It fails on a value that is
// no object and on a key that is none of known.
func (v Value) Object(what string, known []string, read func(key string, v Value) error) error {
	if v.Token != json.Delim('{') {
		return v.Errorf("%s: want an object, not %s", what, v.Type())
	}
	for i, key := range v.Keys {
		name := key.Token.(string)
		if !slices.Contains(known, name) {
			return key.Errorf("unknown key %q%s", name, nearest.DidYouMean(name, known))
		}
		if err := read(name, v.Items[i]); err != nil {
			return err
		}
	}
	return nil
}

// IsArray reports whether the value is an array.
func (v Value) IsArray() bool { return v.Token == json.Delim('[') }

// Number returns a number as it is written.
func (v Value) Number() (string, bool) {
	n, ok := v.Token.(json.Number)
	return string(n), ok
}

// Array returns the elements of an array.
func (v Value) Array(what string) ([]Value, error) {
	if !v.IsArray() {
		return nil, v.Errorf("%s: want an array, not %s", what, v.Type())
	}
	return v.Items, nil
}

// Text returns a string.
func (v Value) Text(what string) (string, error) {
	s, ok := v.Token.(string)
	if !ok {
		return "", v.Errorf("%s: want a string, not %s", what, v.Type())
	}
	return s, nil
}
