package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// tiles are the shards of logs among the findings of a merge: where they wait,
// not what they say, so that there may be very many.
type tiles struct {
	logs   map[digest]int32 // by their state, the numbers of
	states []state
	all    []tile // in their order, once they were checked
}

// state is one state of a log.
type state struct {
	path     digest
	at, size int64 // where the shard that was read first waits, and of the log
}

// tile is where the findings on a shard wait in the spool.
type tile struct {
	from, to, at int64
	log          int32
}

// digest stands for a text that may be long.
type digest [16]byte

func digestOf(parts ...any) (d digest) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	copy(d[:], sum[:])
	return d
}

// stateOf is one state of one log, looked at in one way. Shards of different
// ones do not belong together.
func stateOf(f *survey.Result) digest {
	sh := f.Shard
	return digestOf(f.Path, f.SizeBytes, sh.Modified.UnixNano(), sh.Head, sh.Settings, sh.Profile)
}

// add takes one in, and says whether it is the first one of a state.
func (t *tiles) add(f *survey.Result, at int64) bool {
	if t.logs == nil {
		t.logs = map[digest]int32{}
	}
	id := stateOf(f)
	log, known := t.logs[id]
	if !known {
		log = int32(len(t.states))
		t.logs[id] = log
		t.states = append(t.states, state{digestOf(f.Path), at, f.SizeBytes})
	}
	t.all = append(t.all, tile{f.Shard.From, f.Shard.To, at, log})
	return !known
}

// check puts the shards of each log in order and fails unless they cover it,
// all of it once. read returns the findings that wait at a place.
func (t *tiles) check(read func(at int64) (*survey.Result, error)) error {
	first := map[digest]int64{}
	for _, s := range t.states {
		at, twice := first[s.path]
		if !twice {
			first[s.path] = s.at
			continue
		}
		a, err := read(at)
		if err != nil {
			return err
		}
		b, err := read(s.at)
		if err != nil {
			return err
		}
		return fmt.Errorf("the shards of %s are not of one log: %s", a.Path, difference(a, b))
	}
	slices.SortFunc(t.all, func(a, b tile) int {
		return cmp.Or(cmp.Compare(a.log, b.log), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	for rest := t.all; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].log == rest[0].log {
			n++
		}
		if why := cover(rest[:n], t.states[rest[0].log].size); why != "" {
			f, err := read(rest[0].at)
			if err != nil {
				return err
			}
			return fmt.Errorf("%s: %s", f.Path, why)
		}
		rest = rest[n:]
	}
	return nil
}

// cover says why the shards of a log of some size do not cover it, all of it
// once; "" if they do.
func cover(all []tile, size int64) string {
	end := int64(0)
	for _, x := range all {
		if x.from > end {
			return gap(end, x.from)
		}
		if x.from < end || x.from == x.to && size > 0 {
			return fmt.Sprintf("bytes %d to %d are in two reports", x.from, min(end, x.to))
		}
		end = x.to
	}
	switch {
	case end < size:
		return gap(end, size)
	case len(all) > 1 && size == 0:
		return "the empty log is in two reports"
	}
	return ""
}

func gap(from, to int64) string {
	return fmt.Sprintf("bytes %d to %d are in no report", from, to)
}

// of returns the shards of a log if f is on the one of them that was read
// first, and nil if it is on another one.
func (t *tiles) of(f *survey.Result, at int64) []tile {
	log := t.logs[stateOf(f)]
	if at != t.states[log].at {
		return nil
	}
	byLog := func(x tile, log int32) int { return cmp.Compare(x.log, log) }
	from, _ := slices.BinarySearchFunc(t.all, log, byLog)
	to, _ := slices.BinarySearchFunc(t.all, log+1, byLog)
	return t.all[from:to]
}

// difference says what tells two states of a log apart.
func difference(one, other *survey.Result) string {
	a, b := one.Shard, other.Shard
	switch {
	case one.SizeBytes != other.SizeBytes:
		return fmt.Sprintf("its size is %d bytes in one report and %d in another", one.SizeBytes, other.SizeBytes)
	case !a.Modified.Equal(b.Modified):
		return fmt.Sprintf("it was last written to at %s by one report and at %s by another",
			a.Modified.Format(time.RFC3339Nano), b.Modified.Format(time.RFC3339Nano))
	case a.Head != b.Head:
		return "it begins differently"
	case a.Profile != b.Profile:
		return fmt.Sprintf("one was taken to be of the profile %s and another of %s", a.Profile, b.Profile)
	}
	return fmt.Sprintf("one was checked with %s and another with %s", a.Settings, b.Settings)
}

// wellFormed checks what a shard says of itself.
func wellFormed(f *survey.Result) error {
	sh := f.Shard
	switch x := sh.First; {
	case len(f.Path)+len(sh.Head)+len(sh.Settings)+len(sh.Profile) > 2*maxText:
		return fmt.Errorf("what tells the log apart is longer than %d bytes", 2*maxText)
	case sh.From < 0 || sh.To < sh.From || sh.To > f.SizeBytes:
		return fmt.Errorf("bytes %d to %d are no part of a log of %d", sh.From, sh.To, f.SizeBytes)
	case x != nil && (x.Before < 0 || x.Before > f.Total()):
		return fmt.Errorf("%d anomalies before the first dated record, but %d in all", x.Before, f.Total())
	case x != nil && x.Instead != nil && f.Counts[x.Instead.Type.String()] < 1:
		return fmt.Errorf("the first dated record is %s, but no record is", x.Instead.Type)
	}
	return nil
}
