package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxValue is the longest part of a report, such as the findings on one log, that is read: 8 MiB.
const maxValue = 8 << 20

// splitter cuts JSON objects into their members without holding a whole one, since a report on many logs may be larger than
// the memory it may take. It finds where values end; whether they are valid is for who decodes them to say.
type splitter struct {
	r   *bufio.Reader
	buf []byte
}

// next returns the next byte that is no white space and leaves it there.
func (s *splitter) next() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c, s.r.UnreadByte()
		}
	}
}

// want takes one of the given bytes.
func (s *splitter) want(set string) (byte, error) {
	c, err := s.next()
	if err != nil {
		return 0, cut(err)
	}
	for i := range len(set) {
		if set[i] == c {
			_, err = s.r.ReadByte()
			return c, err
		}
	}
	return 0, fmt.Errorf("it is no JSON: %q where one of %q was expected", c, set)
}

// value takes one value. The bytes are valid until the next call.
func (s *splitter) value() ([]byte, error) {
	if _, err := s.next(); err != nil {
		return nil, cut(err)
	}
	s.buf = s.buf[:0]
	depth, quoted, escaped := 0, false, false
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return nil, cut(err)
		}
		if !quoted && depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':') {
			return s.buf, s.r.UnreadByte()
		}
		if len(s.buf) >= maxValue {
			return nil, fmt.Errorf("one part of it is longer than %d bytes", maxValue)
		}
		s.buf = append(s.buf, c)
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
}

// list visits each element of an array or, with keys, each key of an object, whose value the visitor must take.
func (s *splitter) list(brackets string, visit func() error) error {
	if _, err := s.want(brackets[:1]); err != nil {
		return err
	}
	if c, err := s.next(); err != nil {
		return cut(err)
	} else if c == brackets[1] {
		_, err := s.r.ReadByte()
		return err
	}
	for {
		if err := visit(); err != nil {
			return err
		}
		switch c, err := s.want("," + brackets[1:]); {
		case err != nil:
			return err
		case c == brackets[1]:
			return nil
		}
	}
}

// cut says that a text that ends inside a value is not whole.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it ends too early")
	}
	return err
}
