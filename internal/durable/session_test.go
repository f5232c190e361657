package durable_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// A writer that keeps the log open is waited for as long as was asked, 2 s if
// nothing was, and never for longer than a lease may be trusted.
func TestStallBudgetHasBounds(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{0: durable.DefaultStallBudget, time.Hour: durable.MaxStallBudget} {
		fs, _ := world(scenario{})
		w := fs.Writer()
		require.True(t, w.Lookup(simLog))
		require.True(t, w.Open())
		o, began := simOptions(fs), fs.Now()
		o.StallBudget = asked
		_, err := simRewrite(t.Context(), o)
		var held *durable.WriterHoldsLogError
		require.ErrorAs(t, err, &held)
		require.InDelta(t, want, fs.Now().Sub(began), float64(want)/2)
	}
}

// A log that must not be replaced is refused at the beginning, before anything
// is read.
func TestRefusedAtTheBeginning(t *testing.T) {
	var refused *durable.RefusedError
	sim, _ := world(scenario{})
	sim.Hardlink(simLog, simDir+"/other")
	require.ErrorAs(t, recovered(t.Context(), sim), &refused)

	sim, _ = world(scenario{})
	_, err := durable.Begin(t.Context(), simLog, simOptions(leaseless{sim}))
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{durable.RemedyOffline, durable.RemedyRace}, refused.Allow)

	sim, _ = world(scenario{})
	sim.Fault = func(op simfs.Op) (f simfs.Fault) {
		if op.Name == "Resolve" && op.Path == simDir {
			f.Err = syscall.EIO
		}
		return f
	}
	o := simOptions(sim)
	o.Within = simDir
	_, err = durable.Begin(t.Context(), simLog, o)
	require.ErrorIs(t, err, syscall.EIO, "the folder cannot be looked at")
}

// leaseless is on a file system whose leases hold nobody.
type leaseless struct{ durable.FS }

func (leaseless) KeepsLeases(string) error { return durable.ErrNoLease }

// The folder that a log has to be in may be named from the working directory.
func TestWithinTheWorkingDirectory(t *testing.T) {
	path, o := newLog(t, "a\n"), quick()
	t.Chdir(filepath.Dir(path))
	o.Within = "."
	s, err := durable.Begin(t.Context(), filepath.Base(path), o)
	require.NoError(t, err)
	require.Equal(t, path, s.Path())
	require.NotNil(t, s.File())
	require.Equal(t, path, s.File().Name())
	require.NoError(t, s.Close())
}

// Where there are no leases nobody can tell whether the log is held, and a
// simulated log is no file of the operating system.
func TestWithoutLeasesNobodyIsSeen(t *testing.T) {
	sim, _ := world(scenario{noLease: durable.ErrNoLease})
	o := simOptions(sim)
	o.Offline = true
	s, err := durable.Begin(t.Context(), simLog, o)
	require.NoError(t, err)
	held, err := s.Held()
	require.NoError(t, err)
	require.False(t, held)
	require.Nil(t, s.File())
	require.NoError(t, s.Close())
}

// What has the temporary name is locked by an appender for a moment, which is
// waited for, or for longer, which is not; or the run is to end.
func TestTempIsLocked(t *testing.T) {
	for _, c := range []struct{ letsGo, ends bool }{{letsGo: true}, {}, {ends: true}} {
		sim := exchanged.world(t)
		h, err := sim.OpenFile(hidden, os.O_RDONLY, 0)
		require.NoError(t, err)
		require.NoError(t, h.Lock())
		ctx, cancel := context.WithCancel(t.Context())
		sim.Hook = func(op simfs.Op) {
			if op.Name != "Sleep" {
				return
			}
			sim.Hook = nil
			if c.letsGo {
				require.NoError(t, h.Close())
			}
			if c.ends {
				cancel()
			}
		}
		err = recovered(ctx, sim)
		cancel()
		switch {
		case c.letsGo:
			require.NoError(t, err)
			require.Equal(t, "keep\nyoung\nlate\n", content(sim, simLog))
		case c.ends:
			require.ErrorIs(t, err, context.Canceled)
		default:
			require.ErrorIs(t, err, durable.ErrLocked)
		}
	}
}

// A folder that has the temporary name is in the way; a file that got it while
// another one was looked at is not taken for that one.
func TestTempIsAnother(t *testing.T) {
	var refused *durable.RefusedError
	sim, _ := world(scenario{})
	sim.AddDir(hidden, 1)
	require.ErrorAs(t, recovered(t.Context(), sim), &refused)
	require.ErrorContains(t, refused, "is no regular file")

	sim = exchanged.world(t)
	sim.Put(simDir+"/other", "somebody else\n")
	sim.Hook = func(op simfs.Op) {
		if op.Name == "OpenFile" && op.Path == hidden {
			sim.Hook = nil
			sim.MoveAway(hidden, simDir+"/away")
			sim.MoveAway(simDir+"/other", hidden)
		}
	}
	require.ErrorContains(t, recovered(t.Context(), sim), "replaced or renamed")
	require.Equal(t, "somebody else\n", content(sim, hidden))
}

