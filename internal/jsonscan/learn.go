package jsonscan

// learn adds the layout of text[start:end], a line of which take said r, unless
// it is a last one without a newline.
func (l *Lines) learn(start, end int, r *Result) {
	if l.credit < priceOfLine || end >= len(l.text) {
		return
	}
	l.credit -= priceOfLine
	t := layout{shapes: &l.shapes, line: l.text[start : end+1]}
	if t.add() {
		t.mark(l.fields, r)
	}
}

// forget leaves the root alone.
func (s *shapes) forget() {
	s.pieces[0] = piece{}
	s.count, s.endings = 1, 0
}

// layout is a line that is being learnt.
type layout struct {
	*shapes
	line   []byte
	p      int            // the last piece on the way
	n      int            // how many there are
	starts [maxWay]uint32 // where they start
}

// add walks the line, which is well formed, and adds what it has in common with
// lines to come. It reports whether all of it could be added.
func (t *layout) add() bool {
	line, from := t.line, 0
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '"':
			end := stringEnd(line, i)
			if line[end] == ':' {
				i = end // a key
				continue
			}
			if !t.text(from, i+1, aString) {
				return false
			}
			from, i = end-1, end
		case c == '-' || c-'0' <= 9:
			if !t.text(from, i, aNumber) {
				return false
			}
			for i++; line[i]-'0' <= 9 || line[i] == '.'; {
				i++
			}
			if line[i]|0x20 == 'e' {
				return false // of those no more is known than that there are few
			}
			from = i
		default:
			i++
		}
	}
	return t.text(from, len(line), lineEnds)
}

// text adds line[from:to] and what follows on it.
func (t *layout) text(from, to int, value uint8) bool {
	for ; to-from > pieceBytes; from += pieceBytes {
		if !t.piece(from, from+pieceBytes, noValue) {
			return false
		}
	}
	return t.piece(from, to, value)
}

// piece goes on with the piece of line[from:to], which it adds if there is none
// there yet.
func (t *layout) piece(from, to int, value uint8) bool {
	if t.n == maxWay {
		return false
	}
	want := piece{size: uint8(to - from), value: value}
	copy(want.text[:], t.line[from:to])
	t.starts[t.n] = uint32(from)
	t.n++
	link, branches := &t.pieces[t.p].next, 0
	for ; *link != 0; link = &t.pieces[*link].other {
		p := &t.pieces[*link]
		if p.text == want.text && p.size == want.size && p.value == value {
			t.p = int(*link)
			return true
		}
		branches++
	}
	if branches == maxBranches {
		return false
	}
	if t.count == maxPieces || t.endings == maxEnds {
		t.forget()
		return false
	}
	if value == lineEnds {
		want.next = uint16(t.endings)
		t.endings++
	}
	t.pieces[t.count] = want
	*link = uint16(t.count)
	t.p = t.count
	t.count++
	return true
}

// mark notes where a line of this layout has the wanted members.
func (t *layout) mark(f *Fields, r *Result) {
	s := &t.ends[t.pieces[t.p].next]
	*s = shape{}
	for n := range f.paths {
		m := &r.Fields[n]
		if m.Count > 0 {
			s[n].there, s[n].start, s[n].end = true, t.spot(m.Start), t.spot(m.End)
		}
	}
}

// spot returns where line[i] is.
func (t *layout) spot(i int) spot {
	n := t.n - 1
	for int(t.starts[n]) > i {
		n--
	}
	return spot{piece: uint16(n), bytes: uint16(i - int(t.starts[n]))}
}
