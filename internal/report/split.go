package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"encoding/json"
)

// maxValue is the longest part of a report, such as one anomaly, that is read
// unless another bound is set: 1 MiB.
const maxValue = 1 << 20

// splitter cuts JSON objects into their members without holding a whole one,
// since a report on many logs may be larger than the memory it may take. It
// finds where values end; whether they are valid is for who decodes them to
// say.
type splitter struct {
	r       *bufio.Reader
	buf     []byte
	longest int // of a part
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
	return 0, fmt.Errorf("invalid JSON: %q where one of %q was expected", c, set)
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
		if len(s.buf) >= s.longest {
			return nil, fmt.Errorf("one part of it is longer than %d bytes", s.longest)
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

// list visits each element of an array or each member of an object. The visitor
// must take it.
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

// object takes an object and returns it without its array of the given name,
// each element of which visit takes, and is told the object up to the array.
// found says whether there is such an array.
func (s *splitter) object(array string, visit func(before []byte) error) (rest []byte, found bool, err error) {
	rest = []byte{'{'}
	err = s.list("{}", func() error {
		start := len(rest)
		if start > 1 {
			rest = append(rest, ',')
		}
		key, err := s.value()
		if err != nil {
			return err
		}
		var name string
		if err := json.Unmarshal(key, &name); err != nil {
			return fmt.Errorf("invalid JSON: %w", err)
		}
		rest = append(append(rest, key...), ':')
		if _, err := s.want(":"); err != nil {
			return err
		}
		if name == array {
			if found {
				return fmt.Errorf("it has %s twice", array)
			}
			found, rest = true, rest[:start]
			before := append(bytes.TrimSuffix(bytes.Clone(rest), []byte{','}), '}')
			return s.list("[]", func() error { return visit(before) })
		}
		v, err := s.value()
		if err != nil {
			return err
		}
		if len(rest)+len(v) > s.longest {
			return fmt.Errorf("one part of it is longer than %d bytes", s.longest)
		}
		rest = append(rest, v...)
		return nil
	})
	return append(rest, '}'), found, err
}

// cut says that a text that ends inside a value is not whole.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it ends too early")
	}
	return err
}
