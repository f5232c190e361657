package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// finds are the keys of a window that have the length of a wanted one.
type finds struct {
	// places are where their closing quotes are, in order, in the text. A word
	// that is as it should be has 16 keys at most; list writes some more.
	places      [16*maxWords + 64 + 2]int
	count, next int

	// keys are the closing quotes of the wanted keys of the line at hand, 0 for
	// those that have not been seen.
	keys  [MaxFields]int
	twice bool
}

func (f *finds) reset() {
	f.count, f.next = 0, 0
	f.keys, f.twice = [MaxFields]int{}, false
}

// list appends the places of the bits of m, two at a time.
func (f *finds) list(m uint64, base, n int) int {
	count := bits.OnesCount64(m)
	for i := n; ; i += 2 {
		f.places[i] = base + bits.TrailingZeros64(m)
		m &= m - 1
		f.places[i+1] = base + bits.TrailingZeros64(m)
		if m &= m - 1; m == 0 {
			return n + count
		}
	}
}

// collect looks for the wanted keys among those of the line at hand that end
// before end.
func (l *Lines) collect(end int) {
	f := &l.found
	for ; f.next < f.count && f.places[f.next] < end; f.next++ {
		at := f.places[f.next]
		before := eightBefore(l.text, at)
		for n, t := range l.fields.tails {
			if (before^t.want)&t.mask == 0 {
				l.find(n, at)
			}
		}
	}
}

// find takes in that field n may be the member whose key ends with the quote at
// i: it looks at what the tail does not tell.
func (l *Lines) find(n, i int) {
	name := l.fields.paths[n][0]
	start := i - len(name)
	if start <= l.start || l.text[start-1] != '"' || string(l.text[start:i]) != name || l.depthAt(i) != 1 {
		return
	}
	if l.found.keys[n] != 0 {
		l.found.twice = true
	}
	l.found.keys[n] = i
}

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

// depthAt returns how deep the byte at i is nested, outside of a bracket.
func (l *Lines) depthAt(i int) int {
	i -= l.base
	w := &l.words[i>>6]
	before := (w.open | w.shut | w.newline) & (1<<(i&63) - 1)
	n := int(l.eventsBefore[i>>6]) + bits.OnesCount64(before)
	if n == l.numEvents {
		return l.depth
	}
	return int(l.depths[n])
}

// take reports on the line at hand, which is healthy and ends at end.
func (l *Lines) take(end int, r *Result) bool {
	l.collect(end)
	f := &l.found
	for n := range l.fields.paths {
		at := f.keys[n]
		f.keys[n] = 0
		if at == 0 {
			r.Fields[n] = Field{}
			continue
		}
		start := at + 2
		if l.text[start] == ' ' {
			start++
		}
		r.Fields[n] = Field{Start: start - l.start, End: l.valueEnd(start) - l.start, Count: 1}
	}
	r.Object = true
	twice := f.twice
	f.twice = false
	return !twice
}

// valueEnd returns the index after the value at i of the line at hand, which is
// healthy: of an object or array, after its opening bracket.
func (l *Lines) valueEnd(i int) int {
	text := l.text
	if c := text[i]; c == '{' || c == '[' {
		return i + 1
	}
	if at := i - l.base; at >= 0 {
		// A comma or closing bracket follows, most often in the same word.
		w := &l.words[at>>6]
		if m := (w.comma | w.shut) >> (at & 63); m != 0 {
			return i + bits.TrailingZeros64(m)
		}
	}
	if text[i] == '"' {
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
