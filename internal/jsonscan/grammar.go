package jsonscan

import "math/bits"

// grammar holds the window against the rules, and lists the keys that may be
// wanted.
func (l *Lines) grammar(words int) {
	if canCheck {
		checkWords(l, words, len(l.fields.sizes))
	} else {
		l.check(words)
	}
	l.found.count = 0
	for k := range l.words[:words] {
		w, base := &l.words[k], l.base+64*k
		if w.odd != 0 {
			above := l.before.plain
			if k > 0 {
				above = l.words[k-1].plain
			}
			l.odd(w.odd, w.plain&^(w.plain<<1|above>>63), base)
		}
		l.found.list(l.named[k], uint16(64*k))
		if w.wrong != 0 {
			l.refuse(base + bits.TrailingZeros64(w.wrong))
			break
		}
	}
	l.locate()
	l.before = l.words[words-1]
}

// check adds to wrong what is against the rules, and finds the keys that have
// the length of a wanted one. Its twin in assembly is checkWords.
//
// With the context of an object or an array given for each byte, JSON is a
// matter of neighbours: what follows on a comma, colon, opening bracket or
// newline is the start of a key or value, and what follows on the end of a
// value is a comma, a closing bracket or a newline.
func (l *Lines) check(words int) {
	c := &l.carry
	above := &l.before
	for k := range l.words[:words] {
		w := &l.words[k]
		in, quote, plain, shut := w.in, w.quote, w.plain, w.shut
		bad := w.wrong

		// object: what stands inside of an object.
		object := parity(l.toggles[k]) ^ c.object
		c.object = uint64(int64(object) >> 63)

		// Where the next token has to be: behind a comma or colon, with a space
		// or without, and right behind an opening bracket or newline.
		toComma, toColon := w.comma<<1|above.comma>>63, w.colon<<1|above.colon>>63
		commaSpace, colonSpace := toComma&w.space, toColon&w.space
		afterComma := toComma ^ commaSpace | commaSpace<<1 | c.commaSpace
		afterColon := toColon ^ colonSpace | colonSpace<<1 | c.colonSpace
		afterOpen := w.open<<1 | above.open>>63
		afterLine := w.newline<<1 | above.newline>>63
		c.commaSpace, c.colonSpace = commaSpace>>63, colonSpace>>63
		bad |= w.space ^ commaSpace ^ colonSpace
		first := plain &^ (plain<<1 | above.plain>>63)
		bad |= (afterComma | afterColon | afterOpen | afterLine) ^ (quote&in | w.open | first | shut&afterOpen)

		// Keys: the strings behind a comma or opening brace of an object. The
		// carry of an addition walks from the opening quote to the closing one,
		// and clears what it walks through.
		keyPlace := (afterComma | afterOpen) & object
		bad |= keyPlace &^ (quote | shut)
		key := keyPlace & quote
		var sum uint64
		sum, c.keySum = bits.Add64(in, key, c.keySum)
		keyEnd := sum &^ in
		bad |= w.colon ^ (keyEnd<<1 | c.keyEnd)
		bad |= w.escapes &^ sum // a key may be spelt with escapes

		// What follows on the end of a value; nothing but an object ends a
		// line.
		end := quote&^in&^keyEnd | shut | plain
		ended := (end<<1 | c.end) &^ plain
		bad |= ended ^ (w.comma | shut&^afterOpen | w.newline)
		bad |= w.newline &^ (shut<<1 | above.shut>>63)
		c.end, c.keyEnd = end>>63, keyEnd>>63

		// Numbers: digits with a dot among them, and no zero in front.
		afterDot := w.dot<<1 | above.dot>>63
		bad |= afterDot&^w.digit | w.dot&first
		var fraction uint64
		fraction, c.fraction = bits.Add64(w.digit, afterDot&w.digit, c.fraction)
		bad |= fraction &^ w.digit & w.dot
		zero := w.zero & first
		bad |= (zero<<1 | c.zero) & w.digit
		c.zero = zero >> 63
		if plain == ^uint64(0) {
			bad |= 1 // a number so long that its digits want counting
		}
		w.wrong = bad

		var named uint64
		for _, size := range l.fields.sizes {
			named |= (key<<(size&63) | c.key>>(-size&63)) & keyEnd
		}
		l.named[k], c.key = named, key
		above = w
	}
}
