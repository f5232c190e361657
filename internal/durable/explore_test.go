package durable_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
	"github.com/papyra-tools/papyra/internal/testtool"
)

const simLinger = 10 * time.Millisecond

// simOptions make the waits short: the simulated clock moves only by sleeping.
func simOptions(fs durable.FS) durable.Options {
	return durable.Options{FS: fs, Linger: simLinger, StallBudget: 8 * time.Millisecond}
}

// scenario is a rewrite with what goes on around it.
type scenario struct {
	name    string
	set     func(*durable.Options)
	actors  func() []*actor
	keep    string // quarantine directory
	order   []string
	fails   bool  // the rewrite is refused
	noSwap  bool  // names cannot be exchanged
	noLease error // why there are no leases; nil: there are
	junk    bool  // new blocks that were not fsynced hold anything after a power loss, not NULs
}

var (
	oldLines = []string{record("drop1", 200), record("keep1", 400), record("drop2", 600), record("keep2", 300)}
	newLines = []string{oldLines[1], oldLines[3]}
)

func world(sc scenario) (*simfs.FS, *model) {
	fs := simfs.New(simDir, evil)
	fs.AddDir(farAway, 2)
	fs.NoSwap, fs.Garbage, fs.NoLease = sc.noSwap, sc.junk, sc.noLease
	fs.Put(simLog, strings.Join(oldLines, ""))
	m := &model{old: oldLines, new: newLines, safe: map[string]bool{}, written: map[string]bool{},
		order: sc.order, keep: sc.keep != "", far: sc.keep == farAway}
	return fs, m
}

// simRewrite drops the lines that are to be dropped.
func simRewrite(ctx context.Context, o durable.Options) (durable.Report, error) {
	s, err := durable.Begin(ctx, simLog, o)
	if err != nil {
		return durable.Report{}, err
	}
	defer s.Close()
	out, err := s.Create()
	if err != nil {
		return durable.Report{}, err
	}
	if _, err := io.WriteString(out, newLines[0]); err != nil {
		return durable.Report{}, err
	}
	end := int64(len(strings.Join(oldLines, "")))
	last := int64(len(oldLines[3]))
	if err := out.CopyRange(end-last, last); err != nil {
		return durable.Report{}, err
	}
	return s.Commit(ctx, end)
}

// state is what a kill or a power loss left.
type state struct {
	fs    *simfs.FS
	m     *model
	loss  bool // the power was lost at least once
	trail string
	depth int // crashes so far, less one
}

// explorer collects states and lets recovery loose on each, until no new ones
// turn up.
type explorer struct {
	opt     durable.Options
	wrap    func(durable.FS) durable.FS // what it sees of each file system; nil: all of it
	all     []string
	seen    map[stateKey]bool
	queue   []state
	errs    []error
	visited int
	depth   int // how many crashes during recovery, one after the other
	share   int // of the states that a crash during recovery leaves each so many-th is recovered; 0: all
	later   int // such states so far
	last    moment
}

// moment is when a crash may happen.
type moment struct {
	fs    *simfs.FS
	moves int
	model modelKey
}

// stateKey tells states apart.
type stateKey struct {
	fs    uint64
	loss  bool
	model modelKey
}

// sees returns the file system as the code under test sees it.
func (e *explorer) sees(fs *simfs.FS) durable.FS {
	if e.wrap == nil {
		return fs
	}
	return e.wrap(fs)
}

// note adds what a kill or a power loss would leave right now, before an
// operation.
func (e *explorer) note(fs *simfs.FS, m *model, loss bool, trail string, op simfs.Op, depth int) {
	if depth > e.depth {
		return
	}
	if now := (moment{fs, fs.Moves(), m.key()}); e.last == now {
		return
	} else {
		e.last = now
	}
	trail = fmt.Sprintf("%s>%d:%s", trail, op.N, op.Name)
	e.add(state{fs: fs.Clone(), m: m.clone(), loss: loss, trail: trail + "/kill", depth: depth})
	lost := m.powerLoss()
	fs.Crashes(func(c *simfs.FS) {
		e.add(state{fs: c, m: lost, loss: true, trail: trail + "/loss", depth: depth})
	})
}

func (e *explorer) add(s state) {
	key := stateKey{s.fs.Key(), s.loss, s.m.key()}
	if e.seen[key] {
		return
	}
	if e.seen == nil {
		e.seen = map[stateKey]bool{}
	}
	e.seen[key] = true
	if s.depth > 0 {
		if e.later++; e.share > 0 && e.later%e.share != 0 {
			return
		}
	}
	if s.depth > 0 && s.depth == e.depth { // nothing comes of it: it need not be kept
		e.try(s)
		return
	}
	e.queue = append(e.queue, s)
}

