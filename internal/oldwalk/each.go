package oldwalk

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
)

// These bound the memory of a pass on a machine of many cores: what is noted of a
// block of damaged lines can take many times the block's size. So many cores
// check faster than any disk delivers.
const (
	maxWorkers  = 12
	maxInFlight = 20
)

// EachOptions say how a pass runs. The zero value means the defaults.
type EachOptions struct {
	// Workers is how many blocks are worked on at once; 0 means one for each
	// core that Go may use, 1 makes the pass serial.
	Workers int
}

// Each has work look at every block that r yields, on several cores, and calls
// fold with the results, in file order and never two at a time.
//
// work must not touch anything but its arguments and what is safe for
// concurrent use. out is used again for other blocks, as it was left: work has
// to reset what it finds there, and may use its memory again. b.Data stays
// valid until fold has returned.
//
// Each ends with the first error of fold, of r (other than io.EOF) or of ctx;
// an error of r is returned after everything before it has been folded. It
// returns nil at the end of the source, and no goroutine of it is left then.
func Each[R any](ctx context.Context, r *Reader, o EachOptions, work func(b *Block, out *R), fold func(b *Block, out *R) error) error {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers == 1 {
		return eachSerial(ctx, r, work, fold)
	}
	return eachParallel(ctx, r, min(workers, maxWorkers), work, fold)
}

func eachSerial[R any](ctx context.Context, r *Reader, work func(b *Block, out *R), fold func(b *Block, out *R) error) error {
	var b Block
	var out R
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Next(&b); err != nil {
			return eofIsNil(err)
		}
		work(&b, &out)
		if err := fold(&b, &out); err != nil {
			return err
		}
	}
}

// job is a block on its way, and what became of it.
type job[R any] struct {
	block Block
	out   R
	err   error
	done  chan struct{}
}

func eachParallel[R any](ctx context.Context, r *Reader, workers int, work func(b *Block, out *R), fold func(b *Block, out *R) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	inFlight := min(workers*2+2, maxInFlight)
	free := make(chan *job[R], inFlight)
	for range inFlight {
		free <- &job[R]{done: make(chan struct{}, 1)}
	}
	todo := make(chan *job[R], inFlight)
	order := make(chan *job[R], inFlight)
	big := newLargeBuffer()
	r.acquire = func() []byte { return big.acquire(ctx) }

	group.Add(1 + workers)
	go func() {
		defer group.Done()
		defer close(todo)
		defer close(order)
		for {
			var j *job[R]
			select {
			case j = <-free:
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil {
				return
			}
			j.err = r.Next(&j.block)
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
			for j := range todo {
				work(&j.block, &j.out)
				j.done <- struct{}{}
			}
		}()
	}
	for j := range order {
		if j.err != nil {
			return eofIsNil(j.err)
		}
		<-j.done
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fold(&j.block, &j.out); err != nil {
			return err
		}
		big.release(&j.block)
		free <- j
	}
	return ctx.Err()
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

// acquire waits until the buffer is free. If ctx ends first, the pass is over
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
		default: // acquired without the slot, after the pass was cancelled
		}
		b.buf, b.small, b.jumbo = b.small, nil, false
	}
}

func eofIsNil(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
