package report

import (
	"maps"
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
)

// tally is how many there are of something.
type tally struct {
	name string
	n    int64
}

// byType returns the counts in the order in which the types decide, names that
// are no type last.
func byType(counts map[string]int64) (all []tally) {
	var names []string
	for _, t := range record.Types() {
		names = append(names, t.String())
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if n := counts[name]; n != 0 {
			all = append(all, tally{name, n})
		}
	}
	return all
}