func (e *explorer) try(s state) {
	e.visited++
	if err := e.recover(s); err != nil {
		e.errs = append(e.errs, fmt.Errorf("%s: %w", s.trail, err))
	}
}

// run does the scenario and notes every state on the way.
func (e *explorer) run(sc scenario, opt durable.Options) error {
	fs, m := world(sc)
	opt.FS = e.sees(fs)
	script := newScript(fs, m, sc.actors()...)
	fs.Hook = func(op simfs.Op) {
		script.before(op)
		e.note(fs, m, false, "", op, 0)
	}
	_, err := simRewrite(context.Background(), opt)
	script.rest()
	m.done, m.failed = err == nil, err != nil
	e.note(fs, m, false, "", simfs.Op{Name: "end"}, 0)
	if (err != nil) != sc.fails {
		e.errs = append(e.errs, fmt.Errorf("rewrite: %w", err))
	}
	return err
}

// settle recovers every state, and every state that a crash during recovery
// leaves.
func (e *explorer) settle() {
	for len(e.queue) > 0 && len(e.errs) < 5 {
		s := e.queue[0] // the shallow ones first
		e.queue = e.queue[1:]
		e.try(s)
	}
}

func (e *explorer) recover(s state) error {
	opt := e.opt
	opt.FS = e.sees(s.fs)
	s.fs.Hook = func(op simfs.Op) {
		e.note(s.fs, s.m, s.loss, s.trail, op, s.depth+1)
	}
	session, err := durable.Begin(context.Background(), simLog, opt)
	if err != nil {
		return fmt.Errorf("recovery: %w", err)
	}
	s.fs.Hook = nil
	if err := session.Close(); err != nil {
		return err
	}
	return e.verify(s)
}

func (e *explorer) verify(s state) error {
	content, _ := s.fs.Get(simLog)
	if err := s.m.check(content, e.all, s.loss); err != nil {
		return err
	}
	want := simfs.Meta{Mode: 0o644, UID: 1000, Xattr: "kept"} // as Put made it
	if got := s.fs.Meta(simLog); got != want {
		return fmt.Errorf("mode, owner and attributes of the log are %v", got)
	}
	for _, name := range s.fs.Files() {
		if strings.HasPrefix(name, simDir) && name != simLog {
			return fmt.Errorf("left over: %s", name)
		}
	}
	return s.m.evidence(s.fs, !strings.Contains(content, oldLines[0]))
}

// explore returns what went wrong.
func explore(sc scenario, depth, share int, wrap func(durable.FS) durable.FS) (*explorer, error) {
	e := &explorer{depth: depth, share: share, wrap: wrap, opt: simOptions(nil)}
	for _, a := range sc.actors() {
		e.all = append(e.all, a.lines...)
	}
	opt := simOptions(nil)
	opt.QuarantineDir = sc.keep
	if sc.set != nil {
		sc.set(&opt)
		sc.set(&e.opt)
	}
	e.opt.QuarantineDir = sc.keep // or a copy elsewhere would have to stay
	err := e.run(sc, opt)
	e.settle()
	return e, err
}

// crashDepth is how many crashes in a row recovery is put through. Each more
// takes ten times as long. Without torture only a share of the states that the
// second one leaves is recovered, always the same.
func crashDepth() (depth, share int) {
	if testtool.Torture() {
		return 2, 0
	}
	return 1, short(10, 30)
}

// short returns the second if the tests are to be short.
func short(long, short int) int {
	if testing.Short() {
		return short
	}
	return long
}

func TestEveryCrashState(t *testing.T) {
	for _, sc := range scenarios() {
		for _, junk := range []bool{false, true} {
			sc, name := sc, sc.name
			if sc.junk = junk; junk && !testtool.Torture() && len(sc.actors()) == 0 {
				continue // what we alone write is fsynced before it matters
			} else if junk {
				name += ", junk in new blocks"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				depth, share := crashDepth()
				if junk && !testtool.Torture() {
					depth = 0
				}
				e, _ := explore(sc, depth, share, nil)
				t.Logf("%d states recovered, of %d", e.visited, len(e.seen))
				for _, err := range e.errs {
					t.Error(err)
				}
				require.Greater(t, len(e.seen), 50)
			})
		}
	}
}
