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
)

const fragment = `{"kind":"event","id":"torn by somebo`

var ours = []string{record("one", 300), record("two", 700), record("three", 50), record("four", 500), record("five", 100)}

// appending is one run of an appender: which lines are in the log, and which
// are safe.
type appending struct {
	fs       *simfs.FS
	initial  string // content before
	there    map[string]bool
	safe     map[string]bool
	maybe    map[string]bool // an append failed: there or not
	others   []string        // lines of another writer
	poisoned bool
	bad      error
}

func newAppending(initial string) *appending {
	a := &appending{fs: simfs.New(simDir), initial: initial, there: map[string]bool{}, safe: map[string]bool{}, maybe: map[string]bool{}}
	if initial != "" {
		a.fs.Put(simLog, initial)
	}
	return a
}

// run appends the lines in three batches, each with a Sync but the last.
func (a *appending) run(wrap func(durable.FS) durable.FS) {
	o := durable.AppendOptions{FS: a.fs, Create: true, Wait: -1}
	if wrap != nil {
		o.FS = wrap(a.fs)
	}
	ap, err := durable.OpenAppender(context.Background(), simLog, o)
	if err != nil {
		return
	}
	defer ap.Close()
	for i, batch := range [][]string{ours[:1], ours[1:3], ours[3:4], ours[4:]} {
		a.append(ap, batch)
		if i < 3 {
			a.sync(ap)
		}
	}
}

func (a *appending) append(ap *durable.Appender, batch []string) {
	for _, l := range batch {
		a.maybe[l] = true
	}
	_, err := ap.Append([]byte(strings.Join(batch, "")))
	written := len(strings.Join(batch, ""))
	var part *durable.AppendError
	switch {
	case errors.As(err, &part):
		written = part.Written
	case err != nil:
		return
	}
	for _, l := range batch {
		if written -= len(l); written >= 0 {
			a.there[l] = true
		}
	}
}

func (a *appending) sync(ap *durable.Appender) {
	err := ap.Sync()
	if a.poisoned && err == nil {
		a.bad = errors.New("a failed fsync was forgotten")
	}
	if err != nil {
		a.poisoned = true
		return
	}
	for l := range a.there {
		a.safe[l] = true
	}
}

// check compares content with what was promised.
func (a *appending) check(content string, safe, there map[string]bool) error {
	rest, ok := strings.CutPrefix(content, a.initial)
	if !ok {
		return fmt.Errorf("what was there before has changed: %.200q", content)
	}
	if rest != "" && a.initial != "" && !strings.HasSuffix(a.initial, "\n") {
		rest = strings.TrimPrefix(rest, "\n")
		if strings.Contains(content, fragment+ours[0]) {
			return errors.New("an unfinished line runs into the next")
		}
	}
	count := map[string]int{}
	for _, l := range strings.SplitAfter(rest, "\n") {
		count[l]++
	}
	for l := range safe {
		if count[l] != 1 {
			return fmt.Errorf("acknowledged line %.40q is there %d times in %.1000q", l, count[l], strings.ReplaceAll(rest, "\x00", ""))
		}
	}
	for l := range there {
		if count[l] != 1 && count[strings.TrimSuffix(l, "\n")] != 1 { // perhaps without its newline
			return fmt.Errorf("line %.40q is there %d times", l, count[l])
		}
	}
	for l, n := range count {
		if n > 1 && l != "\n" && strings.Trim(l, "\n\x00") != "" {
			return fmt.Errorf("line %.40q is there %d times", l, n)
		}
	}
	return nil
}

// now checks what a reader, a kill and each power loss would find.
func (a *appending) now() error {
	if content, ok := a.fs.Get(simLog); ok {
		if err := a.check(content, nil, a.there); err != nil {
			return err
		}
		for _, l := range a.others {
			if strings.Count(content, l) != 1 {
				return fmt.Errorf("foreign line %.40q is there %d times", l, strings.Count(content, l))
			}
		}
	}
	var bad error
	a.fs.Crashes(func(c *simfs.FS) {
		content, ok := c.Get(simLog)
		if !ok && len(a.safe) > 0 {
			bad = errors.New("the log is gone")
		}
		if err := a.check(content, a.safe, nil); ok && err != nil {
			bad = fmt.Errorf("power loss: %w", err)
		}
	})
	return errors.Join(bad, a.bad)
}

