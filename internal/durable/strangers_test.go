package durable_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// patient is a writer that comes at a certain operation, waits as long as it
// must, and writes its line in two halves that far apart.
type patient struct {
	at, apart int
	line      string
	w         *simfs.Writer
	blocked   time.Time
	waited    time.Duration // for its open
	half      int           // operation at which the first half was written
	done      bool
}

const leaseBreak = 45 * time.Second // by when the kernel lets a waiting opener in

func (p *patient) act(fs *simfs.FS, n int) {
	switch {
	case p.done || n < p.at:
		return
	case p.w == nil || p.half == 0 && p.blocked.IsZero():
		p.w = fs.Writer()
		if !p.w.Lookup(simLog) {
			return
		}
		fallthrough
	case p.half == 0:
		if p.blocked.IsZero() {
			p.blocked = fs.Now()
		}
		if p.waited = fs.Now().Sub(p.blocked); p.waited >= leaseBreak {
			p.w.ForceOpen()
		} else if !p.w.Open() {
			return
		}
		p.half = max(n, 1)
		if p.apart > 0 {
			p.w.Write(p.line[:len(p.line)/2])
			return
		}
		p.w.Write(p.line)
	case n < p.half+p.apart:
		return
	default:
		p.w.Write(p.line[len(p.line)/2:])
	}
	p.w.Close()
	p.done = true
}

// stranger does something to the log that is not appending, once. It reports
// whether it did.
type stranger struct {
	name   string
	cuts   bool // what was in the log before may be gone
	do     func(fs *simfs.FS) bool
	goesOn string // what it looks up then, to append to that file at the very end
	copies bool   // it may be left with a copy of the log
}

const otherName = simDir + "/other"

// link gives a file one more name, if it is there.
func link(fs *simfs.FS, name string) bool {
	fs.Hardlink(name, otherName)
	return fs.Ino(name) != 0
}

func strangers() []stranger {
	rotate := func(fs *simfs.FS) bool {
		fs.MoveAway(simLog, simLog+".1")
		fs.Put(simLog, "")
		return true
	}
	return []stranger{
		{name: "rotates", do: rotate},
		{name: "rotates twice", do: func(fs *simfs.FS) bool {
			fs.MoveAway(simLog, simLog+".2")
			fs.Put(simLog, record("between", 100))
			return rotate(fs)
		}},
		{name: "cuts", cuts: true, do: func(fs *simfs.FS) bool { return fs.Cut(simLog, 0) }},
		{name: "links", goesOn: otherName, do: func(fs *simfs.FS) bool { return link(fs, simLog) }},
		{name: "links the hidden file", copies: true, do: func(fs *simfs.FS) bool { return link(fs, hidden) }},
		{name: "mounts", goesOn: simLog, do: func(fs *simfs.FS) bool { fs.Mount(simLog); return true }},
		{name: "looks", do: func(*simfs.FS) bool { return true }},
	}
}

// siege is one run of a rewrite with a stranger, and writers before and after.
type siege struct {
	fs      *simfs.FS
	who     stranger
	writers []*patient
	at      int // operation before which the stranger acts
	kill    int // operation before which the rewrite is killed; -1: never
	acted   bool
	goesOn  *simfs.Writer // what the stranger has looked up
	cutOff  []string      // lines that were written before the cut
	hit     bool
	over    bool // the rewrite has ended
	rep     durable.Report
}

// newSiege has three writers, or one before and one of half lines: others would
// run into its first half themselves.
func newSiege(who stranger, at, kill int, halves bool) *siege {
	fs, _ := world(scenario{})
	s := &siege{fs: fs, who: who, at: at, kill: kill, writers: []*patient{{at: at - 1, line: record("early", 300)}}}
	if halves {
		s.writers = append(s.writers, &patient{at: at, line: record("halves", 300), apart: 3})
	} else {
		s.writers = append(s.writers, &patient{at: at, line: record("first", 200)}, &patient{at: at + 2, line: record("second", 400)})
	}
	return s
}

