package jsonscan

import "math/bits"

// chars are the bytes of 64 in a row, sorted: bit i of a mask tells of byte i.
// The order is known to classify.
type chars struct {
	quote, slash uint64 // " \
	open, close  uint64 // { [ and } ]
	comma, colon uint64
	space, digit uint64
	zero, dot    uint64
	high         uint64 // not ASCII
	quoted       uint64 // from each odd quote up to the next one, exclusive
}

// quickWords is how many words of 64 bytes are classified at a time.
const quickWords = 4

// maxQuickName is the longest name of a member that is found within one word.
const maxQuickName = 60

// Fast reports whether text is a healthy object: well formed, without anything
// to note, nested no deeper than maxDepth, and with no wanted member twice. Then
// r.Object and r.Fields are what Scan gives, and nothing else of r is touched;
// false means nothing but that Scan has to look.
//
// It looks at 64 bytes at a time instead of one by one, and knows what is laid
// out as json.dumps does, with at most one space after a comma or colon.
//
// The grammar is kept with bit masks, in which the carry of an addition walks
// through a string or a run of digits. With the context of an object or an
// array given for each byte, JSON is a matter of neighbours: what follows on a
// comma, colon or opening bracket is the start of a key or value, and what
// follows on the end of a value is a comma or a closing bracket. Only the
// brackets are walked one by one, and what is rare.
func (f *Fields) Fast(text []byte, maxDepth int, r *Result) bool {
	if !canClassify || !f.flat {
		return false
	}
	q := quick{text: text, limit: min(maxDepth, deepNesting), fields: f}
	if !q.scan() {
		return false
	}
	r.Object = true
	for n := range f.paths {
		r.Fields[n] = Field{}
		if at := q.found[n]; at > 0 {
			start := valueAt(text, at)
			r.Fields[n] = Field{Start: start, End: valueEnd(text, start), Count: 1}
		}
	}
	return true
}

// valueAt returns where the value of the key stands whose closing quote is at i.
func valueAt(text []byte, i int) int {
	if i += 2; text[i] == ' ' {
		i++
	}
	return i
}

// valueEnd returns the index after the value at i of text that is well formed:
// of an object or array, after its opening bracket.
func valueEnd(text []byte, i int) int {
	switch text[i] {
	case '{', '[':
		return i + 1
	case '"':
		for i++; text[i] != '"'; i++ {
			if text[i] == '\\' {
				i++
			}
		}
		return i + 1
	}
	for text[i] != ',' && text[i] != '}' {
		i++
	}
	return i
}

// scan reports whether the text is a healthy object, and finds the fields.
func (q *quick) scan() bool {
	text := q.text
	n := len(text)
	if n < 2 || text[0] != '{' || text[n-1] != '}' {
		return false
	}
	// The last byte of the word before, at bit 63, for each of the masks that
	// reach over to the next byte.
	var inString, carryKey, carryFraction uint64
	var pComma, pColon, pCommaSpace, pColonSpace, pOpen, pEnd, pPlain, pKeyEnd uint64
	var pKey, pDot, pZero uint64
	pColon = 1 << 63 // as if a colon stood before the line: a value has to follow

	for batch := 0; batch < n; batch += 64 * quickWords {
		if !q.classify(batch) {
			return false
		}
		for k := range q.words {
			base := batch + 64*k
			if base >= n {
				break
			}
			w := &q.words[k]
			valid := ^uint64(0)
			last := uint64(0) // the place behind the line
			if left := n - base; left < 64 {
				last = 1 << left
				valid = last - 1
			}
			// Strings: from the opening quote up to the closing one, exclusive.
			quote, in := w.quote, w.quoted
			escapes := uint64(0)
			if w.slash|q.escapeOver != 0 {
				var escaped uint64
				if escapes, escaped = q.escapes(w.slash, base); q.bad {
					return false
				}
				if escaped &= quote; escaped != 0 {
					quote ^= escaped
					in ^= parity(escaped)
				}
			}
			if w.high != 0 && !q.runes(w.high, base) {
				return false
			}

			in ^= inString
			inString = uint64(int64(in) >> 63)

			comma, colon := w.comma&^in, w.colon&^in
			open, shut, space := w.open&^in, w.close&^in, w.space&^in
			// What is left are numbers and literals.
			plain := valid &^ (in | quote | comma | colon | open | shut | space)

			depth := q.depth
			object := q.object
			if open|shut != 0 {
				if object = q.brackets(open|shut, base); q.bad {
					return false
				}
			}

			// Where the next token has to be: behind a comma or colon, with a space
			// or without, and right behind an opening bracket.
			toComma, toColon := comma<<1|pComma>>63, colon<<1|pColon>>63
			commaSpace, colonSpace := toComma&space, toColon&space
			afterComma := toComma ^ commaSpace | commaSpace<<1 | pCommaSpace>>63
			afterColon := toColon ^ colonSpace | colonSpace<<1 | pColonSpace>>63
			afterOpen := open<<1 | pOpen>>63
			pComma, pColon, pCommaSpace, pColonSpace, pOpen = comma, colon, commaSpace, colonSpace, open
			bad := space ^ commaSpace ^ colonSpace
			first := plain &^ (plain<<1 | pPlain>>63)
			bad |= (afterComma | afterColon | afterOpen) ^ (quote&in | open | first | shut&afterOpen)

			// Keys: the strings behind a comma or opening brace of an object.
			keyPlace := (afterComma | afterOpen) & object
			bad |= keyPlace &^ (quote | shut)
			key := keyPlace & quote
			sum, over := bits.Add64(in, key, carryKey)
			keyEnd := sum &^ in
			bad |= colon ^ (keyEnd<<1 | pKeyEnd>>63)

			// What follows on the end of a value.
			end := quote&^in&^keyEnd | shut
			ended := ((end|plain)<<1 | pEnd>>63) &^ plain
			bad |= ended ^ (comma | shut&^afterOpen | last)
			pEnd, pPlain, pKeyEnd = end|plain, plain, keyEnd

			// Numbers: digits with a dot among them, and no zero in front.
			if odd := plain &^ (w.digit | w.dot); odd != 0 && !q.odd(odd, first, base) {
				return false
			}
			digit, dot := w.digit&plain, w.dot&plain
			afterDot := dot<<1 | pDot>>63
			bad |= afterDot &^ digit
			bad |= dot & first
			fraction, overFraction := bits.Add64(digit, afterDot&digit, carryFraction)
			bad |= fraction &^ digit & dot
			zero := w.zero & first
			bad |= (zero<<1 | pZero>>63) & digit
			pDot, pZero = dot, zero
			carryFraction = overFraction
			if bad != 0 || plain == ^uint64(0) {
				return false // or a number so long that its digits want counting
			}

			// The keys that matter are known by their length first.
			for n, path := range q.fields.paths {
				size := len(path[0])
				for m := (key<<(size+1) | pKey>>(63-size)) & keyEnd; m != 0; m &= m - 1 {
					at := base + bits.TrailingZeros64(m)
					if string(text[at-size:at]) != path[0] || !q.topLevel(depth, open, shut, at-size-1-base) {
						continue
					}
					if q.found[n] > 0 {
						return false // twice
					}
					q.found[n] = at
				}
			}
			if escapes != 0 && q.inKey(escapes, key, keyEnd, carryKey) {
				return false // a key may be spelt with escapes
			}
			pKey, carryKey = key, over
		}
	}
	return inString == 0 && q.depth == 0 && q.skipOdd <= n
}
