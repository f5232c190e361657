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
	rare    [sightWords]uint64 // of sortPlain: backslashes, and what is not ASCII
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
// Its twin is sortWide.
func (s *sight) sort(text []byte, i, words int) int {
	sortPlain(text[i:], words, s)
	seen := i // what is before was looked at
	for w, rare := range s.rare[:words] {
		base := i + 64*w
		if rare == 0 && seen <= base {
			continue
		}
		plain := ^uint64(0) << max(seen-base, 0)
		for odd := rare & plain; odd != 0; odd &= ^uint64(0) << (seen - base) {
			at := base + bits.TrailingZeros64(odd)
			if text[at] == '\\' {
				seen = escapeEnd(text, at)
			} else {
				seen = wellFormed(text, at)
			}
			if seen <= at {
				return w
			}
			plain &= ^uint64(0)<<(seen-base) | 1<<(at-base) - 1
		}
		at := s.special[8*w:]
		binary.LittleEndian.PutUint64(at, binary.LittleEndian.Uint64(at)&plain)
	}
	return words
}
