package record

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Span is a part of a line: line[Start:End].
type Span struct{ Start, End int }

// Salvage returns where whole records stand on a damaged line, in order; none
// if nothing can be saved beyond doubt. pos is the position with which the line
// was checked. Of a line that is one whole record, and so not damaged, it
// returns none.
//
// A line is taken apart from left to right. What starts with a whole record, an
// object that has what its profile asks for, is that record, if what follows is
// the start of another value and not a comma or a bracket, which would follow
// on an object inside another. Anything else is a torn fragment: the next
// record starts within two bytes of where a strict parser refuses it, and
// nowhere else. If several starts fit, and do not give the same records,
// nothing is saved. Neither is a whole object saved that is no record, nor what
// stands beside it. A fragment that merely ends too early has nothing behind
// it, however much an object inside looks like a record. Where the profile asks
// for nothing, no fragment has: only whole objects side by side are saved.
//
// Between NUL bytes, text is salvaged only where one end of it is the start
// or the end of the line: what is cut off on both sides could be the inside of
// another record.
//
// There may be any number of records and fragments on a line, up to 600,000
// together, which is more than there are records in 16 MiB. The cost is linear:
// the line is read at most eight times over. Only a line that was made for it
// takes more, and is given up.
func (c *Checker) Salvage(line []byte, pos Position) []Span {
	if c.exceeds(line) {
		return nil
	}
	start := 0
	if pos&First != 0 && bytes.HasPrefix(line, []byte(byteOrderMark)) {
		start = len(byteOrderMark)
	}
	first := bytes.IndexByte(line, 0)
	if first < 0 {
		spans := slices.Collect(c.dissect(line, start).records())
		if len(spans) == 1 && spans[0] == (Span{start, len(line)}) {
			return nil
		}
		return spans
	}
	spans := slices.Collect(c.dissect(line[:first], start).records())
	last := bytes.LastIndexByte(line, 0) + 1
	return slices.AppendSeq(spans, c.dissect(line, last).records())
}

const (
	// maxStarts bounds the memory, and maxReads the time that a line may take.
	maxStarts = 600_000
	maxReads  = 8
)

// dissection is a line taken apart. Going forward, every place is looked at
// where a record or fragment may start; each knows where the next ones may be.
// Going backward, it is decided for each what is saved from there on. No start
// is looked at twice, and none depends on one before it.
type dissection struct {
	c      *Checker
	text   []byte
	starts []start // in the order of their places
	work   int     // bytes read
}

// start is a place where a record or a torn fragment begins.
type start struct {
	at int32
	// end is where it ends, or where a strict parser refuses it.
	end int32
	// saved is the index of the start of the first record that is saved from
	// here on, or one of the values below.
	saved int32
}

// The values of start.saved that are no index. The first three are for what is
// not decided yet, the others for what is.
const (
	torn      = -1 - iota // a fragment
	whole                 // a record
	nothing               // no record can be saved from here on
	unsound               // a whole object that is no record spoils what is before it
	ambiguous             // so do two starts that fit
)

// dissect takes apart text[from:], which holds no NUL.
func (c *Checker) dissect(text []byte, from int) *dissection {
	d := &dissection{c: c, text: text}
	if from >= len(text) {
		return d
	}
	// Starts that were found and not looked at yet, the next one last. There
	// are few: all starts alive at one place in the text are refused at one of
	// two places, one for each view on which quotes open a string.
	pending := []int32{int32(from)}
	for len(pending) > 0 {
		p := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		s := d.look(int(p))
		d.starts = append(d.starts, s)
		if d.work > maxReads*len(text) || len(d.starts) > maxStarts {
			d.starts = nil
			return d
		}
		for _, k := range d.next(s) {
			i, found := slices.BinarySearchFunc(pending, k, func(a, b int32) int { return cmp.Compare(b, a) })
			if !found {
				pending = slices.Insert(pending, i, k)
			}
		}
	}
	for i := len(d.starts) - 1; i >= 0; i-- {
		d.decide(i)
	}
	return d
}

