package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// sightWords is how many words of 64 bytes are looked at together.
const sightWords = 256

// sight is what is known of the bytes of a part of the text. All escapes in it
// are right, and all of it is UTF-8: it ends before the word where one shows
// that is not, which is not behind the end of the string that has it.
type sight struct {
	text    []byte // from the whole's index from on
	from    int
	special bitmap // quotes that are not escaped, and control characters
	other   bitmap // all but digits

	over    carry // of sortWide
	scratch word
}

// bitmap has a bit for each byte in sight; the 64 behind the last one are set.
type bitmap [8 * (sightWords + 1)]byte

// from returns the bits from i on, of which 57 count.
func (b *bitmap) from(i int) uint64 {
	return binary.LittleEndian.Uint64(b[i>>3:]) >> (i & 7)
}

// look looks at the text from i on, which is where a line starts. It leaves out
// a last word that is not full.
func (l *Lines) look(i int) {
	s := &l.sight
	words := min((len(l.text)-i)/64, sightWords)
	s.over = carry{}
	if words > 0 {
		if canWide {
			words = sortWide(&l.text[i], words, 0, 0, l, &s.over, s)
		} else {
			words = s.sort(l.text, i, words)
		}
	}
	s.from, s.text = i, l.text[i:i+64*words]
	binary.LittleEndian.PutUint64(s.special[8*words:], ^uint64(0))
	binary.LittleEndian.PutUint64(s.other[8*words:], ^uint64(0))
}

// sort sorts words of text[i:] and returns how many have nothing wrong in them.
// Its twin in assembly is sortWide.
func (s *sight) sort(text []byte, i, words int) int {
	var c [16]chars
	seen := i // what is before was looked at
	for w := 0; w < words; w += len(c) {
		n := min(len(c), words-w)
		classify(&text[i+64*w], n, &c[0])
		for k := range c[:n] {
			m := &c[k]
			base := i + 64*(w+k)
			plain := ^uint64(0) << max(seen-base, 0)
			for odd := m.slash | m.high; odd != 0; odd &= odd - 1 {
				at := base + bits.TrailingZeros64(odd)
				if at < seen {
					continue
				}
				if m.slash>>(at-base)&1 != 0 {
					seen = escapeEnd(text, at)
				} else {
					seen = wellFormed(text, at)
				}
				if seen <= at {
					return w + k
				}
				plain &= ^uint64(0)<<(seen-base) | 1<<(at-base) - 1
			}
			binary.LittleEndian.PutUint64(s.special[8*(w+k):], m.quote&plain|m.control)
			binary.LittleEndian.PutUint64(s.other[8*(w+k):], ^m.digit)
		}
	}
	return words
}
