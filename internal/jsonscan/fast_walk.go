package jsonscan

import (
	"math/bits"
	"unicode/utf8"
)

// quick is what the quick look keeps of the words before, and does byte by
// byte.
type quick struct {
	text   []byte
	limit  int // of the depth
	depth  int
	object uint64 // all ones inside of an object, 0 inside of an array
	stack  uint64
	levels [deepNesting/64 + 1]uint64

	escapeOver uint64 // 1 if the first byte of the next word is escaped
	skipRunes  int    // text before this is known to be UTF-8
	skipOdd    int    // text before this is known to be a literal or an exponent
	lowAt      int    // where the low half of a pair of surrogates starts
	bad        bool

	fields *Fields
	found  [MaxFields]int // where the closing quote of the key is, if there is one

	words [quickWords]chars
}

// classify sorts the next bytes of the line. It reads nothing outside of it:
// the last word, if it is not full, is read from further in front, and shifted.
func (q *quick) classify(at int) bool {
	words := &q.words
	left := len(q.text) - at
	if left >= 64*quickWords {
		return classify(&q.text[at], quickWords, 0, &words[0]) == 0
	}
	controls := uint64(0)
	full := left >> 6
	if full > 0 {
		controls = classify(&q.text[at], full, 0, &words[0])
	}
	if rest := left & 63; rest > 0 {
		if from := at + left - 64; from >= 0 {
			controls |= classify(&q.text[from], 1, uint64(64-rest), &words[full&(quickWords-1)])
		} else {
			var short [64]byte
			for i := copy(short[:], q.text); i < len(short); i++ {
				short[i] = 'x' // stands for nothing
			}
			controls |= classify(&short[0], 1, 0, &words[0])
		}
	}
	return controls == 0
}

// brackets follows the brackets of a word. It returns for each byte whether it
// stands in an object: for a bracket, whether the bracket itself does.
func (q *quick) brackets(all uint64, base int) uint64 {
	context, object := q.object, q.object
	depth, stack := q.depth, q.stack
	for ; all != 0; all &= all - 1 {
		at := base + bits.TrailingZeros64(all)
		c := uint64(q.text[at])
		isObject := -(c >> 5 & 1)
		opens := -(c >> 1 & 1) // all ones for { and [, 0 for } and ]
		// Without a branch: which bracket comes next is hard to foretell.
		if (isObject^object)&^opens != 0 {
			q.bad = true
			return 0
		}
		if outer := depth + int(^opens); outer&63 == 0 {
			// The outermost of the levels that stack has room for.
			if outer == 0 && opens == 0 && at != len(q.text)-1 || outer < 0 || outer>>6 >= len(q.levels) {
				q.bad = true
				return 0
			}
			if opens != 0 {
				q.levels[outer>>6] = stack
				stack = isObject & 1
			} else {
				stack = q.levels[outer>>6]
			}
		} else {
			stack = (stack<<1|isObject&1)&opens | stack>>1&^opens
		}
		depth += int(1 - ^opens&2)
		if depth < 0 || depth > q.limit {
			q.bad = true
			return 0
		}
		old := object
		object = -(stack & 1)
		context ^= (object ^ old) &^ (all ^ (all - 1))
	}
	q.depth, q.stack = depth, stack
	q.object = object
	return context
}

// topLevel reports whether byte i of a word stands at depth 1. i may be
// negative: in the word before, with no bracket between.
func (q *quick) topLevel(depth int, open, shut uint64, i int) bool {
	if i > 0 {
		before := uint64(1)<<i - 1
		depth += bits.OnesCount64(open&before) - bits.OnesCount64(shut&before)
	}
	return depth == 1
}

