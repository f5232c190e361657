package record

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// rules are a profile made ready for the check. Papyra's own records are
// checked without any.
type rules struct {
	profile *Profile
	fields  *jsonscan.Fields
	// kind and time are where these stand among the fields; -1 for nowhere.
	kind, time         int
	needKind, needTime bool
	// need are the fields that a record must have besides kind and time: at
	// least one of each set, which has one bit a field.
	need  []uint8
	known []knownKind
	// slots are where to look first for a known kind, from 1 on; see slot.
	slots [1 << slotBits]uint8
}

const slotBits = 6

// knownKind is a kind as it stands in a record: without its quotes, if it is a
// string.
type knownKind struct {
	text    []byte
	word    uint64 // the text, if it has at most eight bytes; see wordOf
	integer bool
}

func newKnownKind(text string, integer bool) knownKind {
	word, _ := wordOf([]byte("12345678"+text), len(text))
	return knownKind{[]byte(text), word, integer}
}

// wordOf returns the last n bytes of text as a number, which tells them from
// all others without NUL bytes, if there are at most eight and text is as long.
func wordOf(text []byte, n int) (uint64, bool) {
	if n > 8 || len(text) < 8 {
		return 0, false
	}
	return binary.LittleEndian.Uint64(text[len(text)-8:]) >> (64 - 8*n), true
}

// newRules compiles a profile. It fails on one that no record could be checked
// by, which ParseProfile returns none of.
func newRules(p *Profile, allow []string) (*rules, error) {
	r := &rules{profile: p, kind: -1, time: -1}
	var names []string
	place := func(f Field) int {
		i := slices.Index(names, string(f))
		if i < 0 {
			i = len(names)
			names = append(names, string(f))
		}
		return i
	}
	if p.HasKind() {
		r.kind = place(p.Kind.Field)
	}
	if p.HasTime() {
		r.time = place(p.Time.Field)
	}
	values := len(names)
	for _, any := range p.Require {
		if len(any) == 1 && p.HasKind() && any[0] == p.Kind.Field {
			r.needKind = true
			continue
		}
		if len(any) == 1 && p.HasTime() && any[0] == p.Time.Field {
			r.needTime = true
			continue
		}
		set := uint8(0)
		for _, f := range any {
			set |= 1 << place(f)
		}
		r.need = append(r.need, set)
	}
	if len(names) > jsonscan.MaxFields {
		return nil, fmt.Errorf("kind, time and require name %d fields, at most %d are allowed", len(names), jsonscan.MaxFields)
	}
	var err error
	if r.fields, err = jsonscan.Compile(names...); err != nil {
		return nil, err
	}
	r.fields = r.fields.Values(values)
	for _, k := range p.Kind.Known {
		r.known = append(r.known, newKnownKind(k.Text, k.Integer))
	}
	if len(r.known) > 0 {
		for _, k := range allow {
			r.known = append(r.known, newKnownKind(k, false))
			if _, _, ok := integerOf([]byte(k)); ok {
				r.known = append(r.known, newKnownKind(k, true))
			}
		}
	}
	for i, k := range r.known[:min(len(r.known), manyKinds-1)] {
		if at := &r.slots[slot(k.word)]; *at == 0 && len(k.text) <= 8 {
			*at = uint8(i + 1)
		}
	}
	return r, nil
}

// loose reports whether a record needs nothing, so that any object inside of
// one could be one.
func (u *rules) loose() bool { return u != nil && !u.needKind && !u.needTime && len(u.need) == 0 }

// read reads kind and time of the object in line, and sees whether it has what
// it needs.
func (u *rules) read(r *Result, line []byte, s *jsonscan.Result, kind, time *jsonscan.Field, m *minute, j *judgement) {
	u.readKind(r, line, kind, j)
	u.readTime(r, line, time, m, j)
	for i, set := range u.need {
		if !anyOf(set, s) {
			j.found = j.found.With(MissingField)
			j.why = missingFields + reason(i)
			break
		}
	}
}

func anyOf(set uint8, s *jsonscan.Result) bool {
	for ; set != 0; set &= set - 1 {
		if s.Fields[bits.TrailingZeros8(set)%jsonscan.MaxFields].Count > 0 {
			return true
		}
	}
	return false
}

