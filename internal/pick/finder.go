package pick

import "github.com/papyra-tools/papyra/internal/jsonscan"

// Finder finds one field of records, however deep it lies. It is immutable and
// may be used by any number of goroutines at once.
type Finder struct{ steps []*Picker }

// NewFinder returns a finder of the field, a key or a path as record.Field has
// it. One of a field without a name, or with one that is refused there, finds
// nothing.
func NewFinder(field string) *Finder {
	finder := &Finder{}
	if field == "" {
		return finder
	}
	path, err := jsonscan.Split(field)
	if err != nil {
		return finder
	}
	for _, key := range path {
		finder.steps = append(finder.steps, New(key))
	}
	return finder
}

// Find returns the raw JSON value of the field as it stands in line, or nil if
// there is none. It asks of line what Picker.Pick does.
func (f *Finder) Find(line []byte) []byte {
	var out [1][]byte
	for i, step := range f.steps {
		if i > 0 && (len(line) == 0 || line[0] != '{') {
			return nil
		}
		step.Pick(line, out[:])
		if line = out[0]; line == nil {
			return nil
		}
	}
	if len(f.steps) == 0 {
		return nil
	}
	return line
}