// escapes checks the escapes of a word and returns where they start, and the
// bytes that they escape. It sets bad if one needs a closer look.
func (q *quick) escapes(slash uint64, base int) (starts, escaped uint64) {
	text := q.text
	escaped = q.escapeOver
	slash &^= escaped
	q.escapeOver = 0
	for slash != 0 {
		b := slash & -slash
		starts |= b
		i := base + bits.TrailingZeros64(slash)
		if b<<1 == 0 {
			q.escapeOver = 1
		}
		escaped |= b << 1
		slash &^= b | b<<1
		switch text[i+1] { // there is one: the line ends with a brace
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			if i+6 > len(text) {
				q.bad = true
				return
			}
			e := text[i+2 : i+6]
			unit := hexValue[e[0]]<<12 | hexValue[e[1]]<<8 | hexValue[e[2]]<<4 | hexValue[e[3]]
			if unit > 0xFFFF || unit&0xF800 == 0xD800 && !q.pair(unit, i) {
				q.bad = true
				return
			}
		default:
			q.bad = true
			return
		}
	}
	return starts, escaped
}

// pair reports whether the escape at i of a surrogate is one half of a pair. A
// high half answers for the low one behind it.
func (q *quick) pair(unit uint32, i int) bool {
	if unit >= 0xDC00 {
		return i == q.lowAt
	}
	q.lowAt = i + 6
	if q.lowAt+6 > len(q.text) || q.text[i+6] != '\\' || q.text[i+7] != 'u' {
		return false
	}
	low, ok := hexUnit(q.text[i+8 : i+12])
	return ok && low&0xFC00 == 0xDC00
}

// hexValue is the value of a hexadecimal digit, and out of range for others.
var hexValue = func() (t [256]uint32) {
	for c := range t {
		t[c] = 1 << 16
		if d := hexDigit(byte(c)); d >= 0 {
			t[c] = uint32(d)
		}
	}
	return t
}()

// inKey reports whether one of the escapes is in a key.
func (q *quick) inKey(escapes, key, keyEnd, over uint64) bool {
	return (parity(key^keyEnd)^-over)&escapes != 0
}

// parity gives each bit the parity of the bits of m up to it.
func parity(m uint64) uint64 {
	for shift := 1; shift < 64; shift <<= 1 {
		m ^= m << shift
	}
	return m
}

// runes checks that what is not ASCII is UTF-8.
func (q *quick) runes(high uint64, base int) bool {
	if q.skipRunes >= base+64 {
		return true
	}
	if q.skipRunes > base {
		high &= ^uint64(0) << (q.skipRunes - base)
	}
	text := q.text
	for high != 0 {
		i := base + bits.TrailingZeros64(high)
		if i = wellFormed(text, i); i < len(text) && text[i] >= utf8.RuneSelf {
			return false
		}
		q.skipRunes = i
		if i >= base+64 {
			break
		}
		high &= ^uint64(0) << (i - base)
	}
	return true
}

// odd checks what is neither digit nor dot in numbers and literals: signs,
// exponents and words. first is where those start.
func (q *quick) odd(odd, first uint64, base int) bool {
	text := q.text
	for {
		if q.skipOdd > base {
			if q.skipOdd >= base+64 {
				return true
			}
			odd &= ^uint64(0) << (q.skipOdd - base)
		}
		if odd == 0 {
			return true
		}
		b := odd & -odd
		i := base + bits.TrailingZeros64(odd)
		odd &^= b
		rest := text[i:]
		if i == 0 || len(rest) < 3 {
			return false
		}
		var end int
		switch c := text[i]; {
		case c == '-' && first&b != 0:
			// What follows is checked as a number that starts here, but for a
			// zero in front.
			if d := rest[1]; d-'0' > 9 || d == '0' && rest[2]-'0' <= 9 {
				return false
			}
			continue
		case len(rest) > 4 && first&b != 0 && (string(rest[:4]) == "true" || string(rest[:4]) == "null"):
			end = i + 4
		case len(rest) > 5 && first&b != 0 && string(rest[:5]) == "false":
			end = i + 5
		case c|0x20 == 'e' && text[i-1]-'0' <= 9:
			end = i + 1
			if text[end] == '+' || text[end] == '-' {
				end++
			}
			digits := end
			for end < len(text) && text[end]-'0' <= 9 {
				end++
			}
			if end == digits || end == len(text) {
				return false
			}
		default:
			return false
		}
		if c := text[end]; c != ',' && c != '}' && c != ']' {
			return false
		}
		q.skipOdd = end
	}
}
