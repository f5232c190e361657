package selection

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/papyra-tools/papyra/internal/oldwalk"
)

// errEnough ends a pass from the end: what is older is not needed.
var errEnough = errors.New("enough")

// largeBlock is from which size on a block is worked on alone, so that several
// long lines in a row need no more memory than one.
const largeBlock = 2 << 20

// item is a block on its way.
type item[R any] struct {
	block oldwalk.Block
	out   R
	err   error
	done  chan struct{}
}

// eachBackward is oldwalk.Each for a pass from the end: fold gets the blocks in
// the order in which r yields them. It ends without error when fold returns
// errEnough.
func eachBackward[R any](ctx context.Context, r *oldwalk.Backward, workers int, work func(b *oldwalk.Block, out *R), fold func(b *oldwalk.Block, out *R) error) error {
	if workers <= 0 {
		workers = min(runtime.GOMAXPROCS(0), 32)
	}
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	slots := workers + 2
	free := make(chan *item[R], slots)
	for range slots {
		free <- &item[R]{done: make(chan struct{}, 1)}
	}
	todo, order := make(chan *item[R], slots), make(chan *item[R], slots)
	alone := make(chan struct{}, 1)

	group.Add(1 + workers)
	go func() {
		defer group.Done()
		defer close(todo)
		defer close(order)
		for {
			var it *item[R]
			select {
			case it = <-free:
			case <-ctx.Done():
				return
			}
			it.err = r.Next(&it.block)
			large := it.err == nil && len(it.block.Data) > largeBlock
			order <- it
			if it.err != nil {
				return
			}
			todo <- it
			if large {
				select {
				case <-alone:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	for range workers {
		go func() {
			defer group.Done()
			for it := range todo {
				work(&it.block, &it.out)
				it.done <- struct{}{}
			}
		}()
	}
	for it := range order {
		if errors.Is(it.err, io.EOF) {
			return nil
		}
		if it.err != nil {
			return it.err
		}
		<-it.done
		if err := ctx.Err(); err != nil {
			return err
		}
		err := fold(&it.block, &it.out)
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(it.block.Data) > largeBlock {
			it.block = oldwalk.Block{}
			alone <- struct{}{}
		}
		free <- it
	}
	return ctx.Err()
}
