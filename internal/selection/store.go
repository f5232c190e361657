package selection

import (
	"errors"
	"fmt"
	"os"
)

const (
	chunkMin = 256 << 10 // a chunk is about that long, longer in a large store
	chunkMax = 4 << 20
	spillMin = 64 << 20 // a temporary file is about that long, likewise
)

// store is a queue of bytes in chunks, in memory up to a limit and in unlinked
// temporary files beyond.
type store struct {
	limit  int64 // bytes in memory
	chunk  int64 // the least length of a chunk
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
	s.chunk, s.file = min(chunkMin, s.limit), spillMin
	return s
}

// push appends header, text and, if open, a newline to the queue. They come in
// one chunk.
func (s *store) push(header, text []byte, open bool) error {
	need := len(header) + len(text) + 1
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
	for i := s.head; i < len(s.chunks); i++ {
		if s.chunks[i].data != nil {
			if err := s.write(&s.chunks[i]); err != nil {
				return fmt.Errorf("hold records in a temporary file: %w", err)
			}
		}
	}
	return nil
}

// write moves a chunk from memory to a file.
func (s *store) write(c *chunk) error {
	var file *spill
	if n := len(s.files) - 1; n >= 0 && s.files[n].size < max(s.file, s.live/8) {
		file = s.files[n]
	} else {
		f, err := os.CreateTemp(s.dir, "papyra-*")
		if err != nil {
			return err
		}
		_ = os.Remove(f.Name()) // not on all systems while it is open: then close removes it
		file = &spill{f: f}
		s.files = append(s.files, file)
	}
	if _, err := file.f.WriteAt(c.data, file.size); err != nil {
		return err
	}
	c.file, c.off = file, file.size
	file.size += c.n
	file.chunks++
	s.recycle(c.data)
	c.data = nil
	return nil
}

func (s *store) recycle(b []byte) {
	if cap(b) <= chunkMax && len(s.spare) < 2 {
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