func (u *rules) readKind(r *Result, line []byte, f *jsonscan.Field, j *judgement) {
	if f.Count == 0 {
		if u.needKind {
			j.found = j.found.With(MissingKind)
		}
		return
	}
	integer, start, end := line[f.Start] != '"', f.Start, f.End
	if !integer {
		start, end = start+1, end-1
	}
	r.kind, r.Kind = placed(f), AllowedKind
	if r.known = u.knows(line[:end], end-start, integer); r.known != 0 {
		return
	}
	text := line[start:end]
	if integer {
		if _, _, ok := integerOf(text); !ok {
			r.kind, r.Kind = place{}, NoKind
			j.found, j.kindWhy = j.found.With(MissingKind), kindNotString
			return
		}
	} else if bytes.IndexByte(text, '\\') >= 0 {
		text = jsonscan.Unescape(nil, text)
		r.known = u.knows(text, len(text), false)
	}
	if len(u.known) > 0 && r.known == 0 {
		r.Kind = OtherKind
		j.found = j.found.With(UnknownKind)
	}
}

// manyKinds stands for all known kinds from the 255th on.
const manyKinds = math.MaxUint8

// knows returns which of the known kinds the last n bytes of text are, from 1
// to manyKinds, and 0 if they are none.
func (u *rules) knows(text []byte, n int, integer bool) uint8 {
	word, ok := wordOf(text, n)
	is := func(k *knownKind) bool {
		return k.integer == integer && len(k.text) == n && (ok && k.word == word || !ok && bytes.Equal(k.text, text[len(text)-n:]))
	}
	if i := u.slots[slot(word)]; i > 0 && is(&u.known[i-1]) {
		return i
	}
	for i := range u.known {
		if is(&u.known[i]) {
			return uint8(min(i+1, manyKinds))
		}
	}
	return 0
}

// slot tells most words apart.
func slot(word uint64) uint64 { return word * 0x9E3779B97F4A7C15 >> (64 - slotBits) }

func (u *rules) readTime(r *Result, line []byte, f *jsonscan.Field, m *minute, j *judgement) {
	if f.Count == 0 {
		if u.needTime {
			j.found, j.timeWhy = j.found.With(MissingTimestamp), noTimestamp
		}
		return
	}
	if r.Timestamp, r.HasTimestamp = u.profile.Time.seconds(line[f.Start:f.End], m); !r.HasTimestamp {
		j.found, j.timeWhy = j.found.With(MissingTimestamp), timestampNotNumber
	}
}

// explain says what is wrong in the profile's words, or "" if it has none of
// its own for that.
func (u *rules) explain(v Verdict) string {
	kind, time := strconv.Quote(string(u.profile.Kind.Field)), strconv.Quote(string(u.profile.Time.Field))
	switch {
	case v.Fault == MissingKind && v.why == kindNotString:
		return kind + " is neither a string nor an integer"
	case v.Fault == MissingKind:
		return "the record has no " + kind
	case v.Fault == UnknownKind:
		return kind + " is none of the known values"
	case v.Fault == MissingTimestamp && v.why == noTimestamp:
		return "the record has no " + time
	case v.Fault == MissingTimestamp:
		return time + " is not a time in the format " + u.profile.Time.Format.String()
	case v.Fault == DuplicateKey && v.why == duplicateKind:
		return kind + " stands twice; the last one counts"
	case v.Fault == DuplicateKey:
		return time + " stands twice; the last one counts"
	case v.Fault == MissingField && v.why >= missingFields:
		return "the record has no " + u.needed(int(v.why-missingFields))
	}
	return ""
}

// needed names the fields of the i-th need.
func (u *rules) needed(i int) string {
	for _, any := range u.profile.Require {
		if len(any) == 1 && (any[0] == u.profile.Kind.Field || any[0] == u.profile.Time.Field) {
			continue
		}
		if i--; i < 0 {
			text := ""
			for n, f := range any {
				if n > 0 {
					text += " or "
				}
				text += strconv.Quote(string(f))
			}
			return text
		}
	}
	return "field that is required"
}
