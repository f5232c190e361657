// Package profiles tells what the records of a log look like.
package profiles

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/pick"
	"github.com/papyra-tools/papyra/pkg/record"
)

// All returns the profiles that come with the tools. They are read once.
var All = sync.OnceValues(func() ([]*record.Profile, error) {
	var all []*record.Profile
	for _, name := range record.PresetNames() {
		p, err := record.Preset(name)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
})

// Fit is how many lines of a sample a profile fits.
type Fit struct {
	Profile *record.Profile
	Lines   int
}

// Detection is what Detect found out.
type Detection struct {
	// Lines is how many lines were looked at; blank ones are not.
	Lines int
	// Fits are the profiles that were tried, the best one first.
	Fits []Fit
	// Profile is the one that fits, or nil if none does beyond doubt.
	Profile *record.Profile
}

// Detect tells which of the candidates the lines of a sample fit. A profile
// fits if nine lines in ten have all that it requires and is marked by. If
// several do, the one that asks most of a line is the right one; if two of them
// ask the same, none is.
func Detect(sample [][]byte, candidates []*record.Profile) Detection {
	var d Detection
	tests := fitnesses(candidates)
	for _, line := range sample {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		d.Lines++
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
				return weight(f.Profile)
			}
			return 0
		}
		return cmp.Or(cmp.Compare(enough(b), enough(a)), cmp.Compare(b.Lines, a.Lines), cmp.Compare(weight(b.Profile), weight(a.Profile)))
	})
	if len(d.Fits) > 0 && d.enough(d.Fits[0]) && !d.tied() {
		d.Profile = d.Fits[0].Profile
	}
	return d
}

// Tell returns the Profile that Detect finds among All, at a lower cost and
// with no evidence: a profile is tried up to the line with which it no longer
// fits, and only if it asks as much of a line as one that fits. Of such samples
// there are thousands in a tree of logs.
func Tell(sample [][]byte) (*record.Profile, error) {
	tests, err := heaviest()
	if err != nil {
		return nil, err
	}
	var lines [][]byte
	for _, line := range sample {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	var best *record.Profile
	for _, t := range tests {
		switch {
		case best != nil && weight(t.p) < weight(best):
			return best, nil
		case !t.fitsNearly(lines):
		case best != nil:
			return nil, nil // tied
		default:
			best = t.p
		}
	}
	return best, nil
}

// heaviest are the tests of Tell, of what asks most of a line first. None of
// them is changed.
var heaviest = sync.OnceValues(func() (tests []*fitness, err error) {
	all, err := All()
	tests = fitnesses(all)
	slices.SortStableFunc(tests, func(a, b *fitness) int { return cmp.Compare(weight(b.p), weight(a.p)) })
	return tests, err
})

// fitsNearly reports whether nine lines in ten fit, and there is one.
func (f *fitness) fitsNearly(lines [][]byte) bool {
	misses := 0
	for _, line := range lines {
		if !f.fits(line) {
			misses++
		}
		if !enough(len(lines)-misses, len(lines)) {
			return false
		}
	}
	return len(lines) > 0
}

// enough reports whether nine lines in ten fit.
func enough(fit, lines int) bool { return lines > 0 && fit*10 >= lines*9 }

func (d Detection) enough(f Fit) bool { return enough(f.Lines, d.Lines) }

// tied reports whether the two best fit equally well.
func (d Detection) tied() bool {
	return len(d.Fits) > 1 && d.enough(d.Fits[1]) && weight(d.Fits[0].Profile) == weight(d.Fits[1].Profile)
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
	p     *record.Profile
	check *record.Checker
	marks [][]*pick.Finder // of each at least one is there
	lines int
}

// fitnesses are the tests of those profiles that do not fit everything.
func fitnesses(all []*record.Profile) (tests []*fitness) {
	for _, p := range all {
		if weight(p) == 0 {
			continue
		}
		f := &fitness{p: p, check: record.NewChecker(record.Options{Profile: p})}
		for _, any := range p.Marks {
			var finders []*pick.Finder
			for _, field := range any {
				finders = append(finders, pick.NewFinder(string(field)))
			}
			f.marks = append(f.marks, finders)
		}
		tests = append(tests, f)
	}
	return tests
}

// lacking are the faults of a record that is not what its profile asks for.
var lacking = record.Set(0).With(record.MissingKind).With(record.UnknownKind).With(record.MissingTimestamp).With(record.MissingField)

// fits reports whether a line is a record that has all that the profile asks
// for.
func (f *fitness) fits(line []byte) bool {
	if r := f.check.Check(line, 0); !r.IsRecord() || r.Faults&lacking != 0 {
		return false
	}
	for _, any := range f.marks {
		if !slices.ContainsFunc(any, func(f *pick.Finder) bool { return f.Find(line) != nil }) {
			return false
		}
	}
	return true
}

// weight is how much a profile asks of a line that is to fit.
func weight(p *record.Profile) int {
	n := len(p.Marks)
	for _, any := range p.Require {
		if len(any) != 1 || any[0] != p.Kind.Field && any[0] != p.Time.Field {
			n++
		}
	}
	if p.HasKind() {
		n++
	}
	if p.HasTime() {
		n++
	}
	return n
}
