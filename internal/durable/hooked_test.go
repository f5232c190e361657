package durable_test

import (
	"fmt"
	"sync"
	"time"

	"github.com/papyra-tools/papyra/internal/durable"
)

// hooked is the real file system, with something that happens just before or
// after an operation on names.
type hooked struct {
	durable.FS
	mu     sync.Mutex
	count  map[string]int
	before map[string]func() // e.g. "Exchange#0"; each is called once
	after  map[string]func()
	mounts bool // nothing is known of mounts
}

func newHooked() *hooked {
	return &hooked{FS: durable.OS(), count: map[string]int{}, before: map[string]func(){}, after: map[string]func(){}}
}

// next has do called before the next operation of that name.
func (h *hooked) next(name string, do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.before[fmt.Sprintf("%s#%d", name, h.count[name])] = do
}

func (h *hooked) op(name string) (done func()) {
	h.mu.Lock()
	key := fmt.Sprintf("%s#%d", name, h.count[name])
	h.count[name]++
	before, after := h.before[key], h.after[key]
	h.mu.Unlock()
	if before != nil {
		before()
	}
	return func() {
		if after != nil {
			after()
		}
	}
}

func (h *hooked) Exchange(a, b string) error {
	defer h.op("Exchange")()
	return h.FS.Exchange(a, b)
}

func (h *hooked) Remove(name string) error {
	defer h.op("Remove")()
	return h.FS.Remove(name)
}

func (h *hooked) Sleep(d time.Duration) {
	defer h.op("Sleep")()
	h.FS.Sleep(d)
}

func (h *hooked) Mounts(path string) ([]durable.Mount, int, error) {
	defer h.op("Mounts")()
	if h.mounts {
		return nil, 1, nil
	}
	return h.FS.Mounts(path)
}
