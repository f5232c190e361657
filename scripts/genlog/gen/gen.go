// Package gen makes logs like the Python producer's, of any size, with chosen
// damage in known places.
//
// The same Options give the same bytes on every system and with every version
// of Go: the random numbers are PCG's, drawn by this package alone. Lines are
// appended by hand, so that half a gigabyte takes a second or two.
//
// What was damaged is told as it is written, one [Finding] a damaged line, in
// the spelling and with the offsets that reports carry. Tests compare what a
// scan found with these findings, and what a repair left with [Repaired]. The
// package shares no code with the check, so that both cannot be wrong in the
// same way.
package gen

import (
	"cmp"
	"errors"
	"fmt"
	"io"
)

// DefaultStart is the time of the first record where Options name none, in Unix
// seconds.
const DefaultStart = 1710000000

// DefaultSpan is the time from the first record to the last where Options name
// none: thirty days, in seconds.
const DefaultSpan = 30 * 86400

// Options say what to make. Either Lines or Size must be set.
type Options struct {
	// Seed chooses among logs of the same description.
	Seed uint64
	// Lines is how many lines the log has, damaged ones included.
	Lines int64
	// Size ends the log with the line that reaches so many bytes; it counts
	// only if Lines is 0.
	Size int64
	// Long asks for lines of 4 to 5 KB, nested some 40 levels deep, and not for
	// the mix that a producer writes: all kinds, lines of 100 to 600 bytes.
	Long bool
	// Damage says how many lines of each damage, by the names of DamageNames.
	Damage map[string]int
	// MaxLineBytes is the limit that oversized lines are to exceed; 0 means 16
	// MiB.
	MaxLineBytes int
	// Start and End are the times of the first and, about, the last record in
	// Unix seconds. With both 0 the log goes on for Span from DefaultStart; with
	// one of them, for Span from or to it. Span is in seconds; 0 means
	// DefaultSpan.
	Start, End, Span float64
}

// Summary says what was made.
type Summary struct {
	Lines   int64 // newline characters, and the unterminated tail if there is one
	Bytes   int64
	Damaged int64 // lines with a finding
}

// flushAt is how many bytes are gathered before they are written.
const flushAt = 256 << 10

// Generate writes a log to w and hands each damaged line to found, in file
// order. found may be nil. It stops at the first error of w or found and
// returns it wrapped.
func Generate(w io.Writer, o Options, found func(Finding) error) (Summary, error) {
	g, err := newGenerator(o)
	if err != nil {
		return Summary{}, fmt.Errorf("generate log: %w", err)
	}
	if found == nil {
		found = func(Finding) error { return nil }
	}
	for !g.done() {
		f, damaged := g.line()
		if damaged {
			if err := found(f); err != nil {
				return g.sum, fmt.Errorf("tell the truth: %w", err)
			}
		}
		if len(g.buf) >= flushAt {
			if err := g.flush(w); err != nil {
				return g.sum, err
			}
		}
	}
	return g.sum, g.flush(w)
}

type generator struct {
	random
	o    Options
	plan plan
	buf  []byte
	sum  Summary

	ts         int64 // time of the newest record, in microseconds
	start, end int64
	tsAt       span  // where the last record's timestamp value stands in buf
	datedTS    int64 // time of the last undamaged line, or of a regression after it
	fixed      int64 // the time of the next record, if it is not to be the next in order; or 0
}

func newGenerator(o Options) (*generator, error) {
	if o.Lines < 0 || o.Size < 0 || (o.Lines == 0 && o.Size == 0) {
		return nil, errors.New("neither a number of lines nor a size is given")
	}
	if o.MaxLineBytes <= 0 {
		o.MaxLineBytes = 16 << 20
	}
	span := cmp.Or(o.Span, DefaultSpan)
	if o.Start == 0 && o.End != 0 {
		o.Start = o.End - span
	}
	o.Start = cmp.Or(o.Start, DefaultStart)
	o.End = cmp.Or(o.End, o.Start+span)
	if o.End < o.Start {
		return nil, fmt.Errorf("the end %v is before the start %v", o.End, o.Start)
	}
	g := &generator{o: o, random: newRandom(o.Seed)}
	g.start, g.end = int64(o.Start*1e6), int64(o.End*1e6)
	g.ts = g.start - 1
	var err error
	g.plan, err = newPlan(o, &g.random)
	return g, err
}

// done reports whether the log is as long as was asked for and holds all its
// damage.
func (g *generator) done() bool {
	if g.plan.left() > 0 {
		return false
	}
	if g.o.Lines > 0 {
		return g.sum.Lines >= g.o.Lines
	}
	return g.sum.Bytes >= g.o.Size
}

// line appends the next line and returns what is wrong with it, if anything is.
func (g *generator) line() (f Finding, damaged bool) {
	start := len(g.buf)
	d := g.plan.next(g.progress(), g.o.Lines-g.sum.Lines)
	if d == nil {
		g.record()
		g.datedTS = g.ts
		g.buf = append(g.buf, '\n')
	} else {
		f = d.make(g, start)
		f.Line, f.Offset, f.Length = g.sum.Lines+1, g.sum.Bytes, int64(len(g.buf)-start)
		for i := range f.Keep {
			f.Keep[i].Offset += f.Offset
		}
		if !d.tail {
			g.buf = append(g.buf, '\n')
		}
		if d.head {
			g.datedTS = g.ts
		}
		g.sum.Damaged++
	}
	g.sum.Lines++
	g.sum.Bytes += int64(len(g.buf) - start)
	return f, d != nil
}

// progress is how much of the log is there, from 0 to 1.
func (g *generator) progress() float64 {
	switch {
	case g.o.Lines > 0:
		return float64(g.sum.Lines) / float64(g.o.Lines)
	case g.o.Size > 0:
		return float64(g.sum.Bytes) / float64(g.o.Size)
	}
	return 1
}

func (g *generator) flush(w io.Writer) error {
	if _, err := w.Write(g.buf); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	g.buf = g.buf[:0]
	return nil
}
