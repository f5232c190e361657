package durable_test

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// An error of the disk is that, and no sign that somebody cut the log.
func TestFaultsAreNoCuts(t *testing.T) {
	for i, hit := 0, true; hit; i++ {
		fs, _ := world(scenario{})
		at := ""
		failsAt(fs, i, &at)
		_, err := simRewrite(t.Context(), simOptions(fs))
		if hit = at != ""; err != nil {
			require.NotContains(t, err.Error(), "it was cut", at)
			require.ErrorIs(t, err, syscall.EIO, at)
		}
	}
}

// expiring is a context whose time is over when somebody says so.
type expiring struct {
	context.Context
	over *bool
}

func (e expiring) Err() error {
	if *e.over {
		return context.DeadlineExceeded
	}
	return nil
}

// Why a rewrite was taken back is what is reported: as refused if it is for
// what others do, and as unfinished if the names cannot be exchanged back, which
// only a writer that keeps the log open makes his matter.
func TestWhyItIsTakenBack(t *testing.T) {
	for _, c := range []struct {
		name, says string
		do         func(fs *simfs.FS, w *simfs.Writer, op simfs.Op, over *bool) // before each operation from the exchange on, until the names are exchanged back
	}{
		{"slow", "could not be brought over in the time", func(fs *simfs.FS, w *simfs.Writer, op simfs.Op, _ *bool) {
			if op.Name == "Exchange" && w.Open() {
				w.Write("late\n")
				w.Close()
				fs.Takes = func(op simfs.Op) time.Duration {
					if op.Name == "Reserve" {
						return time.Second
					}
					return 0
				}
			}
		}},
		{"reached", "goes on appending", func(fs *simfs.FS, w *simfs.Writer, op simfs.Op, _ *bool) {
			if op.Name == "Sync" && strings.HasSuffix(op.Path, "papyra-new") {
				fs.Takes = func(simfs.Op) time.Duration { return 0 } // writers do not wait any more
			}
			if op.Name == "Sleep" && fs.Takes != nil && w.Open() {
				w.Write("again\n")
				w.Close()
			}
		}},
		{"over", context.DeadlineExceeded.Error(), func(_ *simfs.FS, w *simfs.Writer, op simfs.Op, over *bool) {
			if op.Name == "Exchange" {
				w.Open()
				*over = true
			}
		}},
	} {
		for _, back := range []bool{true, false} {
			fs, _ := world(scenario{})
			w, over, exchanges := fs.Writer(), false, 0
			require.True(t, w.Lookup(simLog))
			fs.Hook = func(op simfs.Op) {
				if op.Name == "Exchange" {
					exchanges++
				}
				if exchanges == 1 {
					c.do(fs, w, op, &over)
				}
			}
			fs.Fault = func(op simfs.Op) (f simfs.Fault) {
				if op.Name == "Exchange" && exchanges == 2 && !back {
					f.Err = syscall.EIO
				}
				return f
			}
			_, err := simRewrite(expiring{t.Context(), &over}, simOptions(fs))
			require.Equal(t, 2, exchanges, "%s: %v", c.name, err)
			require.ErrorContains(t, err, c.says)
			var unfinished *durable.UnfinishedError
			var refused *durable.RefusedError
			switch {
			case !back:
				require.ErrorAs(t, err, &unfinished, c.name)
				continue
			case c.name == "over":
				require.EqualError(t, err, c.says)
			default:
				require.ErrorAs(t, err, &refused, c.name)
			}
			require.Equal(t, w.Ino(), fs.Ino(simLog), c.name)
			require.True(t, strings.HasPrefix(content(fs, simLog), strings.Join(oldLines, "")), c.name)
			require.Equal(t, []string{simLog}, fs.Files(), c.name)
		}
	}
}

// A log that is mounted in many places is refused with some of them.
func TestManyMountsAreNamedInPart(t *testing.T) {
	fs, _ := world(scenario{})
	_, err := durable.Begin(t.Context(), simLog, simOptions(mounted{fs}))
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 5, strings.Count(err.Error(), "by process"), "%v", err)
}

// mounted says that every file is mounted in seven places.
type mounted struct{ durable.FS }

func (mounted) Mounts(string) ([]durable.Mount, int, error) {
	return make([]durable.Mount, 7), 0, nil
}

