package report

import (
	"iter"
	"slices"
	"sort"

	"github.com/papyra-tools/papyra/pkg/record"
)

// sortedKeys returns names in the order of their bytes, so that equal findings
// give equal reports.
func sortedKeys(names iter.Seq[string]) []string { return slices.Sorted(names) }

// tally is how many there are of something.
type tally struct {
	name string
	n    int64
}

// byType returns the counts in the order in which the types decide, names that
// are no type last.
func byType(counts map[string]int64) []tally {
	all := make([]tally, 0, len(counts))
	rank := make(map[string]int, len(counts))
	for i, t := range record.Types() {
		if n := counts[t.String()]; n != 0 {
			all = append(all, tally{t.String(), n})
		}
		rank[t.String()] = i
	}
	known := len(all)
	for name, n := range counts {
		if _, ok := rank[name]; !ok && n != 0 {
			all = append(all, tally{name, n})
		}
	}
	unknown := all[known:]
	sort.Slice(unknown, func(i, j int) bool { return unknown[i].name < unknown[j].name })
	return all
}
