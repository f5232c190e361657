package spool

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// SorterLimit is how much a Sorter holds in memory: 32 MiB.
const SorterLimit = 32 << 20

// MaxSorted is the longest record that a Sorter takes: 64 KiB.
const MaxSorted = 64 << 10

// chunkBytes is the most that a Sorter holds in one piece: where it takes more,
// what it has is not moved, which would take twice the memory for a while.
const chunkBytes = 1 << 20

// Sorter puts records, which are strings of bytes, in the order of their bytes:
// in memory up to a limit, and in sorted runs in a temporary file without a
// name beyond. The zero value holds none. It is not safe for concurrent use.
type Sorter struct {
	Limit int64  // of the memory; 0 means SorterLimit
	Dir   string // for the file; "" is that of the system
	What  string // the content, in an error

	chunks [][]byte
	index  []int32 // where the records of the chunks start
	file   *Spool
	runs   []int64 // where in the file each sorted run ends
}

// Add takes a record in, at most MaxSorted bytes of which nothing is kept.
func (s *Sorter) Add(record []byte) error {
	if len(record) > MaxSorted {
		return fmt.Errorf("sort %s: a record of %d bytes is too long", s.What, len(record))
	}
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+binary.MaxVarintLen32+len(record) > chunkBytes {
		size := min(cmp.Or(s.Limit, SorterLimit), 2<<30-1)
		if last >= 0 && int64(len(s.chunks)+1)*chunkBytes+int64(cap(s.index))*4 > size {
			if err := s.spill(); err != nil {
				return err
			}
		}
		s.chunks = append(s.chunks, nil)
		last = len(s.chunks) - 1
	}
	s.index = append(s.index, int32(last*chunkBytes+len(s.chunks[last])))
	s.chunks[last] = append(binary.AppendUvarint(s.chunks[last], uint64(len(record))), record...)
	return nil
}

// at returns the record that starts at a place of the chunks, and all of it
// with its length in front.
func (s *Sorter) at(i int32) (record, whole []byte) {
	text := s.chunks[i/chunkBytes][i%chunkBytes:]
	n, k := binary.Uvarint(text)
	return text[k : k+int(n)], text[:k+int(n)]
}

func (s *Sorter) sort() {
	slices.SortFunc(s.index, func(a, b int32) int {
		x, _ := s.at(a)
		y, _ := s.at(b)
		return bytes.Compare(x, y)
	})
}

// spill makes a sorted run of what is in memory.
func (s *Sorter) spill() error {
	if s.file == nil {
		s.file = &Spool{Limit: 1, Dir: s.Dir, What: s.What}
	}
	s.sort()
	for _, i := range s.index {
		_, whole := s.at(i)
		if _, err := s.file.Write(whole); err != nil {
			return err
		}
	}
	s.runs = append(s.runs, s.file.Size())
	s.chunks, s.index = nil, s.index[:0]
	return nil
}

// Sorted yields the records in order, each valid until the next one. It may be
// used again, and Add after it.
func (s *Sorter) Sorted(yield func([]byte, error) bool) {
	if s.file == nil {
		s.sort()
		for _, i := range s.index {
			if record, _ := s.at(i); !yield(record, nil) {
				return
			}
		}
		return
	}
	if err := s.merge(yield); err != nil {
		yield(nil, fmt.Errorf("sort %s: %w", s.What, err))
	}
}

// merge yields the records of all runs; its own error is no yielded one.
func (s *Sorter) merge(yield func([]byte, error) bool) error {
	if len(s.index) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	file, err := s.file.Reader()
	if err != nil {
		return err
	}
	var all runs
	from := int64(0)
	for _, to := range s.runs {
		r := &run{r: bufio.NewReaderSize(io.NewSectionReader(file, from, to-from), max(4<<20/len(s.runs), 4<<10))}
		from = to
		if err := r.next(); err != nil {
			return err
		}
		all = append(all, r)
	}
	heap.Init(&all)
	for len(all) > 0 {
		if !yield(all[0].record, nil) {
			return nil
		}
		switch err := all[0].next(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&all)
		case err != nil:
			return err
		default:
			heap.Fix(&all, 0)
		}
	}
	return nil
}

// Close lets go of all that is held.
func (s *Sorter) Close() error {
	f := s.file
	s.chunks, s.index, s.runs, s.file = nil, nil, nil, nil
	if f == nil {
		return nil
	}
	return f.Close()
}

// run is one sorted run, and its first record that was not yielded yet.
type run struct {
	r      *bufio.Reader
	record []byte
}

func (r *run) next() error {
	n, err := binary.ReadUvarint(r.r)
	if err != nil {
		return err
	}
	if n > MaxSorted {
		return io.ErrUnexpectedEOF
	}
	r.record = slices.Grow(r.record[:0], int(n))[:n]
	if _, err := io.ReadFull(r.r, r.record); err != nil {
		return fmt.Errorf("read a record of %d bytes: %w", n, io.ErrUnexpectedEOF)
	}
	return nil
}

// runs is a heap of them.
type runs []*run

func (r runs) Len() int           { return len(r) }
func (r runs) Less(i, j int) bool { return bytes.Compare(r[i].record, r[j].record) < 0 }
func (r runs) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *runs) Push(x any)        { *r = append(*r, x.(*run)) }
func (r *runs) Pop() any {
	old := *r
	last := old[len(old)-1]
	*r = old[:len(old)-1]
	return last
}
