package cli

import (
	"context"
	"iter"
	"os"
	"runtime"
	"sync"
)

// SmallLog is up to which size a log that was found in a folder is worked on by
// one core, while the others work on other logs: 2 MiB. Of a larger one, the
// blocks are shared among all cores.
const SmallLog = 2 << 20

// maxAtOnce bounds how many small logs are worked on at once, and with them the
// memory.
const maxAtOnce = 12

// AtOnce is how many small logs are worked on at once.
func AtOnce() int { return min(runtime.GOMAXPROCS(0), maxAtOnce) }

// small reports whether the input is a small log of a folder.
func (in Input) small() bool {
	if !in.Found() {
		return false
	}
	info, err := os.Lstat(in.Path)
	return err != nil || info.Size() <= SmallLog
}

// InOrder has work done on inputs, and what comes of it taken in their order,
// by the calling goroutine. Small logs of folders are worked on several at
// once, with small set; each other one alone. With atOnce 1, nothing is begun
// before what came of the input before it is taken. It stops at the first
// error, of the inputs, of take or of ctx, and has ended all work when it
// returns.
func InOrder[T any](ctx context.Context, inputs iter.Seq2[Input, error], atOnce int, work func(in Input, small bool) T, take func(T) error) error {
	if atOnce == 1 {
		return oneByOne(ctx, inputs, work, take)
	}
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	type done struct {
		result chan T
		err    error
	}
	free := make(chan struct{}, atOnce)
	order := make(chan done, atOnce)
	group.Go(func() {
		defer close(order)
		for in, err := range inputs {
			if err != nil || ctx.Err() != nil {
				order <- done{err: err}
				return
			}
			small := in.small()
			need := atOnce
			if small {
				need = 1
			}
			for range need {
				free <- struct{}{}
			}
			d := done{result: make(chan T, 1)}
			run := func() {
				d.result <- work(in, small)
				for range need {
					<-free
				}
			}
			if order <- d; small {
				group.Go(run)
			} else {
				run()
			}
		}
	})
	var failed error
	for d := range order { // to its end, so that nobody waits to be heard
		switch {
		case failed != nil:
		case d.err != nil:
			failed = d.err
		case ctx.Err() != nil:
			failed = ctx.Err()
		default:
			if d.result != nil {
				failed = take(<-d.result)
			}
		}
		if failed != nil {
			cancel()
		}
	}
	return failed
}

func oneByOne[T any](ctx context.Context, inputs iter.Seq2[Input, error], work func(in Input, small bool) T, take func(T) error) error {
	for in, err := range inputs {
		if err != nil {
			return err
		}
		if err := take(work(in, false)); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
