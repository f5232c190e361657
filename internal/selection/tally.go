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

// tally counts records by kind.
type tally struct {
	known [record.AllowedKind]policy.Sum
	other map[string]policy.Sum // by the raw JSON of the kind
}

func (t *tally) reset() {
	t.known = [record.AllowedKind]policy.Sum{}
	clear(t.other)
}

// add counts one record, which stands in line.
func (t *tally) add(r *record.Result, line []byte, size int64) {
	one := policy.Sum{Records: 1, Bytes: size}
	if r.Kind < record.AllowedKind {
		t.known[r.Kind] = t.known[r.Kind].Add(one)
		return
	}
	literal := r.KindLiteral(line)
	if s, ok := t.other[string(literal)]; ok {
		t.other[string(literal)] = s.Add(one)
	} else if len(literal) <= maxKindBytes {
		t.addOther(string(literal), one)
	} else {
		t.addOther(moreKindsName, one)
	}
}

func (t *tally) addOther(literal string, s policy.Sum) {
	if t.other == nil {
		t.other = map[string]policy.Sum{}
	}
	if _, ok := t.other[literal]; !ok && len(t.other) >= maxOtherKinds {
		literal = moreKindsName
	}
	t.other[literal] = t.other[literal].Add(s)
}

// merge takes in what another tally counted.
func (t *tally) merge(u *tally) {
	for k := range t.known {
		t.known[k] = t.known[k].Add(u.known[k])
	}
	for literal, s := range u.other {
		t.addOther(literal, s)
	}
}

// kinds returns what was counted, by the name of the kind.
func (t *tally) kinds() map[string]policy.Sum {
	out := map[string]policy.Sum{}
	for k, s := range t.known {
		if s.Records == 0 {
			continue
		}
		name := noKindName
		if record.Kind(k) != record.NoKind {
			name = record.Kind(k).String()
		}
		out[name] = s
	}
	for literal, s := range t.other {
		name := literal
		if text, ok := record.AppendText(nil, []byte(literal)); ok {
			name = string(text)
		}
		out[name] = out[name].Add(s)
	}
	return out
}

// sum returns how much was counted.
func (t *tally) sum() (all policy.Sum) {
	for _, s := range t.known {
		all = all.Add(s)
	}
	for _, s := range t.other {
		all = all.Add(s)
	}
	return all
}