func (s *siege) before(op simfs.Op) {
	for _, w := range s.writers[:1] {
		w.act(s.fs, op.N)
	}
	if !s.acted && op.N >= s.at {
		if s.acted = s.who.do(s.fs); s.acted && s.who.goesOn != "" {
			s.goesOn = s.fs.Writer()
			s.goesOn.Lookup(s.who.goesOn)
		}
		if s.acted && s.who.cuts {
			for _, w := range s.writers {
				if w.half > 0 {
					s.cutOff = append(s.cutOff, w.line)
				}
			}
		}
	}
	for _, w := range s.writers {
		w.act(s.fs, op.N)
	}
	if op.N == s.kill && !s.over {
		s.hit = true
		s.fs.Die()
	}
}

// run does the rewrite, lets everybody finish, and has the next sessions
// recover.
func (s *siege) run(wrap func(durable.FS) durable.FS) error {
	o := simOptions(s.fs)
	if wrap != nil {
		o.FS = wrap(s.fs)
	}
	s.fs.Hook = s.before
	rep, err := simRewrite(context.Background(), o)
	s.rep, s.over = rep, true
	if s.kill >= 0 {
		s.fs.Restart()
	}
	// What is left is done while the next run recovers; that may have to give
	// way once.
	n := s.fs.Ops()
	for try := 0; try < 3 && (s.kill >= 0 || err != nil); try++ {
		var session *durable.Session
		if session, err = durable.Begin(context.Background(), simLog, o); err == nil {
			err = session.Close()
			break
		}
	}
	var refused *durable.RefusedError
	if errors.As(err, &refused) && slices.Equal(refused.Allow, []string{durable.RemedyBreakLinks}) {
		err = nil // the link stays
	}
	if err != nil {
		return fmt.Errorf("recovery: %w", err)
	}
	s.fs.Hook = nil
	for i := range 1000 {
		for _, w := range s.writers {
			w.act(s.fs, n+1000+i)
		}
	}
	if s.goesOn != nil {
		if !s.goesOn.Open() {
			return errors.New("somebody still has a lease")
		}
		s.goesOn.Write(goesOnLine)
		s.goesOn.Close()
	}
	return s.check()
}

var goesOnLine = record("another way", 100)

// check wants every line in exactly one file that can be seen.
func (s *siege) check() error {
	count := map[string]int{}
	seen := map[uint64]bool{}
	for _, name := range s.fs.Files() {
		if strings.HasPrefix(filepath.Base(name), ".") {
			return fmt.Errorf("left over: %s", name)
		}
		if seen[s.fs.Ino(name)] {
			continue
		}
		seen[s.fs.Ino(name)] = true
		content, _ := s.fs.Get(name)
		for line := range strings.Lines(content) {
			if !s.who.copies || name == simLog {
				count[line]++
			}
		}
	}
	for _, w := range s.writers {
		switch n := count[w.line]; {
		case !w.done:
			return fmt.Errorf("line %.40q could not be written", w.line)
		case n > 1, n == 0 && !slices.Contains(s.cutOff, w.line):
			return fmt.Errorf("line %.40q is there %d times", w.line, n)
		}
	}
	if n := count[goesOnLine]; s.goesOn != nil && n != 1 {
		return fmt.Errorf("what was appended another way is there %d times", n)
	}
	for i, line := range oldLines {
		n := count[line]
		kept := i%2 == 1
		if n > 1 || n == 0 && kept && !s.who.cuts || !kept && n != count[oldLines[0]] && !s.who.cuts {
			return fmt.Errorf("line %.40q of the log is there %d times", line, n)
		}
	}
	return nil
}

// TestFaultStrangersAtEveryOperation lets others rotate, cut and link the log
// at every operation of a rewrite; in torture the rewrite is killed at every
// later operation too.
func TestFaultStrangersAtEveryOperation(t *testing.T) {
	for _, who := range strangers() {
		t.Run(who.name, func(t *testing.T) {
			t.Parallel()
			runs := 0
			for i := 2; ; i++ {
				at, halves := i/2, i%2 == 1
				s := newSiege(who, at, -1, halves)
				require.NoError(t, s.run(nil), "before operation %d, halves %v", at, halves)
				if runs++; !s.acted {
					break
				}
				step := 7
				if testtool.Torture() {
					step = 1
				}
				for kill := at + at%step; ; kill += step {
					s := newSiege(who, at, kill, halves)
					require.NoError(t, s.run(nil), "before operation %d, killed before %d, halves %v", at, kill, halves)
					if runs++; !s.hit {
						break
					}
				}
			}
			t.Logf("%d runs", runs)
		})
	}
}

