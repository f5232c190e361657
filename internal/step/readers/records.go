package readers

import (
	"bytes"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// newRecords returns what puts a record of the profile into a line: its time in
// the given zone, its kind and its message, as far as the profile has them, and
// its top members; the whole record, if it has none of those.
func newRecords(p *record.Profile, zone *time.Location) func(dst, line []byte) []byte {
	f := &form{checker: finder(p)}
	message := pick.NewFinder(string(p.Message))
	var top []named
	for _, field := range p.Top {
		if field != p.Message && field != p.Kind.Field && !slices.ContainsFunc(top, func(n named) bool { return n.field == field }) {
			top = append(top, named{field, append(safetext.Append(nil, []byte(field)), '='), pick.NewFinder(string(field))})
		}
	}
	return func(dst, line []byte) []byte {
		r := f.checker.Check(line, record.First)
		text := line[min(r.Start, len(line)):]
		start, told := len(dst), false
		if p.HasTime() {
			if at, ok := report.Time(r.Timestamp); ok && r.HasTimestamp {
				dst = appendTime(dst, at, zone)
			} else {
				dst = append(dst, '-')
			}
		}
		if p.HasKind() {
			dst = f.value(space(dst, start), r.KindLiteral(line), "-")
		}
		if p.Message != "" {
			if raw := message.Find(text); raw != nil {
				dst, told = f.plain(space(dst, start), raw), true
			}
		}
		for _, n := range top {
			if raw := n.finder.Find(text); raw != nil {
				dst = append(space(dst, start), n.label...)
				dst, told = f.word(dst, raw), true
			}
		}
		if !told {
			dst = f.json(space(dst, start), text)
		}
		return append(dst, '\n')
	}
}

type named struct {
	field  record.Field
	label  []byte
	finder *pick.Finder
}

// space appends what stands between the parts of a line.
func space(dst []byte, start int) []byte {
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	return dst
}

// plain appends the text of a string, without a newline at its end, and
// everything else as it stands.
func (f *form) plain(dst, raw []byte) []byte {
	text, ok := pick.AppendText(f.scratch[:0], raw)
	if !ok {
		return f.json(dst, raw)
	}
	f.scratch = text[:0]
	return safetext.Append(dst, clip(bytes.TrimRight(text, "\r\n")))
}

// word appends the text of a string that is one word, and everything else as it
// stands, so that it is seen where it ends.
func (f *form) word(dst, raw []byte) []byte {
	if len(raw) > 2 && raw[0] == '"' && bytes.IndexAny(raw[1:len(raw)-1], ` "=\`) < 0 {
		return f.plain(dst, raw)
	}
	return f.json(dst, raw)
}

// json appends JSON as it stands.
func (f *form) json(dst, raw []byte) []byte { return safetext.Append(dst, clip(raw)) }
