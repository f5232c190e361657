package survey

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/papyra-tools/papyra/internal/jsonscan"
	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// LinksLimit is how much memory the ids of a log take before they wait in a
// temporary file, as much as a [spool.Sorter] holds.
const LinksLimit = spool.SorterLimit

// links is a visitor that finds ids which come twice, and references to ids
// that are not in the log, however many there are: what it notes of each is of
// one size, is sorted, and waits in a file beyond the limit. Ids are told apart
// by 128 bits of a hash that nobody can foresee.
type links struct {
	check      *record.Checker
	id, refers *pick.Finder
	seeds      [2]maphash.Seed
	noted      spool.Sorter
	findings   spool.Sorter // by line
}

func newLinks(c *record.Checker, limit int64) *links {
	p := c.Profile()
	const what = "the ids of a log"
	limit = cmp.Or(limit, LinksLimit)
	return &links{check: c, id: pick.NewFinder(string(p.ID)), refers: pick.NewFinder(string(p.Refers)),
		seeds:    [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		noted:    spool.Sorter{Limit: limit - limit/8, What: what},
		findings: spool.Sorter{Limit: limit / 8, What: what}}
}

// The parts of a note, in the order by which notes are sorted: what belongs
// together stands together, ids before references, each in the order of the
// log.
const (
	noteHash   = 0
	noteKind   = noteHash + 16 // 0 for an id, 1 for a reference
	noteLine   = noteKind + 1
	noteOffset = noteLine + 8
	noteLength = noteOffset + 8
	noteSize   = noteLength + 8
)

type note [noteSize]byte

func number(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

func (n *note) put(at int, v int64) { binary.BigEndian.PutUint64(n[at:], uint64(v)) }

// linksPart is what the lines of one block say; of the line they know only how
// many of the block come before it.
type linksPart struct {
	l     *links
	notes []note
}

func (l *links) NewPart() stream.Part { return &linksPart{l: l} }

func (p *linksPart) Reset() { p.notes = p.notes[:0] }

// Line takes in a record, or the records that could be saved from a damaged
// line.
func (p *linksPart) Line(l *stream.Line) {
	if l.Result.IsRecord() {
		p.record(l, l.Text[l.Result.Start:])
		return
	}
	for _, s := range p.l.check.Salvage(l.Text, l.Pos) {
		p.record(l, l.Text[s.Start:s.End])
	}
}

func (p *linksPart) record(l *stream.Line, text []byte) {
	for kind, field := range []*pick.Finder{p.l.id, p.l.refers} {
		value := field.Find(text)
		if value == nil || value[0] == 'n' { // null
			continue
		}
		if bytes.IndexByte(value, '\\') >= 0 {
			value = jsonscan.Unescape(nil, value)
		}
		var n note
		n.put(noteHash, int64(maphash.Bytes(p.l.seeds[0], value)))
		n.put(noteHash+8, int64(maphash.Bytes(p.l.seeds[1], value)))
		n[noteKind] = byte(kind)
		n.put(noteLine, int64(l.Index))
		n.put(noteOffset, l.Offset)
		n.put(noteLength, l.Length)
		p.notes = append(p.notes, n)
	}
}

func (l *links) Fold(b *stream.Block, sp stream.Part) error {
	notes := sp.(*linksPart).notes
	for i := range notes {
		n := &notes[i]
		n.put(noteLine, b.Line+number(n[noteLine:])+1)
		if err := l.noted.Add(n[:]); err != nil {
			return err
		}
	}
	return nil
}

// report adds what is wrong with the links to the result on the log, in which
// anomalies stand in the order of the lines.
func (l *links) report(r *Result, max int) error {
	var of, last note // the id that came first of those that are equal
	known := false
	for text, err := range l.noted.Sorted {
		if err != nil {
			return err
		}
		n := note(text)
		if !bytes.Equal(n[:noteKind], last[:noteKind]) {
			of, known = n, n[noteKind] == 0
		} else if n[noteKind] == 0 {
			n[noteKind] = byte(record.DuplicateID)
		}
		if last = note(text); n[noteKind] == 0 || n[noteKind] == 1 && known {
			continue
		}
		if n[noteKind] == 1 {
			n[noteKind] = byte(record.BrokenLink)
		}
		n.put(noteHash, number(of[noteLine:]))
		finding := slices.Concat(n[noteLine:], n[noteKind:noteLine], n[:noteKind])
		if err := l.findings.Add(finding); err != nil {
			return err
		}
	}
	before := len(r.Anomalies)
	for f, err := range l.findings.Sorted {
		if err != nil {
			return err
		}
		a := record.Anomaly{Type: record.Type(f[24]), Path: r.Path, Line: number(f), Offset: number(f[8:]), Length: number(f[16:]), ErrorOffset: -1}
		if a.Reason = a.Type.Info().Reason; a.Type == record.DuplicateID {
			a.Reason = fmt.Sprintf("the id is that of line %d", number(f[25:]))
		}
		r.Add(a, max)
	}
	if len(r.Anomalies) > before {
		slices.SortStableFunc(r.Anomalies, func(a, b record.Anomaly) int { return cmp.Compare(a.Line, b.Line) })
	}
	return nil
}

// Close lets go of what was noted.
func (l *links) Close() error {
	return cmp.Or(l.noted.Close(), l.findings.Close())
}
