package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// tiles are the shards of logs among the findings of a merge: where they wait,
// not what they say.
type tiles struct {
	logs  map[tiled]*shards
	order []tiled
}

// tiled is one state of one log, looked at in one way. Shards of different ones
// do not belong together.
type tiled struct {
	path     string
	size     int64
	modified time.Time
	head     string
	settings string
	profile  string
}

// shards are those of one log, and where the first of them waits that was read.
type shards struct {
	all   []tile
	first int64
}

// tile is where the findings on a shard wait in the spool.
type tile struct{ from, to, at, length int64 }

func (t *tiles) add(f *survey.Result, at, length int64) {
	sh := f.Shard
	key := tiled{f.Path, f.SizeBytes, sh.Modified, sh.Head, sh.Settings, sh.Profile}
	if t.logs == nil {
		t.logs = map[tiled]*shards{}
	}
	if t.logs[key] == nil {
		t.logs[key] = &shards{first: at}
		t.order = append(t.order, key)
	}
	t.logs[key].all = append(t.logs[key].all, tile{sh.From, sh.To, at, length})
}

// check puts the shards of each log in order and fails unless they cover it, all
// of it once.
func (t *tiles) check() error {
	byPath := map[string]tiled{}
	for _, key := range t.order {
		all := t.logs[key].all
		slices.SortFunc(all, func(a, b tile) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
		if other, ok := byPath[key.path]; ok {
			return fmt.Errorf("the shards of %s are not of one log: %s", key.path, difference(other, key))
		}
		byPath[key.path] = key
	}
	for _, key := range t.order {
		end := int64(0)
		for _, x := range t.logs[key].all {
			if x.from > end {
				return gap(key.path, end, x.from)
			}
			if x.from < end || x.from == x.to && key.size > 0 {
				return fmt.Errorf("%s: bytes %d to %d are in two reports", key.path, x.from, min(end, x.to))
			}
			end = x.to
		}
		if end < key.size {
			return gap(key.path, end, key.size)
		}
		if len(t.logs[key].all) > 1 && key.size == 0 {
			return fmt.Errorf("%s: the empty log is in two reports", key.path)
		}
	}
	return nil
}

func gap(path string, from, to int64) error {
	return fmt.Errorf("%s: bytes %d to %d are in no report", path, from, to)
}

// difference says what tells two states of a log apart.
func difference(a, b tiled) string {
	switch {
	case a.size != b.size:
		return fmt.Sprintf("its size is %d bytes in one report and %d in another", a.size, b.size)
	case !a.modified.Equal(b.modified):
		return fmt.Sprintf("it was last written to at %s by one report and at %s by another",
			a.modified.Format(time.RFC3339Nano), b.modified.Format(time.RFC3339Nano))
	case a.head != b.head:
		return "it begins differently"
	case a.profile != b.profile:
		return fmt.Sprintf("one was taken to be of the profile %s and another of %s", a.profile, b.profile)
	}
	return fmt.Sprintf("one was checked with %s and another with %s", a.settings, b.settings)
}

// join returns the findings on a log if f is the shard of it that was read
// first, and nil if it is another one.
func (t *tiles) join(f *survey.Result, at int64, read func(at, length int64) (*survey.Result, error), most int) (*survey.Result, error) {
	sh := f.Shard
	log := t.logs[tiled{f.Path, f.SizeBytes, sh.Modified, sh.Head, sh.Settings, sh.Profile}]
	if at != log.first {
		return nil, nil
	}
	var whole *survey.Result
	for _, x := range log.all {
		next, err := read(x.at, x.length)
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole = plain(next)
			continue
		}
		// Join would tell the kinds of any number of shards apart.
		whole.Kinds, next.Kinds = sum(whole.Kinds, next.Kinds, maxKinds), nil
		whole.Join(next, most)
	}
	whole.Whole(most)
	return whole, nil
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
