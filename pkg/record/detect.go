package record

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
)

// Fit is how many lines of a sample a profile fits.
type Fit struct {
	Profile *Profile
	Lines   int
}

// Detection is what Detect found out.
type Detection struct {
	// Lines is how many lines were looked at; blank ones are not.
	Lines int
	// Fits are the profiles that were tried, the best one first.
	Fits []Fit
	// Profile is the one that fits, or nil if none does beyond doubt.
	Profile *Profile
}

// Detect tells which of the candidates the lines of a sample fit. A profile
// fits if nine lines in ten have all that it requires and is marked by. If
// several do, the one that asks most of a line is the right one; if two of them
// ask the same, none is.
func Detect(sample [][]byte, candidates []*Profile) Detection {
	var d Detection
	var tests []*fitness
	for _, p := range candidates {
		if p.weight() > 0 { // else it fits everything
			tests = append(tests, newFitness(p))
		}
	}
	wellFormed := NewChecker(Options{})
	for _, line := range sample {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		d.Lines++
		if !wellFormed.Check(line, 0).IsRecord() {
			continue
		}
		for _, t := range tests {
			if t.fits(line) {
				t.lines++
			}
		}
	}
	for _, t := range tests {
		d.Fits = append(d.Fits, Fit{t.p, t.lines})
	}
	slices.SortStableFunc(d.Fits, func(a, b Fit) int {
		enough := func(f Fit) int {
			if d.enough(f) {
				return f.Profile.weight()
			}
			return 0
		}
		return cmp.Or(cmp.Compare(enough(b), enough(a)), cmp.Compare(b.Lines, a.Lines), cmp.Compare(b.Profile.weight(), a.Profile.weight()))
	})
	if len(d.Fits) > 0 && d.enough(d.Fits[0]) && !d.tied() {
		d.Profile = d.Fits[0].Profile
	}
	return d
}

func (d Detection) enough(f Fit) bool { return d.Lines > 0 && f.Lines*10 >= d.Lines*9 }

// tied reports whether the two best fit equally well.
func (d Detection) tied() bool {
	return len(d.Fits) > 1 && d.enough(d.Fits[1]) && d.Fits[0].Profile.weight() == d.Fits[1].Profile.weight()
}

// String says which profile fits, and on what evidence:
//
//	pino: 998 of 1,000 lines fit; next docker 0
func (d Detection) String() string {
	if d.Lines == 0 {
		return "any: there is no line to judge by"
	}
	of := humanize.Comma(int64(d.Lines))
	var b strings.Builder
	switch best := d.Fits[0]; {
	case d.Profile != nil:
		fmt.Fprintf(&b, "%s: %s of %s lines fit", best.Profile.Name, humanize.Comma(int64(best.Lines)), of)
	case d.tied():
		fmt.Fprintf(&b, "any: both %s and %s fit; of %s lines %s do", best.Profile.Name, d.Fits[1].Profile.Name, of, humanize.Comma(int64(best.Lines)))
	case best.Lines == 0:
		return fmt.Sprintf("any: none of %s lines fits a profile", of)
	default:
		fmt.Fprintf(&b, "any: no profile fits nine lines in ten; %s fits %s of %s", best.Profile.Name, humanize.Comma(int64(best.Lines)), of)
	}
	if len(d.Fits) > 1 && !d.tied() {
		fmt.Fprintf(&b, "; next %s %s", d.Fits[1].Profile.Name, humanize.Comma(int64(d.Fits[1].Lines)))
	}
	return b.String()
}

// fitness tries one profile on lines.
type fitness struct {
	p          *Profile
	kind, time *Finder
	all        [][]*Finder // of each at least one is there
	lines      int
}

func newFitness(p *Profile) *fitness {
	f := &fitness{p: p, kind: NewFinder(p.Kind.Field), time: NewFinder(p.Time.Field)}
	for _, list := range [][][]Field{p.Require, p.Marks} {
		for _, any := range list {
			var finders []*Finder
			for _, field := range any {
				finders = append(finders, NewFinder(field))
			}
			f.all = append(f.all, finders)
		}
	}
	return f
}

// fits reports whether a line, which is a well-formed object, has all that the
// profile asks for.
func (f *fitness) fits(line []byte) bool {
	if raw := f.kind.Find(line); raw != nil {
		if valid, known := f.p.Kind.judge(raw); !valid || !known {
			return false
		}
	}
	if raw := f.time.Find(line); raw != nil {
		if _, ok := f.p.Time.Seconds(raw); !ok {
			return false
		}
	}
	for _, any := range f.all {
		if !slices.ContainsFunc(any, func(f *Finder) bool { return f.Find(line) != nil }) {
			return false
		}
	}
	return true
}

// Seconds returns the Unix seconds of a raw time, and whether it is one.
func (r TimeRule) Seconds(raw []byte) (float64, bool) {
	if r.Bare && len(raw) > 0 && raw[0] == '"' {
		return 0, false
	}
	return r.Format.Seconds(raw)
}

// judge reports whether raw, a JSON value, can be a kind at all, and whether it
// is a known one.
func (r KindRule) judge(raw []byte) (valid, known bool) {
	value := KindValue{Text: string(raw), Integer: true}
	if raw[0] == '"' {
		text, _ := AppendText(nil, raw)
		value = KindValue{Text: string(text)}
	} else if _, _, ok := integerOf(raw); !ok {
		return false, false
	}
	return true, len(r.Known) == 0 || slices.Contains(r.Known, value)
}