// The new file is rotated away just when a recovery opens it by its name: what
// has that name now gets nothing, and the next run finds it.
func TestRotatedWhenItIsOpened(t *testing.T) {
	fs := exchanged.world(t)
	names := 0
	fs.Hook = func(op simfs.Op) {
		if op.Name == "Names" {
			names = op.N
		}
		if op.Name == "Lstat" && op.Path == simLog && names > 0 && op.N > names+1 { // found, and not looked at again
			fs.Hook = nil
			fs.MoveAway(simLog, simLog+".1")
			fs.Put(simLog, "another\n")
		}
	}
	require.ErrorContains(t, recovered(t.Context(), fs), "replaced or renamed")
	require.Equal(t, "another\n", content(fs, simLog))
	require.NoError(t, recovered(t.Context(), fs))
	require.Equal(t, map[string]string{simLog: "another\n", simLog + ".1": "keep\nyoung\nlate\n"}, filesOf(fs))
}

// noRecord has the fsync of the journal fail once the names are exchanged, for
// which the rewrite is taken back. A line has come to the new file by then.
func noRecord(t *testing.T, fs *simfs.FS) {
	exchanged := false
	fs.Fault = func(op simfs.Op) (f simfs.Fault) {
		exchanged = exchanged || op.Name == "Exchange"
		if exchanged && op.Name == "Sync" && op.Path == journalled {
			appendNow(t, fs, "young\n")
			f.Err, fs.Fault = syscall.EIO, nil
		}
		return f
	}
}

// A journal whose fsync failed is not written to any more: what others have
// appended is brought back without one.
func TestTakenBackWithoutAJournal(t *testing.T) {
	fs, _ := world(scenario{})
	noRecord(t, fs)
	_, err := simRewrite(t.Context(), simOptions(fs))
	require.ErrorIs(t, err, syscall.EIO)
	require.ErrorContains(t, err, "undone")
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, "") + "young\n"}, filesOf(fs))
}

// Somebody else's file has the hidden name when the new file is to be read:
// nothing of it comes to the log, and the next run lets it be seen.
func TestAnotherFileWhenTakenBack(t *testing.T) {
	fs, _ := world(scenario{})
	const another = "another\nthat is much longer\nthan what others have appended\n"
	noRecord(t, fs)
	exchanges := 0
	fs.Hook = func(op simfs.Op) {
		if op.Name == "Exchange" {
			exchanges++
		}
		if op.Name == "OpenFile" && exchanges == 2 {
			fs.Hook = nil
			fs.MoveAway(hidden, simDir+"/moved")
			fs.Put(hidden, another)
		}
	}
	_, err := simRewrite(t.Context(), simOptions(fs))
	require.ErrorContains(t, err, "replaced or renamed")
	require.NoError(t, recovered(t.Context(), fs))
	aside := fs.Files()[1]
	require.Equal(t, map[string]string{simLog: strings.Join(oldLines, ""), aside: another,
		simDir + "/moved": strings.Join(newLines, "") + "young\n"}, filesOf(fs))
}

// An error at any operation of a rewrite that is taken back is said, while
// writers wait or later, and the next run comes to the same end.
func TestFaultsOfRollBack(t *testing.T) {
	other := simDir + "/other"
	for _, early := range []bool{true, false} {
		for i, hit := 0, true; hit; i++ {
			fs, _ := world(scenario{})
			at, exchanges, want := "", 0, strings.Join(oldLines, "")
			fs.Hook = func(op simfs.Op) {
				if op.Name == "Exchange" {
					exchanges++
				}
				switch {
				case op.Name == "Exchange" && exchanges == 2:
					fs.Hook = nil
					failsAt(fs, i, &at)
				case exchanges == 1 && early && op.Name == "Exchange":
					fs.Hardlink(simLog, other)
				case exchanges == 1 && !early && op.Name == "Sync" && fs.Ino(other) == 0:
					fs.Hardlink(hidden, other)
					appendNow(t, fs, "young\n")
					want += "young\n"
				}
			}
			_, err := simRewrite(t.Context(), simOptions(fs))
			fs.Fault, hit = nil, at != ""
			if hit && at != "Sleep " && !strings.HasPrefix(at, "Close ") {
				require.ErrorIs(t, err, syscall.EIO, at)
			}
			var refused *durable.RefusedError
			require.ErrorAs(t, recovered(t.Context(), fs), &refused, at)
			require.Equal(t, want, noBlankLines(content(fs, simLog)), at)
			require.Equal(t, fs.Ino(simLog), fs.Ino(other), at)
			require.Len(t, fs.Files(), 2, at)
		}
	}
}
