package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// finds are the wanted members of a window.
type finds struct {
	// places are where the closing quotes of keys are that have the length of a
	// wanted one, in order. A word that is as it should be has 16 keys at most;
	// list writes some more.
	places [16*maxWords + 64 + 2]uint16
	count  int

	// keys are where the closing quotes of each field's keys are, in order;
	// next is how many of them belong to lines that were reported on, of
	// counts.
	keys   [MaxFields][16*maxWords + 1]uint16
	counts [MaxFields]int
	next   [MaxFields]int

	// earlier is, for each field, where the closing quote of its key is in the
	// text if the line at hand has it before the window; else 0. twice says
	// that there was more than one.
	earlier [MaxFields]int
	twice   bool
}

func (f *finds) reset() {
	f.count = 0
	f.counts, f.next, f.earlier = [MaxFields]int{}, [MaxFields]int{}, [MaxFields]int{}
	f.twice = false
}

// list appends the places of the bits of m, two at a time.
func (f *finds) list(m uint64, base uint16) {
	i := f.count
	f.count += bits.OnesCount64(m)
	for {
		f.places[i] = base + uint16(bits.TrailingZeros64(m))
		m &= m - 1
		f.places[i+1] = base + uint16(bits.TrailingZeros64(m))
		if m &= m - 1; m == 0 {
			return
		}
		i += 2
	}
}

// locate sorts the keys of the window by field, as far as their last bytes and
// their depth tell. It has no branch that depends on which key comes next.
func (l *Lines) locate() {
	f := &l.found
	f.counts, f.next = [MaxFields]int{}, [MaxFields]int{}
	tails := l.fields.tails
	if sieve := l.fields.sieve; sieve != nil {
		for _, place := range f.places[:f.count] {
			before := eightBefore(l.text, l.base+int(place))
			n := sieve.of[sieve.slot(before)] % MaxFields
			t := &sieve.tails[n]
			f.keys[n][f.counts[n]] = place
			f.counts[n] += isZero((before ^ t.want) & t.mask)
		}
	} else {
		for _, place := range f.places[:f.count] {
			before := eightBefore(l.text, l.base+int(place))
			for n, t := range tails {
				f.keys[n][f.counts[n]] = place
				f.counts[n] += isZero((before ^ t.want) & t.mask)
			}
		}
	}
	for n := range tails {
		count := 0
		for _, place := range f.keys[n][:f.counts[n]] {
			f.keys[n][count] = place
			count += isZero(uint64(l.depthAt(int(place)) ^ 1))
		}
		f.counts[n] = count
	}
}

// isZero is 1 if x is 0, and 0 if not, without a branch.
func isZero(x uint64) int { return int(^(x|-x)>>63) & 1 }

// eightBefore returns the eight bytes before i, the last one highest.
func eightBefore(text []byte, i int) uint64 {
	if i >= 8 {
		return binary.LittleEndian.Uint64(text[i-8:])
	}
	var w uint64
	for _, c := range text[:i] {
		w = w>>8 | uint64(c)<<56
	}
	return w
}

// depthAt returns how deep the byte at i of the window is nested, outside of a
// bracket.
func (l *Lines) depthAt(i int) int {
	w := &l.words[i>>6&(maxWords-1)]
	before := (w.open | w.shut | w.newline) & (1<<(i&63) - 1)
	return int(l.depths[int(l.eventsBefore[i>>6&(maxWords-1)])+bits.OnesCount64(before)])
}

// key returns where the closing quote of field n's key is in the text, for the
// line at hand as far as it goes up to end, or 0.
func (l *Lines) key(n, end int) int {
	f := &l.found
	at := f.earlier[n]
	f.earlier[n] = 0
	for f.next[n] < f.counts[n] {
		place := l.base + int(f.keys[n][f.next[n]])
		if place >= end {
			break
		}
		f.twice = f.twice || at != 0
		at = place
		f.next[n]++
	}
	return at
}

// carryKeys keeps what the line at hand has in this window, before the next.
func (l *Lines) carryKeys() {
	for n := range l.fields.paths {
		l.found.earlier[n] = l.key(n, l.at)
	}
}

// take reports on the line at hand, which is healthy and ends at end.
func (l *Lines) take(end int, r *Result) bool {
	r.Object = true
	ok := true
	for n, path := range l.fields.paths {
		at := l.key(n, end)
		if at == 0 {
			r.Fields[n] = Field{}
			continue
		}
		name := path[0]
		from := at - len(name) // before the line, if the key is a shorter one
		if len(name) > 7 && (from <= l.start || l.text[from-1] != '"' || string(l.text[from:at]) != name) {
			ok = false // the same end only: who knows what it hides
		}
		if n >= l.fields.values && len(path) == 1 {
			r.Fields[n] = Field{Count: 1}
			continue
		}
		start := at + 2
		if l.text[start] == ' ' {
			start++
		}
		if inner := l.fields.inner[n]; inner != nil {
			// What stands behind the object stops the scan, once all is found.
			inner.Scan(l.text[:end], start, l.limit, &l.inner)
			field := l.inner.Fields[0]
			if field.Count > 0 {
				field.Start, field.End = field.Start-l.start, field.End-l.start
			}
			r.Fields[n] = field
			ok = ok && field.Dup == 0
			continue
		}
		r.Fields[n] = Field{Start: start - l.start, End: l.valueEnd(start) - l.start, Count: 1}
	}
	ok = ok && !l.found.twice
	l.found.twice = false
	return ok
}

// valueEnd returns the index after the value at i of the line at hand, which is
// healthy: of an object or array, after its opening bracket.
func (l *Lines) valueEnd(i int) int {
	text := l.text
	if c := text[i]; c == '{' || c == '[' {
		return i + 1
	}
	if at := i - l.base; at >= 0 {
		// A comma or closing bracket follows, most often in the next 64 bytes.
		// Behind the window it is not looked for: the line ends before.
		w, next := &l.words[at>>6&(maxWords-1)], &l.words[(at>>6+1)&(maxWords-1)]
		m := (w.comma|w.shut)>>(at&63) | (next.comma|next.shut)<<1<<(^at&63)
		if m != 0 {
			return i + bits.TrailingZeros64(m)
		}
	}
	if text[i] == '"' {
		return stringEnd(text, i)
	}
	for text[i] != ',' && text[i] != '}' {
		i++
	}
	return i
}

// stringEnd returns the index after the string at i, which is healthy.
func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}
