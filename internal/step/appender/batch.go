package appender

// batch is the lines that go to the log in one write. As long as they stand
// beside each other in the input and are unchanged, they are not copied.
type batch struct {
	buf        []byte // the input
	start, end int    // of the lines in it, if own is empty
	own        []byte
	records    int64
}

// begin starts an empty batch over buf.
func (b *batch) begin(buf []byte) {
	b.buf, b.start, b.end, b.own, b.records = buf, 0, 0, b.own[:0], 0
}

// add takes the line buf[start:end], newline included.
func (b *batch) add(start, end int) {
	b.records++
	switch {
	case len(b.own) > 0:
		b.own = append(b.own, b.buf[start:end]...)
	case b.start == b.end:
		b.start, b.end = start, end
	case b.end == start:
		b.end = end
	default:
		b.copy(end - start)
		b.own = append(b.own, b.buf[start:end]...)
	}
}

// insert takes the line with more in it at the index at, if ok agrees to the
// result, which comes without its newline.
func (b *batch) insert(start, end, at int, more []byte, ok func(line []byte) bool) {
	b.copy(end - start + len(more))
	before := len(b.own)
	b.own = append(append(append(b.own, b.buf[start:at]...), more...), b.buf[at:end]...)
	if !ok(b.own[before : len(b.own)-1]) {
		b.own = b.own[:before]
		return
	}
	b.records++
}

// copy makes the batch one of its own bytes.
func (b *batch) copy(room int) {
	if len(b.own) == 0 {
		if need := b.end - b.start + room; cap(b.own) < need {
			b.own = make([]byte, 0, max(need, 2*chunkBytes))
		}
		b.own = append(b.own, b.buf[b.start:b.end]...)
		b.start, b.end = 0, 0
	}
}

// copies reports whether the line at start would be copied by add, beside what
// is there already.
func (b *batch) copies(start int) bool {
	return len(b.own) > 0 || b.start != b.end && b.end != start
}

func (b *batch) data() []byte {
	if len(b.own) > 0 {
		return b.own
	}
	return b.buf[b.start:b.end]
}
