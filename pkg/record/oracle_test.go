package record

import (
	"slices"

	"github.com/papyra-tools/papyra/internal/pick"
)

// finders are another way to tell whether a line is what a profile asks for:
// field by field, each by itself.
type finders struct {
	p          *Profile
	kind, time *pick.Finder
	need       [][]*pick.Finder // of each at least one is there
}

func findersOf(p *Profile) *finders {
	f := &finders{p: p, kind: pick.NewFinder(string(p.Kind.Field)), time: pick.NewFinder(string(p.Time.Field))}
	for _, any := range p.Require {
		var list []*pick.Finder
		for _, field := range any {
			list = append(list, pick.NewFinder(string(field)))
		}
		f.need = append(f.need, list)
	}
	return f
}

// fits reports whether a line, which is a well-formed object, has all that the
// profile asks for.
func (f *finders) fits(line []byte) bool {
	if raw := f.kind.Find(line); raw != nil {
		value := KindValue{Text: string(raw), Integer: true}
		if raw[0] == '"' {
			text, _ := pick.AppendText(nil, raw)
			value = KindValue{Text: string(text)}
		} else if _, _, ok := integerOf(raw); !ok {
			return false
		}
		if len(f.p.Kind.Known) > 0 && !slices.Contains(f.p.Kind.Known, value) {
			return false
		}
	}
	if raw := f.time.Find(line); raw != nil {
		if _, ok := f.p.Time.Seconds(raw); !ok {
			return false
		}
	}
	for _, any := range f.need {
		if !slices.ContainsFunc(any, func(f *pick.Finder) bool { return f.Find(line) != nil }) {
			return false
		}
	}
	return true
}
