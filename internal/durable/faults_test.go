package durable_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// faulty runs a scenario in which the operations that fail says so fail, and
// checks what it leaves: the log as it was and an error, or finished. The next
// session, undisturbed, must find nothing wrong.
func faulty(sc scenario, fail func(simfs.Op) simfs.Fault, crash bool) error {
	fs, m := world(sc)
	script := newScript(fs, m, sc.actors()...)
	opt := simOptions(fs)
	opt.QuarantineDir = sc.keep
	if sc.set != nil {
		sc.set(&opt)
	}
	fs.Hook = script.before
	fs.Fault = fail
	_, err := simRewrite(context.Background(), opt)
	fs.Hook, fs.Fault = nil, nil
	script.rest()
	m.done, m.failed, m.maybe = err == nil, err != nil, pending(err)
	var all []string
	for _, a := range script.actors {
		all = append(all, a.lines...)
	}
	e := &explorer{opt: opt, all: all, depth: -1}
	if err != nil && !m.maybe {
		content, _ := fs.Get(simLog)
		if err := m.check(content, all, false); err != nil {
			return fmt.Errorf("right after the error: %w", err)
		}
	}
	if crash {
		e.depth = 0
		e.note(fs, m, false, "", simfs.Op{Name: "end"}, 0)
		e.depth = -1
		e.settle()
	}
	return errors.Join(append(e.errs, e.recover(state{fs: fs, m: m, trail: "next run"}))...)
}

// pending reports whether an error says that the next session has to finish.
func pending(err error) bool {
	var held *durable.WriterHoldsLogError
	var left *durable.UnfinishedError
	return errors.As(err, &held) && held.Pending || errors.As(err, &left)
}

func TestFaultAtEveryOperation(t *testing.T) {
	for _, sc := range scenarios() {
		sc.fails = false
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			runs := 0
			for _, errno := range []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EDQUOT} {
				if errno != syscall.EIO && !testtool.Torture() {
					continue
				}
				for _, partial := range []bool{false, true} {
					for i, hit := 0, "first"; hit != ""; i++ {
						hit = ""
						err := faulty(sc, func(op simfs.Op) simfs.Fault {
							if op.N != i {
								return simfs.Fault{}
							}
							hit = op.Name
							return simfs.Fault{Err: errno, Partial: partial}
						}, errno == syscall.EIO)
						runs++
						require.NoError(t, err, "%v at operation %d (%s), partial %v", errno, i, hit, partial)
					}
				}
			}
			t.Logf("%d runs", runs)
		})
	}
}

// TestFaultFromAnyOperationOn lets the disk die for good in the middle: nothing
// can be cleaned up then, but the next run, on a disk that works again, finds
// everything.
func TestFaultFromAnyOperationOn(t *testing.T) {
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			for i, hit := 0, true; hit; i++ {
				hit = false
				err := faulty(sc, func(op simfs.Op) simfs.Fault {
					if op.N < i || op.Name == "Sleep" {
						return simfs.Fault{}
					}
					hit = true
					return simfs.Fault{Err: syscall.EIO}
				}, true)
				if err != nil && strings.Contains(err.Error(), "right after") {
					err = nil
				}
				require.NoError(t, err, "from operation %d on", i)
			}
		})
	}
}

// A fault during recovery is reported, and the recovery after that finishes.
func TestFaultAtEveryOperationOfRecovery(t *testing.T) {
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			e := &explorer{opt: simOptions(nil)}
			for _, a := range sc.actors() {
				e.all = append(e.all, a.lines...)
			}
			opt := simOptions(nil)
			opt.QuarantineDir, e.opt.QuarantineDir = sc.keep, sc.keep
			if sc.set != nil {
				sc.set(&opt)
				sc.set(&e.opt)
			}
			_ = e.run(sc, opt)
			states := e.queue
			e.queue, e.depth = nil, -1
			for k, s := range states {
				if k%short(7, 20) != 0 && !testtool.Torture() {
					continue
				}
				for i, hit := 0, true; hit; i++ {
					hit = false
					c := state{fs: s.fs.Clone(), m: s.m, loss: s.loss, trail: s.trail}
					c.fs.Fault = func(op simfs.Op) simfs.Fault {
						if op.N == i {
							hit = true
							return simfs.Fault{Err: syscall.EIO}
						}
						return simfs.Fault{}
					}
					opt := e.opt
					opt.FS = c.fs
					session, err := durable.Begin(context.Background(), simLog, opt)
					if err == nil {
						_ = session.Close()
					}
					c.fs.Fault = nil
					require.NoError(t, e.recover(c), "%s, then EIO at operation %d of recovery", s.trail, i)
				}
			}
		})
	}
}