// Behind a broken record of the journal stands a whole one, of a piece that
// never was: no recovery that is killed makes it the sequel of its own records.
func TestJournalEndsAtABrokenRecord(t *testing.T) {
	for k, hit := 0, true; hit; k++ {
		hit = false
		l := exchanged
		l.more = func(map[string]uint64) []durable.Entry {
			return []durable.Entry{{Room: &durable.Room{Bytes: 1, After: 1}}, {Place: &durable.Piece{From: 15, To: 15, At: 5}}}
		}
		sim := l.world(t)
		h, err := sim.OpenFile(journalled, os.O_RDWR, 0)
		require.NoError(t, err)
		const record = 512
		_, err = h.WriteAt([]byte(strings.Repeat("#", record)), int64(len(content(sim, journalled))-2*record))
		require.NoError(t, errors.Join(err, h.Sync(), h.Close()))
		first := sim.Ops()
		sim.Hook = func(op simfs.Op) {
			if op.N == first+k {
				hit = true
				sim.Die()
			}
		}
		_ = recovered(t.Context(), sim)
		sim.Hook = nil
		sim.Restart()
		require.NoError(t, recovered(t.Context(), sim))
		require.Equal(t, "keep\nyoung\nlate\n", content(sim, simLog), "killed before operation %d", k)
	}
}

// An emptied file of which the name is gone, or was given away, in the last
// moment is left alone; an error of the disk is told, and the file has its name
// or is gone after the next run.
func TestRemoveEmptiedInTheLastMoment(t *testing.T) {
	sim, _ := world(scenario{})
	when(sim, "Rename#0", func(simfs.Op) { sim.MoveAway(simLog, simLog+".1") })
	removed, err := emptyAndRemove(sim)
	require.NoError(t, err)
	require.False(t, removed)
	require.Equal(t, map[string]string{simLog + ".1": ""}, filesOf(sim))

	sim, _ = world(scenario{})
	sim.Fault = func(op simfs.Op) (f simfs.Fault) {
		if op.Name == "Rename" {
			f.Err = syscall.EIO
		}
		return f
	}
	removed, err = emptyAndRemove(sim)
	require.ErrorIs(t, err, syscall.EIO)
	require.NotErrorIs(t, err, fs.ErrNotExist)
	require.False(t, removed)
	require.Equal(t, map[string]string{simLog: ""}, filesOf(sim))
}

// Where the new file ends within the line that the log went on with, the two
// halves belong together.
func TestCommitWithinALine(t *testing.T) {
	sim, _ := world(scenario{})
	sim.Put(simLog, "drop\nhalf\n")
	s, err := durable.Begin(t.Context(), simLog, simOptions(sim))
	require.NoError(t, err)
	out, err := s.Create()
	require.NoError(t, err)
	_, err = out.Write([]byte("ha"))
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), int64(len("drop\nha")))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, "half\n", content(sim, simLog))
}

// An account would not have what comes after it through a filter: that is too
// late.
func TestThroughAfterAnAccount(t *testing.T) {
	sim, _ := world(scenario{})
	s, err := durable.Begin(t.Context(), simLog, simOptions(sim))
	require.NoError(t, err)
	_, err = s.Account(simDir + "/events.ndjson.repair-1.ledger")
	require.NoError(t, err)
	_, err = s.Create()
	require.NoError(t, err)
	s.Through(func(late io.Reader, w io.Writer) error { _, err := io.Copy(w, late); return err })
	appendNow(t, sim, "late\n")
	_, err = s.Commit(t.Context(), s.Size())
	require.ErrorIs(t, err, durable.ErrLate)
	require.NoError(t, s.Close())
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, "") + "late\n"}, filesOf(sim))
}

// What has been placed is not looked up again: a link that somebody planted at
// its name since is not followed.
func TestReplaceFollowsNoLink(t *testing.T) {
	sim, _ := world(scenario{})
	sim.Put(simDir+"/victim", "precious\n")
	_, err := durable.Replace(t.Context(), simLog, 0o600, simOptions(misled{sim}), func(w io.Writer) error {
		_, err := io.WriteString(w, "new\n")
		return err
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{simLog: "new\n", simDir + "/victim": "precious\n"}, filesOf(sim))
}

// misled has links to the victim.
type misled struct{ durable.FS }

func (misled) Resolve(string) (string, error) { return simDir + "/victim", nil }

// Where nobody writes, nobody is waited for.
func TestOfflineDoesNotWait(t *testing.T) {
	sim, _ := world(scenario{})
	o, began := simOptions(sim), sim.Now()
	o.Offline = true
	_, err := simRewrite(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, began, sim.Now())
}
