package stream

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/papyra-tools/papyra/pkg/record"
)

// Set names a log and the files that it was rotated into: PATH is the newest,
// PATH.1 the one before, and so on.
type Set struct {
	// Files are the members in the order in which they were written: the
	// highest number first, PATH last. PATH is there even if it does not exist.
	Files []string
	// Missing are the numbers below the highest one that have no file.
	Missing []int
	// Strange are siblings that look rotated but are no members: PATH.0,
	// PATH.01, or numbers beyond maxFiles-1.
	Strange []string

	path string
}

// Anomalies are what is wrong with the set as a whole.
func (s *Set) Anomalies() []record.Anomaly {
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

// maxMissing bounds Set.Missing: what comes after a wider gap belongs to no log
// of ours.
const maxMissing = 1000

// FindSet looks for the rotated siblings of path. A member may have .gz or .zst
// behind its number. maxFiles is how many files the producer keeps at most,
// path included; 0 means that this is not known. It fails if the directory
// cannot be read.
func FindSet(path string, maxFiles int) (Set, error) {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir)) // "." for no directory
	if err != nil {
		return Set{}, fmt.Errorf("look for rotated files: %w", err)
	}
	set := Set{path: path}
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
	var numbers []int
	for n := range members {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	expect := 1
	for _, n := range numbers {
		for ; expect < n && len(set.Missing) < maxMissing; expect++ {
			set.Missing = append(set.Missing, expect)
		}
		expect = n + 1
	}
	for _, n := range slices.Backward(numbers) {
		set.Files = append(set.Files, members[n])
	}
	set.Files = append(set.Files, path)
	return set, nil
}

// rotations is how often a set is opened again that was rotated meanwhile.
const rotations = 5

var errRotated = errors.New("was rotated")

// OpenSet opens a log and what it was rotated into as one log, and says which
// files that is. A rotation while they are opened would hide a file or show it
// twice: then it begins anew. A newest file that does not exist is left out if
// there are others: it was rotated a moment ago, and the producer makes it
// anew. maxFiles is that of FindSet, and errors are those of Open.
//
// If only some of the files cannot be opened, the log is returned together with
// the error: walking it, or its Members one by one, fails where they stand.
func OpenSet(ctx context.Context, path string, maxFiles int) (*Log, Set, error) {
	for range rotations {
		log, set, err := tryOpenSet(ctx, path, maxFiles)
		if !errors.Is(err, errRotated) {
			return log, set, err
		}
	}
	return nil, Set{}, fmt.Errorf("%s: %w again and again while its files were opened", path, errRotated)
}

func tryOpenSet(ctx context.Context, path string, maxFiles int) (*Log, Set, error) {
	set, err := FindSet(path, maxFiles)
	if err != nil {
		return nil, set, err
	}
	log, opened := &Log{name: path}, 0
	var failed []error
	for _, name := range set.Files {
		member, err := Open(ctx, name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != path:
			log.Close()
			return nil, set, errRotated
		case errors.Is(err, fs.ErrNotExist) && len(set.Files) > 1:
			continue
		case err != nil:
			failed = append(failed, err)
			log.members = append(log.members, &source{name: name, err: err})
			continue
		}
		opened++
		member.last().rotated = name != path
		log.members = append(log.members, member.members...)
	}
	again, err := FindSet(path, maxFiles)
	if err == nil && (!slices.Equal(again.Files, set.Files) || log.Verify() != nil) {
		err = errRotated
	}
	if err != nil || opened == 0 {
		log.Close()
		return nil, set, errors.Join(append(failed, err)...)
	}
	return log, set, errors.Join(failed...)
}

// TextSize returns how many bytes of text the log holds. Of a compressed file
// that is known once a walk from its start has come to its end, and 0 before.
func (l *Log) TextSize() (sum int64) {
	for _, s := range l.members {
		if s.plain() {
			sum += s.size
		} else {
			sum += s.length
		}
	}
	return sum
}

// Members returns the files of a log, the oldest first, each as a log of its
// own. They are closed with the whole.
func (l *Log) Members() []*Log {
	var all []*Log
	for _, s := range l.members {
		all = append(all, &Log{name: s.name, members: []*source{s}})
	}
	return all
}
