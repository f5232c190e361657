package selection

import (
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

// Names in a tally for what is not counted under a name of its own.
const (
	noKindName    = "(none)"
	moreKindsName = "(more)"
	maxOtherKinds = 64
	maxKindBytes  = 256
)

// Tally counts records by class and kind.
type Tally struct {
	known [broken][record.NumKinds]policy.Sum
	other [broken]map[string]policy.Sum // by the raw JSON of the kind
}

func (t *Tally) reset() {
	for c := range t.known {
		t.known[c] = [record.NumKinds]policy.Sum{}
		clear(t.other[c])
	}
}

func (t *Tally) add(c class, r *record.Result, line []byte, size int64) {
	one := policy.Sum{Records: 1, Bytes: size}
	if r.Kind < record.AllowedKind {
		t.known[c][r.Kind] = t.known[c][r.Kind].Add(one)
		return
	}
	literal := r.KindLiteral(line)
	m := t.other[c]
	if s, ok := m[string(literal)]; ok {
		m[string(literal)] = s.Add(one)
		return
	}
	name := moreKindsName
	if len(m) < maxOtherKinds && len(literal) <= maxKindBytes {
		name = string(literal)
	}
	t.addOther(c, name, one)
}

func (t *Tally) addOther(c class, name string, s policy.Sum) {
	if t.other[c] == nil {
		t.other[c] = map[string]policy.Sum{}
	}
	if _, ok := t.other[c][name]; !ok && len(t.other[c]) > maxOtherKinds {
		name = moreKindsName
	}
	t.other[c][name] = t.other[c][name].Add(s)
}

// merge takes in what another tally counted.
func (t *Tally) merge(u *Tally) {
	for c := range t.known {
		for k := range t.known[c] {
			t.known[c][k] = t.known[c][k].Add(u.known[c][k])
		}
		for name, s := range u.other[c] {
			t.addOther(class(c), name, s)
		}
	}
}

// kinds returns what was counted of a class, by the name of the kind.
func (t *Tally) kinds(c class) map[string]policy.Sum {
	out := map[string]policy.Sum{}
	for k, s := range t.known[c] {
		if s.Records == 0 {
			continue
		}
		name := noKindName
		if record.Kind(k) != record.NoKind {
			name = record.Kind(k).String()
		}
		out[name] = out[name].Add(s)
	}
	for literal, s := range t.other[c] {
		name := literal
		if text, ok := record.AppendText(nil, []byte(literal)); ok {
			name = string(text)
		}
		out[name] = out[name].Add(s)
	}
	return out
}
