package durable

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Anomaly is the leftover as reports carry it.
func (l Leftover) Anomaly() record.Anomaly {
	reason := "a rewrite was killed and left this file; the next repair or compact finishes or undoes it"
	if l.Kind == "producer" {
		reason = "the producer's own rewrite was killed and left this file; the log itself is whole"
	}
	return record.Anomaly{Type: record.InterruptedRewrite, Path: l.Path, Length: l.Size, ErrorOffset: -1, Reason: reason}
}

// Interrupted is Leftovers less those of a rewrite that is running now: what it
// returns was left by a run that is dead. To tell, it takes the log's lock for
// a moment, but only if there are leftovers of our own.
func Interrupted(path string) ([]Leftover, error) { return interrupted(OS(), path) }

// Beside adds what killed rewrites left beside a log to the findings on it, of
// which at most so many are listed.
func Beside(res *survey.Result, most int) {
	leftovers, err := Interrupted(res.Path)
	if err != nil {
		res.Failure, res.Healthy = fmt.Sprintf("look for interrupted rewrites: %v", err), false
		return
	}
	for _, l := range leftovers {
		res.Add(l.Anomaly(), most)
	}
}

func interrupted(fsys FS, path string) ([]Leftover, error) {
	found, err := leftovers(fsys, path)
	if err != nil || !anyOwn(found) {
		return found, err
	}
	target, err := fsys.Resolve(path)
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil // no log, no run
	}
	if err != nil {
		return nil, err
	}
	f, _, err := tryLock(fsys, target)
	switch {
	case errors.Is(err, ErrBusy):
		return onlyProducers(found), nil
	case err != nil:
		return nil, err
	}
	// While the lock is held nobody rewrites: what is there now is dead.
	found, err = leftovers(fsys, path)
	return found, errors.Join(err, f.Close())
}

func anyOwn(found []Leftover) bool { return len(onlyProducers(found)) < len(found) }

func onlyProducers(found []Leftover) []Leftover {
	var theirs []Leftover
	for _, l := range found {
		if l.Kind == "producer" {
			theirs = append(theirs, l)
		}
	}
	return theirs
}
