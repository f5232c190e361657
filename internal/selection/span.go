package selection

import "bytes"

// span is a run of lines of one class that follow each other in a block.
type span struct {
	from, to int32 // of the block's Data; a byte order mark is left out
	records  int32 // how many lines
	class    class
	open     bool  // its last line lacks a newline
	size     int64 // bytes that the lines count for
}

// lineStart returns where in the block the first line of a span of records
// starts, with what the record itself does not take in.
func (s span) lineStart() int64 {
	if s.open {
		return int64(s.to) - s.size + 1 // size counts a newline that is not there
	}
	return int64(s.to) - s.size
}

// split cuts a span of several lines at an index where a line starts.
func (s span) split(data []byte, at int32) (older, newer span) {
	older, newer = s, s
	older.to, older.open, older.size = at, false, int64(at-s.from)
	older.records = int32(bytes.Count(data[s.from:at], []byte{'\n'}))
	newer.from, newer.size = at, s.size-older.size
	newer.records = s.records - older.records
	return older, newer
}

// last returns the last line of a span.
func (s span) last(data []byte) span {
	if s.records > 1 {
		s.from += int32(lastLine(data[s.from:s.to]))
		s.records, s.size = 1, int64(s.to-s.from)
	}
	return s
}

// without returns a span without its newest lines.
func (s span) without(newest span) span {
	s.to, s.records, s.size, s.open = newest.from, s.records-newest.records, s.size-newest.size, false
	return s
}
