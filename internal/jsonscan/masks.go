package jsonscan

import "math/bits"

// chars are the bytes of a word of 64, sorted: bit i of a mask tells of byte i.
// The order is known to classify.
type chars struct {
	quote, slash uint64 // " \
	open, shut   uint64 // { [ and } ]
	comma, colon uint64
	space, digit uint64
	zero, dot    uint64
	high         uint64 // not ASCII
	control      uint64 // below 0x20, newlines included
	newline      uint64
	quoted       uint64 // from each odd quote up to the next one, exclusive
}

// word is what is known of 64 bytes. All but in and escapes are outside of
// strings. The names of its fields are known to the assembly.
type word struct {
	// in is inside a string, from the opening quote up to the closing one,
	// exclusive; quote is both of them.
	in, quote        uint64
	comma, colon     uint64
	open, shut       uint64 // { [ and } ]
	space, newline   uint64
	plain            uint64 // anything else: numbers and literals
	digit, zero, dot uint64 // parts of plain
	odd              uint64 // the part of plain that odd has to look at
	escapes          uint64 // backslashes that start an escape
	wrong            uint64 // what is known not to be as it should
}

// masks are what is known of the bytes of a window.
type masks struct {
	before word // the last one of the window before; right in front of words
	words  [maxWords]word
	// named is where the closing quotes of keys are that have the length of a
	// wanted one.
	named [maxWords]uint64
	raw   [maxWords]chars
	carry
	skipRunes int // text before this is known to be UTF-8
	skipOdd   int // text before this is known to be a literal or an exponent
	lowAt     int // where the low half of the last pair of surrogates starts
}

// carry is what a word needs of the word before, beside what that says itself:
// of most masks the highest bit, moved down to the lowest.
type carry struct {
	inString   uint64 // all ones if the word starts inside a string
	escapeOver uint64 // the first byte of the word is escaped
	object     uint64 // all ones if the word starts inside an object

	commaSpace, colonSpace, end, keyEnd, zero uint64

	keySum, fraction uint64 // of the additions
	key              uint64 // the whole mask
	wide             wide
}

// classify sorts the bytes of the next window into words, and lists its events.
// It returns how many words there are. It reads nothing outside of the text:
// the last word, if it is not full, is filled up with newlines, of which the
// first ends the last line.
func (l *Lines) classify() int {
	rest := l.text[l.base:]
	full := min(len(rest)>>6, l.room)
	l.numEvents = 0
	if full > 0 {
		l.sort(rest, 0, full)
	}
	if rest = rest[64*full:]; full == l.room || full > 0 && len(rest) == 0 && l.text[len(l.text)-1] == '\n' {
		return full
	}
	var short [64]byte
	for i := copy(short[:], rest); i < len(short); i++ {
		short[i] = '\n'
	}
	l.sort(short[:], full, 1)
	return full + 1
}

// sort sorts text into n words from word k on.
func (l *Lines) sort(text []byte, k, n int) {
	if canWide {
		l.numEvents = sortWide(&text[0], n, k, l.numEvents, l, &l.carry, nil)
		return
	}
	classify(&text[0], n, &l.raw[k])
	l.strings(k, k+n)
}

// strings finds the strings in words from to to, and lists the brackets and
// newlines outside of them.
func (l *Lines) strings(from, to int) {
	inString, events := l.inString, l.numEvents
	for k := from; k < to; k++ {
		c, w := &l.raw[k], &l.words[k]
		quote, in := c.quote, c.quoted
		w.escapes = 0
		if c.slash|l.escapeOver != 0 {
			escaped := l.escape(k) & quote
			quote ^= escaped
			in ^= parity(escaped)
		}
		if c.high != 0 {
			l.runes(c.high, l.base+64*k)
		}
		in ^= inString
		inString = uint64(int64(in) >> 63)
		w.quote, w.in = quote, in
		w.comma, w.colon, w.open, w.shut = c.comma&^in, c.colon&^in, c.open&^in, c.shut&^in
		w.space, w.newline = c.space&^in, c.newline&^in
		w.plain = ^(in | quote | w.comma | w.colon | w.open | w.shut | w.space | w.newline)
		w.digit, w.zero, w.dot = c.digit&w.plain, c.zero&w.plain, c.dot&w.plain
		w.odd = w.plain &^ (w.digit | w.dot)
		w.wrong = c.control &^ w.newline
		l.eventsBefore[k] = uint16(events)
		events = l.list(w.open|w.shut|w.newline, uint16(64*k), events)
	}
	l.inString, l.numEvents = inString, events
}

// list appends the places of the bits of m, and some more. It writes four at
// once, whether they are there or not: how many there are is hard to foretell
// for a processor.
func (b *brackets) list(m uint64, base uint16, n int) int {
	count := bits.OnesCount64(m)
	for i := n; ; i += 4 {
		e := (*[4]uint16)(b.events[i:])
		for j := range e {
			e[j] = base + uint16(bits.TrailingZeros64(m))
			m &= m - 1
		}
		if m == 0 {
			return n + count
		}
	}
}

// parity gives each bit the parity of the bits of m up to it.
func parity(m uint64) uint64 {
	for shift := 1; shift < 64; shift <<= 1 {
		m ^= m << shift
	}
	return m
}
