package jsonscan

// brackets is what is known of the nesting in a window.
type brackets struct {
	// events are the places of brackets and newlines outside of strings, in
	// order, relative to the window. list writes some more behind them.
	events       [64*maxWords + 64]uint16
	numEvents    int
	eventsBefore [maxWords]uint16 // how many there are before each word

	// depths[n] is the depth before event n.
	depths [64*maxWords + 1]uint16
	depth  int
	stack  [1024]uint8 // for each depth 1 if it is inside an object

	// toggles has a bit where the text behind a bracket is in an object and the
	// text before was not, or the other way round.
	toggles [maxWords + 1]uint64

	lineEnds [64*maxWords + 1]uint16 // the newlines of the window
	numLines int
	nextLine int
}

// walk follows the brackets of the window, line by line, without a branch that
// depends on which bracket comes next.
func (l *Lines) walk() {
	b := &l.brackets
	clear(b.toggles[1:])
	depth := b.depth
	object := uint64(b.stack[depth&1023])
	lines := 0
	lineStart := l.start
	text := l.text[l.base:]
	for n, at := range b.events[:b.numEvents] {
		b.depths[n] = uint16(depth)
		if int(at) >= len(text) || text[at] == '\n' {
			if depth != 0 {
				l.refuse(l.base + int(at))
				break
			}
			b.lineEnds[lines] = at
			lines++
			lineStart = l.base + int(at) + 1
			continue
		}
		c := uint64(text[at])
		isObject := c >> 5 & 1
		opens := c >> 1 & 1 // 1 for { and [, 0 for } and ]
		wrong := (isObject ^ object) &^ opens
		if depth == 0 && (l.base+int(at) != lineStart || isObject&opens == 0) {
			wrong = 1 // a line is one object
		}
		depth += int(opens<<1) - 1
		if wrong != 0 || depth > l.limit {
			l.refuse(l.base + int(at))
			break
		}
		was := object
		if object = uint64(b.stack[depth&1023]); opens != 0 {
			object = isObject
		}
		b.stack[depth&1023] = uint8(object)
		behind := at + 1
		b.toggles[behind>>6] ^= (was ^ object) << (behind & 63)
	}
	b.depths[b.numEvents] = uint16(depth)
	b.depth, b.numLines, b.nextLine = depth, lines, 0
}
