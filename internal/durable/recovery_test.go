package durable_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// exchanged is what a rewrite leaves that is killed after it has exchanged the
// names.
var exchanged = left{log: "new", hidden: "old", journal: "ready"}

func (l left) world(t *testing.T) *simfs.FS {
	t.Helper()
	fs := simfs.New(simDir)
	l.put(t, fs)
	return fs
}

// recovered opens and closes a session.
func recovered(ctx context.Context, fs *simfs.FS) error {
	s, err := durable.Begin(ctx, simLog, simOptions(fs))
	if err != nil {
		return err
	}
	return s.Close()
}

// A writer that cannot be seen, of another user or in a container, has half a
// line in the file that a recovery is about to append to. It is waited for, and
// nothing comes between the halves.
func TestHalfLineOfSomebodyUnseen(t *testing.T) {
	for _, state := range []left{exchanged, {log: "old", hidden: "new", journal: "ready"}} {
		for _, finishes := range []bool{true, false} {
			fs := state.world(t)
			fs.Unseen = true
			w, polls := fs.Writer(), 0
			require.True(t, w.Lookup(simLog))
			require.True(t, w.Open())
			w.Write("half")
			finish := func() {
				w.Write(" of it\n")
				w.Close()
				fs.Hook = nil
			}
			fs.Hook = func(op simfs.Op) {
				if polls++; op.Name == "Sleep" && finishes {
					finish()
				}
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			err := recovered(ctx, fs)
			if !finishes {
				var held *durable.WriterHoldsLogError
				require.ErrorAs(t, err, &held)
				require.True(t, held.Pending)
				require.Greater(t, fs.Now().Sub(simfs.New().Now()), simOptions(nil).StallBudget-1, "it was waited for")
				cancel()
				require.ErrorIs(t, recovered(ctx, fs), context.Canceled)
				finish()
				err = recovered(context.Background(), fs)
			}
			require.NoError(t, err)
			got := content(fs, simLog)
			require.Contains(t, got, "\nhalf of it\n")
			require.Equal(t, 1, strings.Count(got, "late\n"))
			require.Equal(t, 1, strings.Count(got, "young\n"))
			require.Equal(t, []string{simLog}, fs.Files())
		}
	}
}

// Who has the new file open, and is not within a line, is in nobody's way.
func TestRecoveryBesideAnOpenWriter(t *testing.T) {
	fs := exchanged.world(t)
	w := fs.Writer()
	require.True(t, w.Lookup(simLog))
	require.True(t, w.Open())
	began := fs.Now()
	require.NoError(t, recovered(context.Background(), fs))
	require.Less(t, fs.Now().Sub(began), 3*simLinger)
	w.Write("more\n")
	w.Close()
	require.Equal(t, "keep\nyoung\nlate\nmore\n", content(fs, simLog))
}

// A recovery finds a link to the old file, or a mount of it: the old file gets
// its name back, and what the new one has comes to it.
func TestRecoveryFindsOtherWays(t *testing.T) {
	other := simDir + "/other"
	for name, do := range map[string]func(fs *simfs.FS){
		"links":  func(fs *simfs.FS) { fs.Hardlink(hidden, other) },
		"mounts": func(fs *simfs.FS) { fs.Mount(hidden) },
		"goes on": func(fs *simfs.FS) {
			w := fs.Writer()
			w.Lookup(hidden)
			fs.Hook = func(op simfs.Op) {
				if op.Name == "Sleep" && fs.Ops() < 3000 && w.Ino() != fs.Ino(simLog) && w.Open() {
					w.Write("again\n")
					w.Close()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			fs := exchanged.world(t)
			do(fs)
			ino := fs.Ino(hidden)
			err := recovered(context.Background(), fs)
			var refused *durable.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, ino, fs.Ino(simLog))
			got := content(fs, simLog)
			require.True(t, strings.HasPrefix(got, "drop\nkeep\nlate\n"), got)
			require.Equal(t, 1, strings.Count(got, "young\n"))
			require.Zero(t, fs.Ino(hidden))
			require.Zero(t, fs.Ino(journalled))
			switch name {
			case "goes on":
				require.ErrorContains(t, err, "goes on appending")
				require.Greater(t, strings.Count(got, "again\n"), 5)
			default:
				require.Equal(t, []string{durable.RemedyBreakLinks}, refused.Allow)
			}
		})
	}
}

// The same, but the new file has been rotated away since: there is no name to
// give back, and the old file gets one that can be seen.
func TestRecoveryFindsALinkAfterARotation(t *testing.T) {
	fs := left{log: "stranger", hidden: "old", rotated: "new", journal: "ready"}.world(t)
	fs.Hardlink(hidden, simDir+"/other")
	require.NoError(t, recovered(context.Background(), fs))
	require.Equal(t, "somebody else\n", content(fs, simLog))
	require.True(t, strings.HasPrefix(content(fs, simLog+".1"), "keep\nyoung\n"))
	aside := fs.Files()[2]
	require.Contains(t, aside, ".set-aside.")
	require.Equal(t, content(fs, simDir+"/other"), content(fs, aside))
}

// What is set aside replaces nothing.
func TestSetAsideReplacesNothing(t *testing.T) {
	fs := left{log: "second", hidden: "stranger", journal: "ready"}.world(t)
	for i := range 3 {
		fs.Put(fmt.Sprintf("%s.set-aside.%d", simLog, fs.Now().UnixMilli()+int64(i)), "kept")
	}
	require.NoError(t, recovered(context.Background(), fs))
	require.Len(t, fs.Files(), 5)
	require.Equal(t, "somebody else\n", content(fs, fmt.Sprintf("%s.set-aside.%d", simLog, fs.Now().UnixMilli()+3)))
	for _, name := range fs.Files()[1:4] {
		require.Equal(t, "kept", content(fs, name))
	}
}

// Where there are no leases any more, a recovery that needs them is refused,
// and leaves all as it is.
func TestRecoveryWithoutLeases(t *testing.T) {
	fs := exchanged.world(t)
	fs.NoLease = durable.ErrNoLease
	var refused *durable.RefusedError
	require.ErrorAs(t, recovered(context.Background(), fs), &refused)
	require.Equal(t, []string{durable.RemedyOffline, durable.RemedyRace}, refused.Allow)
	fs.NoLease = nil
	require.NoError(t, recovered(context.Background(), fs))
	require.Equal(t, "keep\nyoung\nlate\n", content(fs, simLog))
}

// Pieces that were brought to a new file which is not to be found any more went
// with it: they are not brought to the file that has the log's name now.
func TestPiecesGoWithTheNewFile(t *testing.T) {
	l := left{log: "stranger", hidden: "old", journal: "ready", more: func(map[string]uint64) []durable.Entry {
		n := int64(len("drop\nkeep\n"))
		return []durable.Entry{{Place: &durable.Piece{From: n, To: n + int64(len("la")), At: 5}}}
	}}
	fs := l.world(t)
	require.NoError(t, recovered(context.Background(), fs))
	require.Equal(t, "somebody else\nte\n", content(fs, simLog), "what comes behind them is")
}

// A link that is made during the linger, to the name under which the old file
// waits, is found.
func TestLinkedDuringTheLinger(t *testing.T) {
	fs, _ := world(scenario{})
	w := fs.Writer()
	when(fs, "Exchange#0", func(simfs.Op) {
		fs.Hook = func(op simfs.Op) {
			if op.Name == "Sleep" && fs.Ino(simDir+"/other") == 0 && fs.Now().Sub(simfs.New().Now()) > simLinger/2 {
				fs.Hardlink(hidden, simDir+"/other")
				w.Lookup(simDir + "/other")
			}
		}
	})
	_, err := simRewrite(context.Background(), simOptions(fs))
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.NotContains(t, err.Error(), "undone")
	require.Equal(t, w.Ino(), fs.Ino(simLog))
	require.Equal(t, strings.Join(oldLines, ""), content(fs, simLog))
}

// A session that has finished or undone what a killed run left goes on with a
// rewrite of its own, and is killed as well. It has a journal of its own then.
func TestRewriteAfterARecovery(t *testing.T) {
	for k, hit := 0, true; hit; k++ {
		hit = false
		fs, m := world(scenario{})
		when(fs, "Exchange#0", func(simfs.Op) { fs.Die() })
		_, err := simRewrite(context.Background(), simOptions(fs))
		require.Error(t, err)
		fs.Restart()
		a := &actor{lines: []string{record("late", 300)}, when: [4]string{"Exchange#0", "Sleep#1"}, sync: true}
		script := newScript(fs, m, a)
		first := fs.Ops()
		fs.Hook = func(op simfs.Op) {
			script.before(op)
			if op.N == first+k {
				hit = true
				fs.Die()
			}
		}
		_, err = simRewrite(context.Background(), simOptions(fs))
		m.done = err == nil
		fs.Hook = nil
		script.rest()
		fs.Restart()
		e := &explorer{opt: simOptions(nil), all: a.lines, depth: -1}
		require.NoError(t, e.recover(state{fs: fs, m: m}), "killed before operation %d", k)
	}
}

// So may the session keep an account of its own rewrite.
func TestAccountAfterARecovery(t *testing.T) {
	fs, name := exchanged.world(t), simDir+"/events.ndjson.repair-1.ledger"
	require.NoError(t, accounted(fs, name))
	require.Equal(t, map[string]string{simLog: strings.Join(newLines, ""), name: "the account\n"}, filesOf(fs))
}

// A recovery that has to give the old file its name back meets an error at any
// operation: it says so, or is refused as without one, and the next one comes
// to the same end.
func TestFaultsOfTakingBack(t *testing.T) {
	for i, hit := 0, true; hit; i++ {
		fs, at := exchanged.world(t), ""
		fs.Hardlink(hidden, simDir+"/other")
		failsAt(fs, i, &at)
		err := recovered(context.Background(), fs)
		fs.Fault, hit = nil, at != ""
		// The new file is fsynced when it is closed, and has no name when it is
		// let go.
		if hit && at != "Sleep " && at != "Close "+simLog && at != "Unlease "+simLog {
			require.ErrorIs(t, err, syscall.EIO, at)
		}
		var refused *durable.RefusedError
		require.ErrorAs(t, recovered(context.Background(), fs), &refused, at)
		got := content(fs, simLog)
		require.Equal(t, got, content(fs, simDir+"/other"), at)
		require.True(t, strings.HasPrefix(got, "drop\nkeep\nlate\n"), "%s: %q", at, got)
		require.Equal(t, 1, strings.Count(got, "young\n"), at)
		require.Len(t, fs.Files(), 2, at)
	}
}
