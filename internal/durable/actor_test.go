package durable_test

import (
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// actor is a writer that does one thing after the other, each not before a
// certain operation of the process under test: look up, open (again and again
// while a lease makes it wait), write, close.
type actor struct {
	lines  []string  // each written after the last, without closing in between
	when   [4]string // e.g. "Exchange#0" for the first Exchange; "" at once; "never"
	gate   func(op simfs.Op, step int) bool
	sync   bool // fsync before close
	force  bool // the lease that makes it wait is broken by the kernel
	w      *simfs.Writer
	step   int
	passed bool // the gate of this step
	began  time.Time
	long   bool // it took longer from look-up to open than any linger covers: nothing is promised
}

const (
	lookup = iota
	open
	write
	shut
	finished
)

// script lets actors act between the operations of the process under test.
type script struct {
	fs     *simfs.FS
	m      *model
	actors []*actor
	count  map[string]int
}

func newScript(fs *simfs.FS, m *model, actors ...*actor) *script {
	return &script{fs: fs, m: m, actors: actors, count: map[string]int{}}
}

// before is the hook.
func (s *script) before(op simfs.Op) {
	name := fmt.Sprintf("%s#%d", op.Name, s.count[op.Name])
	s.count[op.Name]++
	for _, a := range s.actors {
		s.act(a, op, name)
	}
}

// rest lets all actors finish what they began.
func (s *script) rest() {
	for _, a := range s.actors {
		a.gate = nil
		if a.step > lookup {
			a.when = [4]string{}
		}
		s.act(a, simfs.Op{}, "")
	}
}

func (s *script) act(a *actor, op simfs.Op, name string) {
	for a.step < finished {
		if !a.passed && a.when[a.step] != "" && a.when[a.step] != name {
			return
		}
		if a.gate != nil && !a.gate(op, a.step) {
			return
		}
		a.passed = true
		if !s.do(a) {
			return
		}
		a.step++
		a.passed = false
	}
}

func (s *script) do(a *actor) bool {
	switch a.step {
	case lookup:
		a.w, a.began = s.fs.Writer(), s.fs.Now()
		return a.w.Lookup(simLog)
	case open:
		a.long = a.long || s.fs.Now().Sub(a.began) >= simLinger
		if a.force {
			a.w.ForceOpen()
			return true
		}
		return a.w.Open()
	case write:
		for _, l := range a.lines {
			a.w.Write(l)
			if !a.long {
				s.m.written[l] = true
			}
		}
		if a.sync {
			a.w.Sync()
			for _, l := range a.lines {
				if !a.long {
					s.m.safe[l] = true
				}
			}
		}
	case shut:
		a.w.Close()
	}
	return true
}