// The checks whether a name is still of the file that it was of are needed.
func TestFaultStrangersCatchPlanted(t *testing.T) {
	for at := 1; at < 200; at++ {
		if err := newSiege(strangers()[0], at, -1, false).run(plant(mistake{noLook: true})); err != nil {
			t.Logf("caught with a rotation before operation %d: %.200s", at, err)
			return
		}
	}
	require.Fail(t, "nothing noticed it")
}

// TestFaultTimePasses has a slow disk, and a process that stands still for a
// minute in any operation.
func TestFaultTimePasses(t *testing.T) {
	nobody := strangers()[6]
	for at := 1; ; at++ {
		s := newSiege(nobody, at, -1, at%2 == 1)
		s.fs.Takes = func(op simfs.Op) time.Duration {
			if strings.HasPrefix(op.Name, "Sync") {
				return 3 * time.Second
			}
			return 0
		}
		require.NoError(t, s.run(nil), "slow disk, writers from operation %d", at)
		for _, w := range s.writers {
			require.LessOrEqual(t, w.waited, 50*time.Millisecond, "a writer waited for the disk, from operation %d on", at)
		}
		require.LessOrEqual(t, s.rep.Held, 50*time.Millisecond)
		if !s.acted {
			break
		}
	}
	raced := 0
	for still := 1; ; still++ {
		hit := false
		for _, at := range []int{still - 2, still - 1, still, still + 1} {
			s := newSiege(nobody, at, -1, at%2 == 1)
			s.fs.Takes = func(op simfs.Op) time.Duration {
				if op.N != still {
					return 0
				}
				hit = true
				return time.Minute
			}
			require.NoError(t, s.run(nil), "stands still at operation %d, writers from %d on", still, at)
			if s.rep.Guarantee == durable.Raced {
				raced++
			}
		}
		if !hit {
			break
		}
	}
	require.NotZero(t, raced, "no lease was ever lost, and said to be")
}

// TestFaultTwoOfOurs starts a second rewrite at every operation of the first:
// it is sent away and changes nothing.
func TestFaultTwoOfOurs(t *testing.T) {
	for at := 4; ; at++ {
		fs, _ := world(scenario{})
		tried, ended := false, false
		fs.Hook = func(op simfs.Op) {
			if tried || op.N < at {
				return
			}
			tried = true
			hook := fs.Hook
			fs.Hook = nil
			_, err := simRewrite(context.Background(), simOptions(fs))
			if ended = op.Name == "Close" && !errors.Is(err, durable.ErrLocked); !ended {
				require.ErrorIs(t, err, durable.ErrLocked, "at operation %d (%s)", op.N, op.Name)
			}
			fs.Hook = hook
		}
		_, err := simRewrite(context.Background(), simOptions(fs))
		require.NoError(t, err, "second run at operation %d", at)
		got, _ := fs.Get(simLog)
		require.Equal(t, strings.Join(newLines, ""), got)
		require.Equal(t, []string{simLog}, fs.Files())
		if ended {
			break
		}
	}
}

// TestFaultTwoOfOursAndARotation has the log rotated at every operation of a
// rewrite, and a second one begin then: it rewrites the new log, or is told to
// come again.
func TestFaultTwoOfOursAndARotation(t *testing.T) {
	told := 0
	for at := 4; ; at++ {
		fs, _ := world(scenario{})
		acted := false
		fs.Hook = func(op simfs.Op) {
			if acted || op.N < at {
				return
			}
			acted = true
			hook := fs.Hook
			fs.Hook = nil
			fs.MoveAway(simLog, simLog+".1")
			fs.Put(simLog, strings.Join(oldLines, ""))
			_, err := simRewrite(context.Background(), simOptions(fs))
			if errors.Is(err, durable.ErrLocked) {
				told++
			} else {
				require.NoError(t, err, "second run at operation %d (%s)", op.N, op.Name)
			}
			fs.Hook = hook
		}
		_, _ = simRewrite(context.Background(), simOptions(fs))
		if !acted {
			break
		}
	}
	require.NotZero(t, told)
}