// look reads one record or fragment.
func (d *dissection) look(p int) start {
	var s jsonscan.Result
	ok := d.c.fields.Scan(d.text, p, d.c.maxDepth, &s)
	end := len(d.text)
	if !ok {
		end = s.At
	}
	d.work += end - p
	at := start{at: int32(p), end: int32(end), saved: torn}
	switch {
	case s.Code == jsonscan.EndsEarly, s.Code == jsonscan.TooDeep, ok && !s.Object:
		at.saved = nothing
	case !ok && d.c.rules.loose() && (s.Code != jsonscan.AfterTop || !s.Object || !d.c.mayFollow(d.text[end])):
		// Whatever object comes next could be the inside of a record.
		at.saved = nothing
	case !ok && (s.Code != jsonscan.AfterTop || !s.Object):
	case !d.c.sound(d.text, &s), !ok && !d.c.mayFollow(d.text[end]):
		at.saved = unsound
	default:
		at.saved = whole
	}
	return at
}

// mayFollow reports whether c may stand behind a whole record. Papyra's
// producer may be torn off in front of any value, of which only the first byte
// is asked; by other profiles it is a record: what else follows comes from a
// splice, and the object before it may be one part of this record and one of
// that.
func (c *Checker) mayFollow(b byte) bool {
	if c.rules != nil {
		return b == '{'
	}
	return startsValue(b)
}

// startsValue reports whether c can be the first byte of a JSON value, or of
// one of Python's additions.
func startsValue(c byte) bool { return c-'0' <= 9 || strings.IndexByte(`{["-tfnNI`, c) >= 0 }

// next returns where what follows on s may start.
func (d *dissection) next(s start) []int32 {
	var found [3]int32
	all := found[:0]
	switch s.saved {
	case whole:
		if int(s.end) < len(d.text) {
			all = append(all, s.end)
		}
	case torn:
		for k := max(s.end-2, s.at+1); k <= s.end && int(k) < len(d.text); k++ {
			if d.text[k] == '{' {
				all = append(all, k)
			}
		}
	}
	return all
}

// decide settles what is saved from the i-th start on, once that is known of
// all starts behind it.
func (d *dissection) decide(i int) {
	s := &d.starts[i]
	switch s.saved {
	case whole:
		s.saved = int32(i)
		if rest := d.savedFrom(s.end); rest == unsound || rest == ambiguous {
			s.saved = rest
		}
	case torn:
		next := d.next(*s)
		s.saved = nothing
		for _, k := range next {
			switch saved := d.savedFrom(k); {
			case saved == ambiguous, saved >= 0 && s.saved >= 0 && saved != s.saved:
				s.saved = ambiguous
				return
			case saved >= 0:
				s.saved = saved
			}
		}
	}
}

// savedFrom returns what is saved from the start at k on.
func (d *dissection) savedFrom(k int32) int32 {
	i, found := slices.BinarySearchFunc(d.starts, k, func(s start, k int32) int { return cmp.Compare(s.at, k) })
	if !found {
		return nothing // the end of the line
	}
	return d.starts[i].saved
}

// records yields where the records are that are saved.
func (d *dissection) records() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		if len(d.starts) == 0 {
			return
		}
		for i := d.starts[0].saved; i >= 0; {
			s := d.starts[i]
			if !yield(Span{int(s.at), int(s.end)}) {
				return
			}
			i = d.savedFrom(s.end)
		}
	}
}

// mixture says what the line is made of; noReason if nothing is saved from it.
func (d *dissection) mixture() reason {
	count, whole := 0, -1
	for s := range d.records() {
		if count++; s.Start == int(d.starts[0].at) || s.Start == whole {
			whole = s.End
		}
	}
	switch {
	case count == 0:
		return noReason
	case whole == len(d.text):
		return severalWhole
	case count == 1:
		return tornAndWhole
	}
	return tornAndSeveral
}

// sound reports whether a scanned value is a record that may be salvaged: an
// object in UTF-8 that has what its profile asks for: Papyra's a known kind and
// a finite timestamp.
func (c *Checker) sound(text []byte, s *jsonscan.Result) bool {
	if !s.Object || s.Notes.Has(jsonscan.InvalidUTF8) {
		return false
	}
	var r Result
	c.judge(&r, text, s, noted(s.Notes), new(minute))
	if c.rules != nil {
		return r.Faults&lacking == 0
	}
	return r.Kind.Known() && r.HasTimestamp
}

// lacking are the faults of a record that is kept, but is not what its profile
// asks for.
var lacking = Set(0).With(MissingKind).With(UnknownKind).With(MissingTimestamp).With(MissingField)
