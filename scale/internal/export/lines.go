package export

import (
	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// line is one line of a log as an export sees it. What it points to is valid
// until the block that it belongs to has been flushed.
type line struct {
	// text is the line's own bytes, without its newline and a byte order mark.
	// Of damage too long to be held it is the beginning, or nothing.
	text []byte
	// offset is where the line starts in the log, and length how long it is
	// there, both in bytes.
	offset, length int64
	result         record.Result
	// kind is the text of the record's kind, "" if it has none.
	kind string
	// reason says what is wrong with a line that is no record.
	reason string
}

// damaged reports whether the line is no record.
func (l *line) damaged() bool { return !l.result.IsRecord() }

// lines is the visitor that hands on every line but the blank ones, in the order
// of the log.
type lines struct {
	each  func(*line) error
	flush func() error // after the last line of a block
	line  line
}

// part notes the lines of a block.
type part struct{ all []noted }

type noted struct {
	at, n          int
	offset, length int64
	result         record.Result
}

func (*lines) NewPart() stream.Part { return &part{} }

func (p *part) Reset() { p.all = p.all[:0] }

func (p *part) Line(l *stream.Line) {
	if l.Result.Fault != record.BlankLine {
		p.all = append(p.all, noted{l.At, len(l.Text), l.Offset, l.Length, l.Result})
	}
}

func (v *lines) Fold(b *stream.Block, p stream.Part) error {
	for _, n := range p.(*part).all {
		v.line = line{offset: n.offset, length: n.length, result: n.result}
		if !b.Piece {
			v.line.text = b.Data[n.at : n.at+n.n]
		}
		v.name(&v.line)
		if err := v.each(&v.line); err != nil {
			return err
		}
	}
	return v.flush()
}

// name fills in what is said in words, and leaves a byte order mark out.
func (v *lines) name(l *line) {
	r := &l.result
	if l.damaged() {
		l.reason = r.Explain(l.text)
		return
	}
	switch r.Kind {
	case record.NoKind:
	case record.AllowedKind, record.OtherKind:
		literal := r.KindLiteral(l.text)
		if text, ok := pick.AppendText(nil, literal); ok {
			literal = text
		}
		l.kind = string(literal)
	default:
		l.kind = r.Kind.String()
	}
	l.text = l.text[r.Start:]
}
