package selection

import (
	"errors"
	"fmt"
	"os"

	"github.com/papyra-tools/papyra/pkg/stream"
)

const (
	chunkMin = 2*stream.DefaultBlockBytes + 8<<10 // a chunk is about that long, longer in a large store
	chunkMax = 4 << 20
	maxSpare = 4
	spillMin = 64 << 20 // a temporary file is about that long, likewise
)

// store is a queue of bytes in chunks, in memory up to a limit and in unlinked
// temporary files beyond.
type store struct {
	limit  int64 // bytes in memory
	chunk  int64 // the least length of a chunk
	most   int   // what is longer goes to a file at once
	file   int64 // the least length of a file, but for the last one
	dir    string
	chunks []chunk // oldest first, from head on
	head   int
	live   int64  // bytes in chunks
	cur    []byte // the chunk that is being filled
	spare  [][]byte
	files  []*spill // the last one is written to
	buf    []byte   // what was read back
}

// chunk is a piece of the queue.
type chunk struct {
	data []byte // nil if it is in a file
	file *spill
	off  int64
	n    int64
	end  sums // before the line that comes after the chunk
}

// spill is a temporary file that has no name any more, where that is possible.
type spill struct {
	f      *os.File
	size   int64
	chunks int
}

func newStore(o *Options) *store {
	s := &store{limit: o.HoldBytes, dir: o.TempDir}
	if s.limit <= 0 {
		s.limit = DefaultHoldBytes
	}
	s.chunk, s.most, s.file = min(chunkMin, s.limit), int(min(chunkMax, 16*s.limit)), spillMin
	return s
}

// push appends header, text and, if open, a newline to the queue. They come in
// one chunk. What is very long goes to a file at once; after is what seal
// wants.
func (s *store) push(header, text []byte, open bool, after sums) error {
	need := len(header) + len(text) + 1
	if need > s.most {
		return s.pushLarge(header, text, open, after)
	}
	if len(s.cur) > 0 && len(s.cur)+need > cap(s.cur) {
		if err := s.seal(sums{}); err != nil {
			return err
		}
	}
	if cap(s.cur)-len(s.cur) < need {
		s.cur = s.buffer(need)
	}
	s.cur = append(append(s.cur, header...), text...)
	if open {
		s.cur = append(s.cur, '\n')
	}
	return nil
}

func (s *store) pushLarge(header, text []byte, open bool, after sums) error {
	if err := s.seal(after); err != nil {
		return err
	}
	if err := s.spill(); err != nil {
		return err
	}
	c := chunk{end: after}
	pieces := [][]byte{header, text, nil}
	if open {
		pieces[2] = []byte{'\n'}
	}
	if err := s.write(&c, pieces...); err != nil {
		return err
	}
	s.live += c.n
	s.chunks = append(s.chunks, c)
	return nil
}

// buffer returns an empty buffer for a chunk.
func (s *store) buffer(need int) []byte {
	size := int(min(max(s.live/4096, s.chunk), chunkMax))
	if n := len(s.spare) - 1; n >= 0 && cap(s.spare[n]) >= max(need, size) {
		b := s.spare[n]
		s.spare = s.spare[:n]
		return b[:0]
	}
	return make([]byte, 0, max(need, size))
}

// room reports whether so many bytes still fit into the chunk at hand.
func (s *store) room(n int) bool { return len(s.cur)+n+1 <= cap(s.cur) }

// seal ends the chunk at hand.
func (s *store) seal(end sums) error {
	if len(s.cur) == 0 {
		return nil
	}
	c := chunk{data: s.cur, n: int64(len(s.cur)), end: end}
	s.cur = nil
	s.live += c.n
	s.chunks = append(s.chunks, c)
	if len(s.files) == 0 && s.live <= s.limit {
		return nil
	}
	return s.spill()
}

// spill moves what is in memory to files.
func (s *store) spill() error {
	for i := s.head; i < len(s.chunks); i++ {
		c := &s.chunks[i]
		if c.data == nil {
			continue
		}
		data := c.data
		if err := s.write(c, data); err != nil {
			return err
		}
		c.data = nil
		s.recycle(data)
	}
	return nil
}

// write puts a chunk into a file.
func (s *store) write(c *chunk, pieces ...[]byte) error {
	if n := len(s.files) - 1; n < 0 || s.files[n].size >= max(s.file, s.live/8) {
		f, err := os.CreateTemp(s.dir, "papyra-*")
		if err != nil {
			return fmt.Errorf("hold records in a temporary file: %w", err)
		}
		_ = os.Remove(f.Name()) // not on all systems while it is open: then close removes it
		s.files = append(s.files, &spill{f: f})
	}
	file := s.files[len(s.files)-1]
	c.file, c.off, c.n = file, file.size, 0
	for _, p := range pieces {
		if _, err := file.f.WriteAt(p, file.size); err != nil {
			return fmt.Errorf("hold records in a temporary file: %w", err)
		}
		file.size += int64(len(p))
		c.n += int64(len(p))
	}
	file.chunks++
	return nil
}

func (s *store) recycle(b []byte) {
	if cap(b) <= chunkMax && len(s.spare) < maxSpare {
		s.spare = append(s.spare, b)
	}
}

// load returns the bytes of a chunk, valid until the next load or push.
func (s *store) load(c *chunk) ([]byte, error) {
	if c.data != nil {
		return c.data, nil
	}
	if int64(cap(s.buf)) < c.n {
		s.buf = make([]byte, c.n)
	}
	data := s.buf[:c.n]
	if _, err := c.file.f.ReadAt(data, c.off); err != nil {
		return nil, fmt.Errorf("read back from a temporary file: %w", err)
	}
	return data, nil
}

// first returns the oldest sealed chunk, nil if there is none.
func (s *store) first() *chunk {
	if s.head == len(s.chunks) {
		return nil
	}
	return &s.chunks[s.head]
}

// drop removes the oldest sealed chunk.
func (s *store) drop() error {
	c := s.first()
	s.live -= c.n
	var err error
	if c.file != nil {
		err = s.release(c.file)
	} else {
		s.recycle(c.data)
	}
	*c = chunk{}
	if s.head++; s.head > 1024 && s.head > len(s.chunks)/2 {
		s.chunks = s.chunks[:copy(s.chunks, s.chunks[s.head:])]
		s.head = 0
	}
	return err
}

// release closes a file when nothing of it is wanted any more.
func (s *store) release(f *spill) error {
	if f.chunks--; f.chunks > 0 || f == s.files[len(s.files)-1] {
		return nil
	}
	for i := range s.files {
		if s.files[i] == f {
			s.files = append(s.files[:i], s.files[i+1:]...)
			break
		}
	}
	return f.close()
}

func (f *spill) close() error {
	name := f.f.Name()
	err := f.f.Close()
	_ = os.Remove(name) // gone already, where that was possible
	return err
}

// each seals the queue and calls f with its chunks, the oldest first.
func (s *store) each(f func(data []byte) error) error {
	if err := s.seal(sums{}); err != nil {
		return err
	}
	for i := s.head; i < len(s.chunks); i++ {
		data, err := s.load(&s.chunks[i])
		if err == nil {
			err = f(data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clear empties the queue.
func (s *store) clear() error {
	s.cur = s.cur[:0]
	for s.first() != nil {
		if err := s.drop(); err != nil {
			return err
		}
	}
	return nil
}

// close frees what the queue holds.
func (s *store) close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.close())
	}
	*s = store{}
	return errors.Join(errs...)
}
