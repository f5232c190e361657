package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// shapes are the layouts of lines that were seen before, as a tree of pieces.
//
// Most lines of a log are those of another one with other values. So a line is
// held against what it has in common with earlier ones, 32 bytes at a time, and
// of the rest no more has to be known than that it is a string or a number.
// Each way from the root to an end is the layout of a line that was found
// healthy, so that a line which follows it is healthy as well: the pieces have
// all that decides it, brackets, keys, literals, white space.
//
// A wanted member is where the line has it from which the layout was learnt, so
// many bytes into a piece, or where a value starts or ends.
type shapes struct {
	// pieces[0] is the root, which has no text.
	pieces  [maxPieces]piece
	count   int // of pieces
	ends    [maxEnds]shape
	endings int

	// at is where each piece starts on the way through the line at hand.
	at [maxWay]uint32

	sight

	// credit is what may be spent on learning lines, which takes longer than
	// checking them. A line that follows a layout earns 1 of it.
	credit int
	// missed is the start of the last line that follows no layout.
	missed int
	// misses is how many lines in a row follow none, so far as it matters, and
	// pause how many windows go by before the next one is tried.
	misses, pause int
}

// Sizes of the tree, which is given up once it is full. A line of more pieces
// than maxWay is not learnt, nor one that would have more than maxBranches tried
// in one place.
const (
	maxPieces   = 1024
	maxEnds     = 256
	maxWay      = 512
	maxBranches = 24
	pieceBytes  = 32
)

// A log of ever new layouts is not to be learnt for ever.
const (
	priceOfLine = 256
	fullCredit  = 512 * priceOfLine
)

// maxMisses bounds how many windows go by untried: 1<<maxMisses - 2.
const maxMisses = 5

// piece is a part of a line that is always the same, or the first 32 bytes of
// what is left of it, and what follows on it.
type piece struct {
	text  [pieceBytes]byte
	next  uint16 // the first piece that may follow; of an end, its number
	other uint16 // the piece to try in the place of this one, or 0
	size  uint8  // of the text
	value uint8  // what follows
}

// What follows on the text of a piece.
const (
	noValue  = iota // another piece, at once
	aString         // a string, up to its closing quote
	aNumber         // a number
	lineEnds        // nothing: the text ends with the newline
)

// shape is where a line that ends so has the wanted members.
type shape [MaxFields]struct {
	start, end spot
	there      bool
}

// spot is a place in a line: that of a piece, and how far into it.
type spot struct{ piece, bytes uint16 }

// in returns where the spot is in the text.
func (s *shapes) in(p spot) int { return int(s.at[p.piece%maxWay]) + int(p.bytes) }

// recall holds the line at start against the layouts. If it follows one, the
// answer is that of Next.
func (l *Lines) recall(r *Result) (end int, ok bool) {
	if l.count == 1 || l.start == l.missed {
		return 0, false
	}
	if l.pause > 0 {
		l.pause--
		l.missed = l.start
		return 0, false
	}
	ending, end, ok := l.find()
	if !ok {
		l.missed = l.start
		l.misses = min(l.misses+1, maxMisses)
		l.pause = 1<<l.misses - 2
		return 0, false
	}
	l.misses = 0
	r.Object = true
	s := &l.ends[ending%maxEnds]
	start := int(l.shapes.at[0])
	for n := range l.fields.paths {
		if m := &s[n]; m.there {
			r.Fields[n] = Field{Start: l.in(m.start) - start, End: l.in(m.end) - start, Count: 1}
		} else {
			r.Fields[n] = Field{}
		}
	}
	l.credit = min(l.credit+1, fullCredit)
	l.start, l.stale = l.from+end, true
	return l.start - 1, true
}

// find returns the ending of the layout that the line at start follows, and the
// index in sight behind its newline.
func (l *Lines) find() (ending, end int, ok bool) {
	if l.start >= l.from+len(l.sight.text) {
		l.look(l.start)
	}
	ending, end, why := l.follow(l.start - l.from)
	if why == followedShort && l.from < l.start {
		l.look(l.start)
		ending, end, why = l.follow(0)
	}
	return ending, end, why == followedAll
}

// Why follow returns.
const (
	followedAll   = iota // to the end of a line
	followedNone         // there is no such layout
	followedShort        // the text in sight ends before
)

// maxDigits is how many digits of a number may stand before its dot.
const maxDigits = 30

// follow holds the text in sight, from i on, against the layouts. If it follows
// one, it returns which ending that has, and the index behind the newline.
func (s *shapes) follow(i int) (ending, end, why int) {
	if canFollow {
		return followFast(s, i)
	}
	return s.followPlain(i)
}

// followPlain is follow where there is no assembly for it.
func (s *shapes) followPlain(i int) (ending, end, why int) {
	text := s.text
	n := 0
	at := &s.pieces[0]
	for {
		next := at.next
		switch at.value {
		case aString:
			m := s.special.from(i)
			for ; m&(1<<57-1) == 0; m = s.special.from(i) {
				i += 57
			}
			i += bits.TrailingZeros64(m)
		case aNumber:
			if len(text)-i < pieceBytes {
				return 0, 0, followedShort
			}
			size := s.number(i)
			if size < 0 {
				return 0, 0, followedNone
			}
			if i += size; size == 0 { // the text of another piece may go on here
				n--
				i, next = int(s.at[n%maxWay]), at.other
			}
		case lineEnds:
			return int(next), i, followedAll
		}
		if len(text)-i < pieceBytes {
			return 0, 0, followedShort
		}
		b := text[i : i+pieceBytes]
		for ; ; next = at.other {
			if next == 0 { // or a line that could not be learnt to its end
				return 0, 0, followedNone
			}
			if at = &s.pieces[next%maxPieces]; at.starts(b) {
				break
			}
		}
		s.at[n%maxWay] = uint32(i)
		n++
		i += int(at.size)
	}
}

// number returns how long the number at i is, without an exponent: 0 if none
// starts there, -1 if others have to look at it. There are 32 bytes from i on.
func (s *shapes) number(i int) int {
	sign := 0
	if s.text[i] == '-' {
		sign = 1
	}
	i += sign
	m := s.other.from(i)
	size := bits.TrailingZeros64(m)
	if size == 0 {
		return 0
	}
	if size > 1 && s.text[i] == '0' || size > maxDigits {
		return -1
	}
	if s.text[i+size] == '.' {
		whole := size
		size = bits.TrailingZeros64(m & (m - 1))
		if size == whole+1 || size > 56 {
			return -1
		}
	}
	return sign + size
}

// starts reports whether b, of 32 bytes, starts with the text of p.
func (p *piece) starts(b []byte) bool {
	left := int(p.size)
	for k := 0; ; k += 8 {
		differ := binary.LittleEndian.Uint64(b[k:k+8:pieceBytes]) ^ binary.LittleEndian.Uint64(p.text[k:k+8])
		if left <= 8 {
			return differ<<((8-left)*8&63) == 0
		}
		if differ != 0 {
			return false
		}
		left -= 8
	}
}
