package durable_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// timetable says before which operation of the rewrite a writer looks up,
// opens, and writes and closes.
type timetable struct{ lookup, open, write int }

// scheduled runs a rewrite with one writer that follows the timetable, and at
// once appends a second line afterwards.
func scheduled(t timetable, o durable.Options, wrap func(durable.FS) durable.FS) (ops int, err error) {
	fs, m := world(scenario{})
	lines := []string{record("first", 300), record("second", 200)}
	a := &actor{lines: lines[:1]}
	a.gate = func(op simfs.Op, step int) bool {
		switch step {
		case lookup:
			return op.N >= t.lookup
		case open:
			return op.N >= t.open
		}
		return op.N >= t.write
	}
	next := &actor{lines: lines[1:], gate: func(simfs.Op, int) bool { return a.step == finished }}
	if t.lookup == t.open {
		m.order = lines
	}
	script := newScript(fs, m, a, next)
	fs.Hook = script.before
	e := &explorer{opt: o, wrap: wrap, all: lines, depth: -1}
	o.FS = e.sees(fs)
	_, err = simRewrite(context.Background(), o)
	ops = fs.Ops()
	fs.Hook = nil
	script.rest()
	m.done, m.failed, m.maybe = err == nil, err != nil, pending(err)
	if err != nil {
		m.order = nil // a rewrite that is taken back may change the places of what it held up
	}
	var held *durable.WriterHoldsLogError
	if err != nil && (!errors.As(err, &held) || len(held.Holders) == 0) {
		return ops, err
	}
	return ops, e.recover(state{fs: fs, m: m})
}

// TestHammerAtEverySchedule lets a writer look up, open, write and close at any
// operations of the rewrite.
func TestHammerAtEverySchedule(t *testing.T) {
	reach := short(10, 6)
	if testtool.Torture() {
		reach = 60
	}
	ops, runs := 1, 0
	for i := 0; i < ops; i++ {
		for j := i; j < i+reach && j <= ops; j++ {
			for k := j; k < j+reach && k <= ops; k++ {
				n, err := scheduled(timetable{i, j, k}, simOptions(nil), nil)
				ops = max(ops, n)
				runs++
				require.NoError(t, err, "look up before operation %d, open before %d, write before %d", i, j, k)
			}
		}
	}
	t.Logf("%d schedules of up to %d operations", runs, ops)
}

func TestHammerAtEveryScheduleCatchesPlanted(t *testing.T) {
	for _, bug := range []string{"drain before the exchange", "do not wait until writers let go"} {
		t.Run(bug, func(t *testing.T) {
			for i := range 60 {
				for k := i; k < i+40; k++ {
					if _, err := scheduled(timetable{i, i, k}, simOptions(nil), plant(mistakes[bug])); err != nil {
						t.Logf("caught: look up and open before operation %d, write before %d: %.200s", i, k, err)
						return
					}
				}
			}
			require.Fail(t, "nothing noticed it")
		})
	}
}

// TestKillWhileWritersGoOn kills a rewrite before each of its operations; the
// writers live on, also one that keeps the old inode open, and act during the
// recovery.
func TestKillWhileWritersGoOn(t *testing.T) {
	refused := 0
	for _, sc := range scenarios() {
		for k, hit := 0, true; hit; k++ {
			hit = false
			fs, m := world(sc)
			m.order = nil // a kill lets go of leases before what came first is brought over
			actors := sc.actors()
			script := newScript(fs, m, actors...)
			fs.Hook = func(op simfs.Op) {
				script.before(op)
				if op.N == k {
					hit = true
					fs.Die()
				}
			}
			o := simOptions(fs)
			o.QuarantineDir = sc.keep
			if sc.set != nil {
				sc.set(&o)
			}
			_, err := simRewrite(context.Background(), o)
			m.done = err == nil
			fs.Restart()
			e := &explorer{opt: o, depth: -1}
			for _, a := range actors {
				e.all = append(e.all, a.lines...)
			}
			fs.Hook = script.before
			s, err := durable.Begin(context.Background(), simLog, e.optFor(fs))
			if err == nil {
				require.NoError(t, s.Close())
			} else {
				var held *durable.WriterHoldsLogError
				require.ErrorAs(t, err, &held, "%s, kill before operation %d", sc.name, k)
				require.NotEmpty(t, held.Holders)
				if !held.Pending {
					files := slices.DeleteFunc(fs.Files(), func(name string) bool { return name == simLog })
					require.Empty(t, files, "%s, kill before operation %d: nothing is pending, and this is left", sc.name, k)
				}
				refused++
			}
			fs.Hook = nil
			script.rest()
			require.NoError(t, e.recover(state{fs: fs, m: m}), "%s, kill before operation %d", sc.name, k)
		}
	}
	require.NotZero(t, refused, "no recovery met a writer that keeps the old inode")
}

func (e *explorer) optFor(fs *simfs.FS) durable.Options {
	o := e.opt
	o.FS = fs
	return o
}

// Writers that come one after the other are waited for no longer than one that
// stays.
func TestNeverQuiet(t *testing.T) {
	fs, _ := world(scenario{})
	came := 0
	when(fs, "Exchange#0", func(simfs.Op) {
		w := fs.Writer()
		require.True(t, w.Lookup(simLog))
		fs.Hook = func(op simfs.Op) {
			if op.Name == "Sleep" && w.Ino() != fs.Ino(simLog) && came < 1000 && w.Open() {
				w.Write("again\n")
				w.Close()
				came++
			}
		}
	})
	_, err := simRewrite(t.Context(), simOptions(fs))
	var held *durable.WriterHoldsLogError
	require.ErrorAs(t, err, &held)
	require.Less(t, came, 1000)
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, "") + strings.Repeat("again\n", came)}, filesOf(fs))
}

// Who looked the log up before the exchange may come until it is seen for the
// last time that nobody has: just then, too, his line is brought over, or an
// error says why not.
func TestLateUntilTheLastLook(t *testing.T) {
	for _, fault := range []error{nil, syscall.EIO} {
		last := -1
		for _, at := range []int{1 << 20, 0} { // the first run only finds that moment
			fs, _ := world(scenario{})
			w, came := fs.Writer(), false
			fs.Hook = func(op simfs.Op) {
				switch {
				case op.Name == "Exchange":
					require.True(t, w.Lookup(simLog))
				case op.Name == "Lease" && at > 0:
					last = op.N
				case at == 0 && op.N >= last && !came && w.Open():
					came = true
					w.Write("late\n")
					w.Close()
				}
			}
			fs.Fault = func(op simfs.Op) (f simfs.Fault) {
				if at == 0 && op.N == last+1 {
					require.Equal(t, "Unlease", op.Name)
					f.Err = fault
				}
				return f
			}
			_, err := simRewrite(t.Context(), simOptions(fs))
			require.Equal(t, at == 0 && fault != nil, err != nil)
			if at == 0 && fault == nil {
				require.Equal(t, strings.Join(newLines, "")+"late\n", content(fs, simLog))
			}
		}
	}
}
