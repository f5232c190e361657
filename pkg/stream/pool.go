package stream

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/papyra-tools/papyra/pkg/record"
)

// These bound the memory of a walk on a machine of many cores: what is noted of
// a block of damaged lines can take many times the block's size. So many cores
// check faster than any disk delivers.
const (
	maxWorkers  = 12
	maxInFlight = 20
)

// job is a block on its way, and what became of it.
type job struct {
	block Block
	line  Line // here, so that no line costs an allocation
	parts []Part
	err   error
	done  chan struct{}
}

// serial walks on the calling goroutine alone.
func (w *walk) serial(next func(*Block) error) error {
	j, batch := w.newJob(), new(record.Batch)
	for {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := next(&j.block); err != nil {
			return err
		}
		w.check(j, batch)
		if err := w.fold(j); err != nil {
			return err
		}
	}
}

// parallel has the blocks that next yields checked by several goroutines and
// folds them in the order in which they came. None of the goroutines is left
// when it returns.
func (w *walk) parallel(next func(*Block) error, workers int) error {
	ctx, cancel := context.WithCancel(w.ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	inFlight := min(workers*4+4, maxInFlight) // so that a write that waits for a disk does not stop the checks at once
	free := make(chan *job, inFlight)
	for range inFlight {
		free <- w.newJob()
	}
	todo := make(chan *job, inFlight)
	order := make(chan *job, inFlight)
	big := newLargeBuffer()
	w.acquire = func() []byte { return big.acquire(ctx) }

	group.Add(1 + workers)
	go func() {
		defer group.Done()
		defer close(todo)
		defer close(order)
		for {
			var j *job
			select {
			case j = <-free:
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil {
				return
			}
			j.err = next(&j.block)
			order <- j
			if j.err != nil {
				return
			}
			todo <- j
		}
	}()
	for range workers {
		go func() {
			defer group.Done()
			batch := new(record.Batch)
			for j := range todo {
				w.check(j, batch)
				j.done <- struct{}{}
			}
		}()
	}
	for j := range order {
		if j.err != nil {
			return j.err
		}
		<-j.done
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := w.fold(j); err != nil {
			return err
		}
		big.release(&j.block)
		free <- j
	}
	return w.ctx.Err()
}

func (w *walk) newJob() *job {
	j := &job{done: make(chan struct{}, 1)}
	for _, v := range w.visitors {
		j.parts = append(j.parts, v.NewPart())
	}
	return j
}

// largeBuffer is the one buffer for lines longer than a block. There is one
// only, so that many long lines in a row cost no more memory than one.
type largeBuffer struct {
	slot chan []byte // holds the buffer, or nil before its first use
}

func newLargeBuffer() *largeBuffer {
	l := &largeBuffer{slot: make(chan []byte, 1)}
	l.slot <- nil
	return l
}

// acquire waits until the buffer is free. If ctx ends first, the walk is over
// and what is returned will not be looked at.
func (l *largeBuffer) acquire(ctx context.Context) []byte {
	select {
	case buf := <-l.slot:
		return buf
	case <-ctx.Done():
		return nil
	}
}

// release gives the block its own buffer back and frees the large one.
func (l *largeBuffer) release(b *Block) {
	if b.jumbo {
		select {
		case l.slot <- b.buf:
		default: // acquired without the slot, after the walk was cancelled
		}
		b.buf, b.small, b.jumbo = b.small, nil, false
	}
}

// ended reports whether a walk that ended with err went as it should. An error
// that wraps io.EOF is one: a visitor's connection was closed, say.
func ended(err error) bool {
	return err == io.EOF || errors.Is(err, ErrEnough) //nolint:errorlint // see above
}
