package jsonscan

import "math/bits"

// openObject walks the brace at i, and }, if that follows, or up to a key.
func (s *scanner) openObject(i int) (end int, opened bool) {
	inside := s.deeper
	if s.depth == 0 {
		s.r.Object = true
		inside = s.fields.all
	}
	if s.whole|s.deeper != 0 {
		s.place(i, i+1)
	}
	if !s.push(1, i) {
		return -1, false
	}
	if s.depth <= MaxPath {
		s.active[s.depth], s.seen[s.depth] = inside, 0
	}
	i = s.space(i + 1)
	if i < len(s.text) && s.text[i] == '}' {
		s.pop()
		return i + 1, false
	}
	if i >= len(s.text) || s.text[i] != '"' {
		return s.fail(WantKeyOrEnd, i), false
	}
	return i, true
}

// openArray walks the bracket at i, and ], if that follows, or up to a value.
func (s *scanner) openArray(i int) (end int, opened bool) {
	if s.whole|s.deeper != 0 {
		s.place(i, i+1)
	}
	if !s.push(0, i) {
		return -1, false
	}
	if s.depth <= MaxPath {
		s.active[s.depth] = 0
	}
	i = s.space(i + 1)
	if i < len(s.text) && s.text[i] == ']' {
		s.pop()
		return i + 1, false
	}
	return i, true
}

// nextKey walks what follows on a comma in an object, to where a value has to
// be.
func (s *scanner) nextKey(i int) int {
	text := s.text
	if i < len(text) && text[i] <= ' ' {
		i = s.space(i)
	}
	if i >= len(text) || text[i] != '"' {
		return s.fail(WantKey, i)
	}
	return s.key(i)
}

// key walks the key at i and its colon, to where a value has to be.
func (s *scanner) key(i int) int {
	text := s.text
	start := i
	if i = s.str(i + 1); i < 0 {
		return -1
	}
	if s.depth <= MaxPath && s.active[s.depth] != 0 {
		s.name(start, i)
	}
	if i < len(text) && text[i] != ':' {
		i = s.space(i)
	}
	if i >= len(text) || text[i] != ':' {
		return s.fail(WantColon, i)
	}
	if i++; i < len(text) && text[i] == ' ' {
		i++
	}
	return i
}

// name looks whether the key at text[start:end], quotes included, is wanted.
func (s *scanner) name(start, end int) {
	key := s.text[start+1 : end-1]
	if s.escaped {
		var buf [64]byte
		key = Unescape(buf[:0], key)
	}
	level := s.depth - 1
	if s.fields.lengths[level]&lengthBit(len(key)) == 0 {
		return
	}
	s.whole, s.deeper = s.fields.match(key, level, s.active[s.depth])
	for m := s.whole; m != 0; m &= m - 1 {
		f := &s.r.Fields[bits.TrailingZeros8(m)]
		if f.Count++; f.Count == 2 && f.Dup == 0 {
			f.Dup = start
		}
	}
	// An ancestor that stands again takes back what was found in the one
	// before.
	for m := s.deeper & s.seen[s.depth]; m != 0; m &= m - 1 {
		f := &s.r.Fields[bits.TrailingZeros8(m)]
		if f.Dup == 0 {
			f.Dup = start
		}
		f.Start, f.End, f.Count = 0, 0, 0
	}
	s.seen[s.depth] |= s.deeper
}