// tormented runs with a fault and another writer that appends before operation
// n, and checks after each operation.
func tormented(initial string, wrap func(durable.FS) durable.FS, fault func(simfs.Op) simfs.Fault, other int) error {
	a := newAppending(initial)
	var errs []error
	moves := -1
	a.fs.Hook = func(op simfs.Op) {
		if op.N == other {
			if w := a.fs.Writer(); w.Lookup(simLog) && w.Open() {
				a.others = append(a.others, record("foreign", 400))
				w.Write(a.others[0])
				w.Close()
			}
		}
		if a.fs.Moves() != moves {
			moves = a.fs.Moves()
			if err := a.now(); err != nil && len(errs) < 3 {
				errs = append(errs, fmt.Errorf("before operation %d (%s): %w", op.N, op.Name, err))
			}
		}
	}
	a.fs.Fault = fault
	a.run(wrap)
	if err := a.now(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

var initials = map[string]string{"created": "", "whole": record("before", 300), "torn": record("before", 300) + fragment}

func TestAppendEveryCrashState(t *testing.T) {
	for name, initial := range initials {
		for other := -1; other < 70; other++ {
			require.NoError(t, tormented(initial, nil, nil, other), "%s, foreign append before operation %d", name, other)
		}
	}
}

func TestAppendFaultAtEveryOperation(t *testing.T) {
	for name, initial := range initials {
		for _, errno := range []error{syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, nil} {
			for _, partial := range []bool{false, true} {
				for _, other := range []int{-1, 0, 1} {
					for i, hit := 0, true; hit; i++ {
						hit = false
						foreign := -1
						if other >= 0 {
							foreign = i + other
						}
						err := tormented(initial, nil, func(op simfs.Op) simfs.Fault {
							if op.N != i {
								return simfs.Fault{}
							}
							hit = true
							return simfs.Fault{Err: errno, Partial: partial}
						}, foreign)
						require.NoError(t, err, "%s: %v at operation %d, partial %v, foreign append before %d", name, errno, i, partial, foreign)
					}
				}
			}
		}
	}
}

// TestFailedSyncIsNeverForgotten is fsyncgate in small: ENOSPC, then EIO, then
// success from fsync; the third is not believed.
func TestFailedSyncIsNeverForgotten(t *testing.T) {
	answers := []error{syscall.ENOSPC, syscall.EIO}
	fault := func(op simfs.Op) simfs.Fault {
		if op.Name == "Sync" && len(answers) > 0 {
			err := answers[0]
			answers = answers[1:]
			return simfs.Fault{Err: err}
		}
		return simfs.Fault{}
	}
	a := newAppending("")
	a.fs.Fault = fault
	ap, err := durable.OpenAppender(context.Background(), simLog, durable.AppendOptions{FS: a.fs, Create: true})
	require.NoError(t, err)
	a.append(ap, ours[:1])
	var unknown *durable.DurabilityError
	first := ap.Sync()
	require.ErrorAs(t, first, &unknown)
	require.ErrorIs(t, first, syscall.ENOSPC)
	require.Equal(t, 1, unknown.ExitCode())
	for range 3 {
		require.Equal(t, first, ap.Sync())
		_, err := ap.Append([]byte(ours[1]))
		require.Equal(t, first, err)
	}
	require.NoError(t, a.now())
}

func TestPlantedAppendMistakesAreCaught(t *testing.T) {
	for name, m := range map[string]mistake{
		"skip the directory fsync": {noDirSync: true},
		"retry a failed fsync":     {forgiving: true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, initial := range initials {
				for i := -1; i < 60; i++ {
					err := tormented(initial, plant(m), func(op simfs.Op) simfs.Fault {
						if op.N == i && op.Name == "Sync" {
							return simfs.Fault{Err: syscall.EIO}
						}
						return simfs.Fault{}
					}, -1)
					if err != nil {
						t.Logf("caught with EIO at operation %d: %.200s", i, err)
						return
					}
				}
			}
			require.Fail(t, "nothing noticed it")
		})
	}
}

// TestAppendBesideStrangers has somebody rotate, link or mount the log before
// any operation of an appender: each line is in one file that can be seen, once
// and whole, and stays there if the power goes.
func TestAppendBesideStrangers(t *testing.T) {
	for _, who := range strangers() {
		if who.cuts || who.copies {
			continue // lines go with what is cut; there is no hidden file
		}
		for at, hit := 0, true; hit; at++ {
			a := newAppending(record("before", 300))
			hit = false
			a.fs.Hook = func(op simfs.Op) {
				if op.N == at {
					hit = who.do(a.fs)
				}
			}
			a.run(nil)
			rotates := strings.HasPrefix(who.name, "rotates")
			if !rotates { // or it does not wait for the lock
				require.Len(t, a.safe, 4)
			}
			once := func(fs *simfs.FS, lines map[string]bool) {
				count, seen := map[string]int{}, map[uint64]bool{}
				for name, text := range filesOf(fs) {
					for line := range strings.Lines(text) {
						if !seen[fs.Ino(name)] {
							count[line]++
						}
					}
					seen[fs.Ino(name)] = true
				}
				for line := range lines {
					require.Equal(t, 1, count[line], "%s before operation %d: %.40q", who.name, at, line)
				}
			}
			once(a.fs, a.there)
			if !rotates { // the stranger does not fsync
				a.fs.Crashes(func(c *simfs.FS) { once(c, a.safe) })
			}
		}
	}
}
