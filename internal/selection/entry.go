package selection

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/papyra-tools/papyra/pkg/policy"
)

// entry is a run of lines in a hold.
type entry struct {
	class   class
	records int64
	size    int64 // bytes that the lines count for
	before  sums  // the survivors before the first of the lines
	text    []byte
}

// appendHeader appends all but the text of e to dst.
func (e *entry) appendHeader(dst []byte, length int) []byte {
	dst = append(dst, byte(e.class))
	for _, v := range []int64{e.records, e.size, e.before.Records, e.before.Bytes, e.before.matches, int64(length)} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	return dst
}

// next takes the first entry off data.
func (e *entry) next(data []byte) (rest []byte, err error) {
	e.class, data = class(data[0]), data[1:]
	var length int64
	for _, v := range []*int64{&e.records, &e.size, &e.before.Records, &e.before.Bytes, &e.before.matches, &length} {
		u, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, errors.New("what was held in a temporary file has changed")
		}
		*v, data = int64(u), data[n:]
	}
	if length > int64(len(data)) {
		return nil, errors.New("what was held in a temporary file has changed")
	}
	e.text = data[:length]
	return data[length:], nil
}

// after is before, for what comes after the entry.
func (e *entry) after() sums {
	s := span{class: e.class, records: int32(e.records), size: e.size}
	return e.before.add(s.of())
}

// firstLine cuts the first line off an entry.
func (e *entry) firstLine() (line entry) {
	line = *e
	if e.records > 1 {
		n := bytes.IndexByte(e.text, '\n') + 1
		line.text, line.records, line.size = e.text[:n], 1, int64(n)
	}
	e.text = e.text[len(line.text):]
	e.records--
	e.size -= line.size
	e.before = line.after()
	return line
}

// window says which of the lines of a stream are selected, if it ended now.
type window struct {
	rule  policy.Rule
	limit *int64
	total sums // of the stream until now, and of what is newer than all of it
}

// has reports whether a line is in the window. before is the sum of the
// survivors before it, or, of a damaged line, before the record after it. A
// line that is out of the window never comes in again.
func (w *window) has(before sums) bool {
	return w.rule.Reached(w.total.Sub(before.Sum)) == policy.None &&
		(w.limit == nil || w.total.matches-before.matches <= *w.limit)
}
