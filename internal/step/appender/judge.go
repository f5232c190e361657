package appender

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// judge decides whether a line may go to the log, and completes it where that was asked for.
type judge struct {
	checker *record.Checker
	picker  *pick.Picker
	kind    []byte           // `"kind": "event", ` or nil
	now     func() time.Time // nil: timestamps are not filled in
	values  [2][]byte        // scratch
	insert  []byte           // scratch
}

// refusal says what is wrong with a line.
type refusal struct {
	fault  record.Type
	reason string // may quote the log
}

func newJudge(o record.Options, kind string, now func() time.Time) (*judge, error) {
	j := &judge{checker: record.NewChecker(o), picker: pick.New("kind", "timestamp"), now: now}
	if kind != "" {
		text, err := json.Marshal(kind)
		if err != nil {
			return nil, fmt.Errorf("encode kind: %w", err)
		}
		j.kind = append(append([]byte(`"kind": `), text...), ", "...)
	}
	return j, nil
}

// refused are the faults with which a line is not appended: those that a scan would call errors, but for a missing newline, which it
// gets. A blank line is no record either.
var refused = record.Where(func(i *record.Info) bool { return i.Severity == record.Error }).
	With(record.BlankLine) &^ (1 << record.MissingNewline)

// line judges a line, given without its newline. insert is valid until the next call. A nil insert says that line[start:] may go to the log as it is; otherwise the line does
// once insert stands at the index at, and only if it then passes this judgement too: it may have become too long.
func (j *judge) line(line []byte, pos record.Position) (start, at int, insert []byte, bad *refusal) {
	r := j.checker.Check(line, pos)
	faults := r.Faults & refused
	if faults == 0 {
		return r.Start, 0, nil, nil
	}
	const completable = record.Set(1<<record.MissingKind | 1<<record.MissingTimestamp)
	if faults&^completable == 0 {
		at, insert, faults = j.missing(line, r)
	}
	if insert == nil {
		return 0, 0, nil, j.refuse(faults.First(), r, line)
	}
	return r.Start, at, insert, nil
}

// refuse says why a line is refused for one of its faults, which need not be the one that decides.
func (j *judge) refuse(fault record.Type, r record.Result, line []byte) *refusal {
	if fault == r.Fault {
		return &refusal{fault, j.checker.Explain(r.Verdict, line)}
	}
	return &refusal{fault, fault.Info().Reason}
}

// missing is what is to be inserted into a record and where; nil if that would not help, and then left is what it lacks still: a member
// that is there, but of the wrong type, is not missing, and a second one of the same name would mend nothing.
func (j *judge) missing(line []byte, r record.Result) (at int, insert []byte, left record.Set) {
	j.picker.Pick(line[r.Start:], j.values[:])
	insert = j.insert[:0]
	if r.Faults.Has(record.MissingKind) {
		if j.kind == nil || j.values[0] != nil {
			return 0, nil, left.With(record.MissingKind)
		}
		insert = append(insert, j.kind...)
	}
	if r.Faults.Has(record.MissingTimestamp) {
		if j.now == nil || j.values[1] != nil {
			return 0, nil, left.With(record.MissingTimestamp)
		}
		insert = append(insert, `"timestamp": `...)
		now := j.now()
		insert = strconv.AppendFloat(insert, float64(now.UnixMicro())/1e6, 'f', 6, 64)
		insert = append(insert, ", "...)
	}
	at = r.Start + bytes.IndexByte(line[r.Start:], '{') + 1
	if rest := bytes.TrimLeft(line[at:], " \t\r\n"); len(rest) > 0 && rest[0] == '}' {
		insert = insert[:len(insert)-2] // the first member of an empty object is followed by nothing
	}
	j.insert = insert
	return at, insert, 0
}
