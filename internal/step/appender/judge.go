package appender

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"encoding/json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// judge decides whether a line may go to the log, and completes it where that
// was asked for.
type judge struct {
	checker *record.Checker
	kind    filler
	time    filler
	insert  []byte // scratch
}

// filler fills in a member.
type filler struct {
	fault record.Type  // of a record that must have it and does not
	find  *pick.Finder // nil: it is not filled in
	key   []byte       // `"kind": `
	value func(dst []byte) []byte
}

// refusal says what is wrong with a line.
type refusal struct {
	fault  record.Type
	reason string // may quote the log
}

func newJudge(c *record.Checker, kind string, now func() time.Time) (j *judge, err error) {
	j = &judge{checker: c}
	p := c.Profile()
	j.kind.fault, j.time.fault = record.MissingKind, record.MissingTimestamp
	if kind != "" {
		literal := []byte(kind)
		if !integer(p, kind) {
			if literal, err = json.Marshal(kind); err != nil {
				return nil, fmt.Errorf("encode kind: %w", err)
			}
		}
		err = j.kind.fill("--kind", p.Kind.Field, func(dst []byte) []byte { return append(dst, literal...) })
	}
	if now != nil && err == nil {
		err = j.time.fill("--stamp", p.Time.Field, func(dst []byte) []byte { return p.Time.Format.Append(dst, now()) })
	}
	return j, err
}

// integer reports whether records of the profile write the kind as an integer.
func integer(p *record.Profile, kind string) bool {
	if _, err := strconv.ParseInt(kind, 10, 64); err != nil {
		return false
	}
	return slices.ContainsFunc(p.Kind.Known, func(k record.KindValue) bool { return k.Integer })
}

// fill has the member filled in. What stands within another member can't be:
// nobody knows what else that one should have.
func (f *filler) fill(flag string, field record.Field, value func(dst []byte) []byte) error {
	name := string(field)
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		if strings.Contains(rest, "/") {
			return cli.Usagef("%s fills in members of the record itself, and %s is one within another", flag, name)
		}
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(rest)
	}
	key, err := json.Marshal(name)
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}
	f.find, f.key, f.value = pick.NewFinder(string(field)), append(key, ": "...), value
	return nil
}

// refused are the faults with which a line is not appended: those that a scan
// would call errors, but for a missing newline, which it gets. A blank line is
// no record either.
var refused = record.Where(func(i *record.Info) bool { return i.Severity == record.Error }).
	With(record.BlankLine) &^ (1 << record.MissingNewline)

// line judges a line, given without its newline. insert is valid until the next
// call. A nil insert says that line[start:] may go to the log as it is;
// otherwise the line does once insert stands at the index at, and only if it
// then passes this judgement too: it may have become too long.
func (j *judge) line(line []byte, pos record.Position) (start, at int, insert []byte, bad *refusal) {
	r := j.checker.Check(line, pos)
	faults := r.Faults & refused
	lacks := r.Kind == record.NoKind && j.kind.find != nil || !r.HasTimestamp && j.time.find != nil
	if faults == 0 && !lacks {
		return r.Start, 0, nil, nil
	}
	const completable = record.Set(1<<record.MissingKind | 1<<record.MissingTimestamp)
	if faults&^completable == 0 {
		at, insert, faults = j.missing(line, r)
	}
	if faults != 0 {
		return 0, 0, nil, j.refuse(faults.First(), r, line)
	}
	return r.Start, at, insert, nil
}

// refuse says why a line is refused for one of its faults, which need not be
// the one that decides.
func (j *judge) refuse(fault record.Type, r record.Result, line []byte) *refusal {
	if fault == r.Fault {
		return &refusal{fault, j.checker.Explain(r.Verdict, line)}
	}
	return &refusal{fault, fault.Info().Reason}
}

// missing is what is to be inserted into a record and where, nil for nothing;
// or what the record lacks still: a member that is there, but of the wrong
// type, is not missing, and a second one of the same name would mend nothing.
func (j *judge) missing(line []byte, r record.Result) (at int, insert []byte, left record.Set) {
	insert = j.insert[:0]
	for _, m := range []struct {
		*filler
		lacks bool
	}{{&j.kind, r.Kind == record.NoKind}, {&j.time, !r.HasTimestamp}} {
		switch {
		case !m.lacks:
		case m.find != nil && m.find.Find(line[r.Start:]) == nil:
			insert = append(m.value(append(insert, m.key...)), ", "...)
		case r.Faults.Has(m.fault):
			return 0, nil, left.With(m.fault)
		}
	}
	if len(insert) == 0 {
		return 0, nil, 0
	}
	at = r.Start + bytes.IndexByte(line[r.Start:], '{') + 1
	if rest := bytes.TrimLeft(line[at:], " \t\r\n"); len(rest) > 0 && rest[0] == '}' {
		insert = insert[:len(insert)-2] // the first member of an empty object is followed by nothing
	}
	j.insert = insert
	return at, insert, 0
}
