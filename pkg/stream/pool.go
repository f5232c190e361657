package stream

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

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
	err   error       // why there is no block, and no further one
	ready atomic.Bool // to be folded
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
	p := &pool{w: w, next: next, big: newLargeBuffer()}
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithCancel(w.ctx)
	defer cancel()
	p.cancel = cancel

	inFlight := min(workers*4+4, maxInFlight) // so that a write that waits for a disk does not stop the checks at once
	p.free = make(chan *job, inFlight)
	for range inFlight {
		j := w.newJob()
		p.jobs = append(p.jobs, j)
		p.free <- j
	}
	w.acquire = func() []byte { return p.big.acquire(p.ctx) }

	take := p.read
	var group sync.WaitGroup
	if !w.seekable {
		todo := make(chan *job, inFlight)
		take = func() (j *job) {
			try := func() bool {
				select {
				case j = <-todo:
					return true
				default:
					return false
				}
			}
			if !awake(50, try) { // more would take what a decompressor needs
				j = <-todo
			}
			return j
		}
		group.Go(func() {
			defer close(todo)
			for j := p.read(); j != nil; j = p.read() {
				todo <- j
			}
		})
	}
	for range workers {
		group.Go(func() {
			batch := new(record.Batch)
			for j := take(); j != nil; j = take() {
				w.check(j, batch)
				p.finish(j)
			}
		})
	}
	group.Wait()
	return cmp.Or(p.err, w.ctx.Err())
}

// pool is a walk on several cores. Of a file each worker reads the blocks that
// it checks, which are in the cache of its core then; the workers take turns at
// reading, and whoever has checked a block folds what is due. So while all goes
// well nobody waits for another goroutine to be woken, which takes as long as
// checking a block. What has to be decompressed, or waited for, is read by a
// goroutine of its own.
type pool struct {
	w      *walk
	next   func(*Block) error
	ctx    context.Context
	cancel context.CancelFunc

	// jobs are taken, folded and freed in turn, again and again.
	jobs []*job
	free chan *job
	big  *largeBuffer

	reading sync.Mutex
	waiting atomic.Bool // somebody waits for reading, and does not sleep
	ended   bool        // next has failed; belongs to whoever reads

	folding sync.Mutex
	folded  atomic.Int64 // how many jobs were
	err     error        // why folding ended; belongs to whoever folds
}

// read returns the next block, or nil if there is none to be checked. If the
// reading failed, finish is told why.
func (p *pool) read() *job {
	p.turn()
	defer p.reading.Unlock()
	if p.ended || p.ctx.Err() != nil {
		return nil
	}
	var j *job
	select {
	case j = <-p.free:
	case <-p.ctx.Done():
		return nil
	}
	if j.err = p.next(&j.block); j.err != nil {
		p.ended = true
		p.finish(j)
		return nil
	}
	return j
}

// turn locks reading. Only one of those who wait for it stays awake.
func (p *pool) turn() {
	if p.waiting.CompareAndSwap(false, true) {
		defer p.waiting.Store(false)
		if awake(200, p.reading.TryLock) {
			return
		}
	}
	p.reading.Lock()
}

// awake tries several times whether it succeeds, which takes the time that
// falling asleep and being woken would.
func awake(times int, try func() bool) bool {
	for range times {
		if try() {
			return true
		}
		runtime.Gosched()
	}
	return false
}

// finish notes that a job may be folded and folds those that are due, unless
// somebody else does. That one looks again once it has unlocked, so that no job
// is left over.
func (p *pool) finish(j *job) {
	j.ready.Store(true)
	for p.due().ready.Load() && p.folding.TryLock() {
		for j := p.due(); j.ready.Load(); j = p.due() {
			j.ready.Store(false)
			p.fold(j)
			p.folded.Add(1)
			p.free <- j
		}
		p.folding.Unlock()
	}
}

// due is the job that is to be folded next.
func (p *pool) due() *job { return p.jobs[p.folded.Load()%int64(len(p.jobs))] }

func (p *pool) fold(j *job) {
	if p.err == nil {
		p.err = cmp.Or(j.err, p.w.ctx.Err())
	}
	if p.err == nil {
		p.err = p.w.fold(j)
	}
	if p.err != nil {
		p.cancel()
	}
	p.big.release(&j.block)
}

func (w *walk) newJob() *job {
	j := new(job)
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
