package report

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// once finds logs that would count twice: two reports of one host on a log of
// one name. The marks that it sorts are each the digest of a log's name and
// host, whether the findings are on a shard of it, and where they wait, so that
// what belongs together is in order together.
type once struct{ marks spool.Sorter }

// onceBytes is how much of the marks is held in memory.
const onceBytes = 4 << 20

// add takes in one log. What came through a pipe has no name, and a report of
// which the host is not known proves nothing.
func (o *once) add(f *survey.Result, at int64) error {
	if f.Path == "-" || f.Host == "" {
		return nil
	}
	d := digestOf(f.Path, f.Host)
	mark := append(d[:], 0)
	if f.Shard != nil {
		mark[len(d)] = 1
	}
	return o.marks.Add(binary.BigEndian.AppendUint64(mark, uint64(at)))
}

// check fails if there is a log that would count twice. read returns the
// findings that wait at a place.
func (o *once) check(read func(at int64) (*survey.Result, error)) error {
	const id = len(digest{})
	var before []byte
	for mark, err := range o.marks.Sorted {
		if err != nil {
			return err
		}
		if before != nil && before[id] == 0 && bytes.Equal(before[:id], mark[:id]) {
			f, err := read(int64(binary.BigEndian.Uint64(mark[id+1:])))
			if err != nil {
				return err
			}
			return fmt.Errorf("%s is in two reports of the host %s (two logs of one name need names that differ, such as full ones)", f.Path, f.Host)
		}
		before = append(before[:0], mark...)
	}
	return nil
}
