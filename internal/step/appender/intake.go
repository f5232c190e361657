package appender

import (
	"io"
	"sync"
)

const (
	// intakeBytes bounds what is read ahead while a batch is written and
	// fsynced, and so the size of the next batch.
	intakeBytes = 1 << 20
	chunkBytes  = 64 << 10 // what a pipe holds
)

// intake reads ahead, so that what arrives while one batch is made durable
// becomes the next one: group commit. It holds at most intakeBytes; a producer
// that is faster is held up by its pipe.
type intake struct {
	more chan struct{} // gets a value when there is something to take

	mu     sync.Mutex
	room   sync.Cond
	buf    []byte
	err    error // why reading ended
	closed bool
}

func newIntake(r io.Reader) *intake {
	in := &intake{more: make(chan struct{}, 1)}
	in.room.L = &in.mu
	go in.fill(r)
	return in
}

// fill ends when the input ends, or with close once the Read at hand returns.
func (in *intake) fill(r io.Reader) {
	chunk := make([]byte, chunkBytes)
	for empty := 0; ; {
		n, err := r.Read(chunk)
		if n > 0 {
			empty = 0
		} else if empty++; err == nil && empty >= 100 {
			err = io.ErrNoProgress
		}
		if !in.put(chunk[:n], err) || err != nil {
			return
		}
	}
}

// put waits for room. It reports false if nobody takes any more.
func (in *intake) put(p []byte, err error) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for !in.closed && len(in.buf)+len(p) > intakeBytes {
		in.room.Wait()
	}
	in.buf, in.err = append(in.buf, p...), err
	select {
	case in.more <- struct{}{}:
	default:
	}
	return !in.closed
}

// take appends all that is waiting to dst. err is why nothing follows it:
// io.EOF, or what the input failed with.
func (in *intake) take(dst []byte) (_ []byte, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	dst = append(dst, in.buf...)
	in.buf = in.buf[:0]
	in.room.Signal()
	return dst, in.err
}

// close lets the reading goroutine end.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.room.Signal()
}
