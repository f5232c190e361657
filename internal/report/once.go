package report

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxMarks is how many marks are compared at a time.
const maxMarks = 1 << 16

// once finds logs that would count twice: two reports of one host on a log of
// one name. It holds a bounded part of the names at a time, however many there
// are.
type once struct {
	marks spool.Spool
	n     int64
}

// mark is the digest of a log's name and host, whether the findings are on a
// shard of it, and where they wait, so that what belongs together is in order
// together.
type mark [25]byte

func (m *mark) whole() bool { return m[16] == 0 }

// add takes in one log. What came through a pipe has no name, and a report of
// which the host is not known proves nothing.
func (o *once) add(f *survey.Result, at int64) error {
	if f.Path == "-" || f.Host == "" {
		return nil
	}
	var m mark
	d := digestOf(f.Path, f.Host)
	copy(m[:], d[:])
	if f.Shard != nil {
		m[16] = 1
	}
	binary.BigEndian.PutUint64(m[17:], uint64(at))
	o.n++
	_, err := o.marks.Write(m[:])
	return err
}

// check fails if there is a log that would count twice. read returns the
// findings that wait at a place.
func (o *once) check(read func(at int64) (*survey.Result, error)) error {
	passes := uint32(1 + o.n/maxMarks)
	var held []mark
	for pass := range passes {
		r, err := o.marks.Reader()
		if err != nil {
			return err
		}
		held = held[:0]
		for r, m := bufio.NewReader(r), (mark{}); ; {
			if _, err := io.ReadFull(r, m[:]); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return err
			}
			if binary.BigEndian.Uint32(m[:])%passes == pass {
				held = append(held, m)
			}
		}
		sort.Slice(held, func(i, j int) bool { return bytes.Compare(held[i][:], held[j][:]) < 0 })
		for i := 1; i < len(held); i++ {
			a, b := &held[i-1], &held[i]
			if !a.whole() || !bytes.Equal(a[:16], b[:16]) {
				continue
			}
			f, err := read(int64(binary.BigEndian.Uint64(b[17:])))
			if err != nil {
				return err
			}
			return fmt.Errorf("%s is in two reports of the host %s (two logs of one name need names that differ, such as full ones)", f.Path, f.Host)
		}
	}
	return nil
}
