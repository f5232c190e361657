package explain

import (
	"bytes"

	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// look is the visitor that finds the line and its neighbours. It keeps no more
// of a line than can be shown, however long that is.
type look struct {
	at   place
	o    mend.Options
	skew float64

	before, line, after *line
	lines, bytes        int64
	last                float64 // time of the last dated record
	dated               bool
	long                *line // a line that comes in pieces

	// What a repair makes of the line: at most one piece more than is shown.
	action *mend.Action
	pieces []mend.Piece
}

// line is what is kept of one.
type line struct {
	Line, Offset, Length int64
	record.Verdict
	reason string
	head   []byte // the beginning
	// around are the bytes around mark, the place of the fault or the byte that
	// was asked for; at is where in them that is, or -1.
	around []byte
	at     int
	mark   int64 // in the log, or -1
}

// shown is how many bytes are kept on either side of a place: no terminal has
// more columns.
const shown = 4 << 10

// part tells whether and where a block has a fault, and its last time.
type part struct {
	faulty, dated bool
	last          float64
}

func (p *part) Reset() { *p = part{} }

func (p *part) Line(l *stream.Line) {
	p.faulty = p.faulty || l.Result.Faults != 0
	if l.Result.IsRecord() && l.Result.HasTimestamp {
		p.last, p.dated = l.Result.Timestamp, true
	}
}

func (l *look) NewPart() stream.Part { return &part{} }

// Fold takes a block in. The line behind the one that is looked for ends the
// walk, once it is known what becomes of that: with those behind it, it may be
// one record.
func (l *look) Fold(b *stream.Block, sp stream.Part) error {
	p := sp.(*part)
	if l.after == nil {
		switch {
		case b.Piece:
			l.piece(b)
		case l.line != nil || l.hits(b, p):
			l.block(b)
		case len(b.Data) > 0:
			// Of other blocks, the last line may be the one before.
			text := bytes.TrimSuffix(b.Data, []byte("\n"))
			from := bytes.LastIndexByte(text, '\n') + 1
			l.before = keep(l.before, b, from, len(text), b.Line+b.Lines)
		}
	}
	if p.dated {
		l.last, l.dated = p.last, true
	}
	l.lines, l.bytes = b.Line+b.Lines, b.Start+b.Length
	if l.after != nil && (l.line.IsRecord() || l.action != nil) {
		return stream.ErrEnough
	}
	return nil
}

// hits reports whether a block holds the line that is looked for.
func (l *look) hits(b *stream.Block, p *part) bool {
	switch {
	case l.at.line > 0:
		return l.at.line <= b.Line+b.Lines
	case l.at.offset >= 0:
		return l.at.offset < b.Start+b.Length
	}
	return p.faulty
}

// is reports whether a line is the one.
func (l *look) is(n, offset, end int64, faults record.Set) bool {
	switch {
	case l.at.line > 0:
		return n == l.at.line
	case l.at.offset >= 0:
		return offset <= l.at.offset && l.at.offset < end
	}
	return faults != 0
}

// block looks at the lines of a block one by one. The check is done once more:
// that it was done on some core before is of no use here, where one line
// counts.
func (l *look) block(b *stream.Block) {
	n := b.Line
	for from := 0; from < len(b.Data) && l.after == nil; n++ {
		end := len(b.Data)
		if i := bytes.IndexByte(b.Data[from:], '\n'); i >= 0 {
			end = from + i + 1
		}
		text, pos := bytes.TrimSuffix(b.Data[from:end], []byte("\n")), record.Position(0)
		if b.Start == 0 && from == 0 {
			pos |= record.First
		}
		if len(text) == end-from {
			pos |= record.Unterminated
		}
		r := l.o.Checker.Check(text, pos)
		v := r.Verdict
		if r.IsRecord() && r.HasTimestamp {
			if l.dated && r.Timestamp < l.last-l.skew {
				v = v.With(record.TimestampRegression)
			}
			l.last, l.dated = r.Timestamp, true
		}
		to := from + len(text)
		switch {
		case l.line != nil:
			l.after = keep(nil, b, from, to, n+1)
		case l.is(n+1, b.Offset(from), b.Offset(end), v.Faults):
			l.line = keep(nil, b, from, to, n+1)
			l.line.Verdict, l.line.reason = v, l.o.Checker.Explain(v, text)
			if v.At >= 0 {
				l.line.show(text, int(v.At), b.Offset(from+int(v.At)))
			} else if at := l.at.offset; at >= 0 {
				l.line.show(text, int(min(at-l.line.Offset, int64(len(text)))), at)
			}
		default:
			l.before = keep(l.before, b, from, to, n+1)
		}
		from = end
	}
}

// keep keeps the line that is from and to in a block, in the memory of old if
// there is one.
func keep(old *line, b *stream.Block, from, to int, n int64) *line {
	if old == nil {
		old = &line{}
	}
	head := append(old.head[:0], b.Data[from:min(to, from+shown)]...)
	start := b.Offset(from)
	*old = line{Line: n, Offset: start, Length: b.Offset(to) - start, head: head, around: head, at: -1, mark: -1}
	return old
}

// show keeps what is around a byte of the line.
func (o *line) show(text []byte, at int, mark int64) {
	from := max(0, at-shown)
	o.around, o.at, o.mark = bytes.Clone(text[from:min(len(text), at+shown)]), at-from, mark
}

// piece takes in a piece of a line that is too long to be held.
func (l *look) piece(b *stream.Block) {
	if !b.Continues {
		l.long = keep(nil, b, 0, len(b.Data), b.Line+1)
		l.long.Length = 0
	}
	o := l.long
	o.Length += b.Length
	if at := l.at.offset; at >= b.Start && at < b.Start+b.Length && len(b.Data) > 0 {
		o.show(b.Data, int(min(at-b.Start, int64(len(b.Data)))), at)
	}
	if b.Lines == 0 {
		return
	}
	end := o.Offset + o.Length
	pos := record.Unterminated
	if b.Terminated {
		o.Length--
		pos = 0
	}
	o.Verdict = l.o.Checker.Oversized(pos).Verdict
	o.reason = l.o.Checker.Explain(o.Verdict, nil)
	drop := mend.Piece{Fate: mend.Drop, Offset: o.Offset, Length: end - o.Offset, Text: o.head}
	switch {
	case l.line != nil:
		l.after = o
	case l.is(o.Line, o.Offset, end, o.Faults):
		l.line, l.action, l.pieces = o, new(mend.Dropped), []mend.Piece{drop}
	default:
		l.before = o
	}
}

// change takes in what becomes of the line.
func (l *look) change(c mend.Change) error {
	if l.line == nil || c.Line != l.line.Line || c.Type == record.OversizedLine {
		return nil
	}
	if l.action == nil || *l.action == mend.Dropped { // a mark at the start may be dropped besides
		l.action = &c.Action
	}
	if c.Type == record.SplitRecord { // what no line tells by itself
		l.line.Verdict, l.line.reason, l.line.at = record.Verdict{At: -1}.With(c.Type), c.Reason, -1
	}
	for p := range c.Pieces {
		if len(l.pieces) > report.MaxPieces {
			break
		}
		if p.Text != nil {
			p.Text = bytes.Clone(p.Text[:min(len(p.Text), shown)])
		}
		l.pieces = append(l.pieces, p)
	}
	return nil
}
