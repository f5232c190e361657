package jsonscan

import "bytes"

// Lines looks at lines one after the other, as a whole: it is the fast path,
// and knows only what is healthy and laid out as json.dumps does, with at most
// one space after a comma or colon. It never accepts what Scan refuses.
//
// It works through the text in windows of words of 64 bytes, whatever lines
// there are; a newline is one more byte that the grammar knows. What a window
// needs of the one before is carried over, so that lines may be of any length.
// The grammar is kept with bit masks; see masks.
//
// Lines whose layout is that of an earlier one take a short cut; see shapes.
//
// Its size is some 130 KiB, meant to be used again and again, also for other
// texts: what it has learnt stays.
type Lines struct {
	fields *Fields
	limit  int // of the depth
	sizes  [MaxFields]uint64
	text   []byte

	start int // of the line at hand
	at    int // of the window after this one
	base  int // of this window
	// bad is the index of the first byte that is not as it should be;
	// len(text)+1 if there is none in this window.
	bad int
	// room is how many words the next window may have. A line that is not for
	// windows makes it small, lest others like it follow.
	room int

	masks
	brackets
	found finds
	inner Result // of the object that a path leads into

	shapes
	stale bool // the last line was recalled, so that no window goes on
}

// maxWords is how many words of 64 bytes a window has at most, and fewWords how
// many where all begins anew.
const (
	maxWords = 64
	fewWords = 4
)

// Reset starts with the first line of text, which must not change while Lines
// looks at it. A last line may lack its newline. Objects nested deeper than
// maxDepth are left to Scan.
func (l *Lines) Reset(f *Fields, text []byte, maxDepth int) {
	maxDepth = min(maxDepth, deepNesting)
	if f != l.fields || maxDepth != l.limit {
		l.forget()
		l.credit = fullCredit
	}
	l.fields, l.text, l.limit, l.missed = f, text, maxDepth, -1
	l.sight.text, l.from = nil, 0
	copy(l.sizes[:], f.sizes)
	l.restart(0)
	l.room = maxWords
}

// Next looks at the next line and returns the index in the text of its newline,
// len(text) for a last line without one, or -1 if there is no line left.
//
// If ok, the line is a well-formed object without anything to note, and with no
// wanted member twice, and r.Object and r.Fields are what Scan gives for the
// line by itself; nothing else of r is touched. If not, nothing is known but
// where the line ends: Scan has to look.
func (l *Lines) Next(r *Result) (end int, ok bool) {
	if !canClassify || !l.fields.quick {
		return l.skip(), false
	}
	for {
		if l.nextLine < l.numLines {
			end = int(l.lineEnds[l.nextLine]) + l.base
			if end < l.bad {
				l.nextLine++
				if ok = l.take(end, r); ok {
					l.learn(l.start, end, r)
				}
				l.start = end + 1
				return end, ok
			}
		}
		if l.bad <= len(l.text) {
			return l.skip(), false
		}
		if l.start >= len(l.text) {
			return -1, false
		}
		if end, ok = l.recall(r); ok {
			return end, ok
		}
		if l.stale {
			l.restart(l.start)
		}
		l.carryKeys()
		l.window()
		l.room = min(2*l.room, maxWords)
	}
}

// skip leaves the line at hand to others, and returns its end.
func (l *Lines) skip() int {
	if l.start >= len(l.text) {
		return -1
	}
	end := len(l.text)
	if n := bytes.IndexByte(l.text[l.start:], '\n'); n >= 0 {
		end = l.start + n
	}
	l.restart(end + 1)
	return end
}

// restart begins anew at a line that starts at i.
func (l *Lines) restart(i int) {
	l.start, l.at, l.base, l.stale = i, i, i, false
	l.room = fewWords
	l.bad = len(l.text) + 1
	l.carry = carry{}
	l.before = word{newline: 1 << 63} // as if a line had ended here
	l.skipRunes, l.skipOdd, l.lowAt = 0, 0, -1
	l.depth, l.numLines, l.nextLine = 0, 0, 0
	l.toggles[0] = 0
	l.found.reset()
}

// window looks at the next words of the text.
func (l *Lines) window() {
	l.base = l.at
	words := l.classify()
	l.at = min(l.base+64*words, len(l.text))
	l.walk()
	l.grammar(words)
	l.toggles[0] = l.toggles[words]
}

// refuse notes that something is wrong at index i of the text.
func (l *Lines) refuse(i int) {
	if i < l.bad {
		l.bad = i
	}
}

// Fast reports whether text is a healthy object: well formed, without anything
// to note, nested no deeper than maxDepth, and with no wanted member twice.
// Then r.Object and r.Fields are what Scan gives, and nothing else of r is
// touched; false means nothing but that Scan has to look. For many lines in a
// row, Lines is faster.
func (f *Fields) Fast(text []byte, maxDepth int, r *Result) bool {
	if !canClassify || !f.quick || len(text) == 0 || text[0] != '{' {
		return false
	}
	l := pool.Get().(*Lines)
	l.Reset(f, text, maxDepth)
	end, ok := l.Next(r)
	l.text, l.sight.text = nil, nil
	pool.Put(l)
	return ok && end == len(text)
}
