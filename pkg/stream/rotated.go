package stream

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/papyra-tools/papyra/pkg/record"
)

// RotatedSet is a log and the files that it was rotated into: PATH is the
// newest, PATH.1 the one before, and so on.
type RotatedSet struct {
	// Files are the members in the order in which they were written: the
	// highest number first, PATH last. PATH is there even if it does not exist.
	Files []string
	// Numbers are those of the rotated files, lowest first.
	Numbers []int
	// Missing are the numbers below the highest one that have no file.
	Missing []int
	// Strange are siblings that look rotated but are no members: PATH.0,
	// PATH.01, or numbers beyond maxFiles-1.
	Strange []string

	path string
}

// Anomalies are what is wrong with the set as a whole.
func (s *RotatedSet) Anomalies() []record.Anomaly {
	var all []record.Anomaly
	for _, n := range s.Missing {
		all = append(all, record.Anomaly{Type: record.RotationGap, Path: fmt.Sprintf("%s.%d", s.path, n), ErrorOffset: -1,
			Reason: "this file of the rotated set is missing"})
	}
	for _, name := range s.Strange {
		all = append(all, record.Anomaly{Type: record.OrphanedRotatedFile, Path: name, ErrorOffset: -1,
			Reason: "this file is outside the rotated set: nobody reads or deletes it"})
	}
	return all
}

// maxMissing bounds RotatedSet.Missing: what comes after a wider gap belongs to
// no log of ours.
const maxMissing = 1000

// Rotated looks for the rotated siblings of path. A member may have .gz or .zst
// behind its number. maxFiles is how many files the producer keeps at most,
// path included; 0 means that this is not known. It fails if the directory
// can't be read.
func Rotated(path string, maxFiles int) (RotatedSet, error) {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir)) // "." for no directory
	if err != nil {
		return RotatedSet{}, fmt.Errorf("look for rotated files: %w", err)
	}
	set := RotatedSet{path: path}
	members := map[int]string{}
	for _, e := range entries {
		suffix, ok := strings.CutPrefix(e.Name(), base+".")
		if !ok || e.IsDir() {
			continue
		}
		digits := strings.TrimSuffix(strings.TrimSuffix(suffix, ".gz"), ".zst")
		n, err := strconv.Atoi(digits)
		if err != nil || digits[0] < '0' || digits[0] > '9' {
			continue
		}
		name := dir + e.Name()
		if n < 1 || strconv.Itoa(n) != digits || maxFiles > 0 && n >= maxFiles || members[n] != "" {
			set.Strange = append(set.Strange, name)
			continue
		}
		members[n] = name
	}
	for n := range members {
		set.Numbers = append(set.Numbers, n)
	}
	slices.Sort(set.Numbers)
	expect := 1
	for _, n := range set.Numbers {
		for ; expect < n && len(set.Missing) < maxMissing; expect++ {
			set.Missing = append(set.Missing, expect)
		}
		expect = n + 1
	}
	for _, n := range slices.Backward(set.Numbers) {
		set.Files = append(set.Files, members[n])
	}
	set.Files = append(set.Files, path)
	return set, nil
}
