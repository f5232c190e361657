package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxValue is the longest part of a report, such as one anomaly, that is read
// unless another bound is set: 1 MiB.
const maxValue = 1 << 20

// splitter cuts JSON objects into their members without holding a whole one,
// since a report on many logs may be larger than the memory it may take.
type splitter struct {
	*json.Decoder
	in *portion
}

func newSplitter(r io.Reader, longest int) *splitter {
	in := &portion{r: r, longest: longest}
	return &splitter{json.NewDecoder(in), in}
}

// portion reads no more for one part of a report than it may be long.
type portion struct {
	r             io.Reader
	longest, left int
}

var errLong = errors.New("too long")

func (p *portion) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, errLong
	}
	n, err := p.r.Read(b[:min(len(b), p.left)])
	p.left -= n
	return n, err
}

// bad says what is wrong with the text.
func (s *splitter) bad(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, errLong):
		return fmt.Errorf("one part of it is longer than %d bytes", s.in.longest)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("invalid JSON: %w", err)
	}
	return err
}

// token takes the next token, which must be the bracket, unless that is 0.
func (s *splitter) token(bracket json.Delim) (json.Token, error) {
	s.in.left = s.in.longest
	t, err := s.Token()
	if err == nil && bracket != 0 && t != json.Token(bracket) {
		err = fmt.Errorf("it is no report: want %v", bracket)
	}
	return t, err
}

// value takes one value.
func (s *splitter) value() (text json.RawMessage, err error) {
	s.in.left = s.in.longest
	if err := s.Decode(&text); err != nil {
		return nil, s.bad(err)
	}
	return text, nil
}

// object takes an object and returns it without its array of the given name,
// each element of which visit takes, and is told the object up to the array.
// found says whether there is such an array. The error is io.EOF if there is
// nothing left.
func (s *splitter) object(array string, visit func(before []byte) error) (rest []byte, found bool, err error) {
	if _, err := s.token('{'); err != nil {
		if err != io.EOF { //nolint:errorlint // an error that wraps it is one
			err = s.bad(err)
		}
		return nil, false, err
	}
	rest = []byte{'{'}
	for s.More() {
		name, err := s.token(0)
		if err != nil {
			return nil, false, s.bad(err)
		}
		if name == array {
			if found {
				return nil, false, fmt.Errorf("it has %s twice", array)
			}
			found = true
			if err := s.array(visit, append(bytes.TrimSuffix(bytes.Clone(rest), []byte{','}), '}')); err != nil {
				return nil, false, err
			}
			continue
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, false, err
		}
		v, err := s.value()
		if err != nil {
			return nil, false, err
		}
		if len(rest)+len(v) > s.in.longest {
			return nil, false, s.bad(errLong)
		}
		rest = append(append(append(append(rest, key...), ':'), v...), ',')
	}
	if _, err := s.token('}'); err != nil {
		return nil, false, s.bad(err)
	}
	return append(bytes.TrimSuffix(rest, []byte{','}), '}'), found, nil
}

func (s *splitter) array(visit func(before []byte) error, before []byte) error {
	if _, err := s.token('['); err != nil {
		return s.bad(err)
	}
	for s.More() {
		if err := visit(before); err != nil {
			return err
		}
	}
	_, err := s.token(']')
	return s.bad(err)
}
