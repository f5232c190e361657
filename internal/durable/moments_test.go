package durable_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/durable/simfs"
)

// when has something happen before the operation of that name and number, such
// as "Exchange#0".
func when(fs *simfs.FS, moment string, do func(simfs.Op)) {
	count := map[string]int{}
	fs.Hook = func(op simfs.Op) {
		name := fmt.Sprintf("%s#%d", op.Name, count[op.Name])
		if count[op.Name]++; name == moment {
			do(op)
		}
	}
}

// killedAt runs something that is killed at a moment; see when. What is left is
// as the next process finds it.
func killedAt(fs *simfs.FS, moment string, run func()) {
	when(fs, moment, func(simfs.Op) { fs.Die() })
	run()
	fs.Hook = nil
	fs.Restart()
}

// justBefore is the moment before the names are exchanged.
const justBefore = "Mounts#1"

// failsAt has the i-th operation from now on fail, beside what fails already,
// and says in at which one that was.
func failsAt(fs *simfs.FS, i int, at *string) {
	first, already := fs.Ops(), fs.Fault
	fs.Fault = func(op simfs.Op) (f simfs.Fault) {
		switch {
		case op.N == first+i:
			*at, f.Err = op.Name+" "+op.Path, syscall.EIO
		case already != nil:
			f = already(op)
		}
		return f
	}
}

// appendNow is a whole append by somebody else.
func appendNow(t *testing.T, fs *simfs.FS, line string) {
	t.Helper()
	w := fs.Writer()
	require.True(t, w.Lookup(simLog))
	require.True(t, w.Open())
	w.Write(line)
	w.Close()
}

func content(fs *simfs.FS, name string) string {
	got, _ := fs.Get(name)
	return got
}

// untouched asserts that a rewrite was refused, and for which reason, and that
// nothing else is there.
func untouched(t *testing.T, fs *simfs.FS, err error, reason string) *durable.RefusedError {
	t.Helper()
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, reason)
	require.Equal(t, strings.Join(oldLines, ""), content(fs, simLog))
	require.Equal(t, []string{simLog}, fs.Files())
	return refused
}

// A reader that looked into the new file just now is waited for as long as the
// stall budget, or until the run is to end.
func TestSomebodyHasTheNewFileOpen(t *testing.T) {
	for _, tt := range []struct {
		name   string
		closes bool
		cancel bool
	}{{name: "closes", closes: true}, {name: "keeps"}, {name: "interrupted", cancel: true}} {
		t.Run(tt.name, func(t *testing.T) {
			fs, _ := world(scenario{})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w, polls := fs.Writer(), 0
			when(fs, "Mounts#1", func(simfs.Op) {
				require.True(t, w.Lookup(hidden))
				w.ForceOpen()
				fs.Hook = func(op simfs.Op) {
					if op.Name != "Sleep" {
						return
					}
					if polls++; polls == 3 && tt.closes {
						w.Close()
						fs.Hook = nil
					} else if tt.cancel {
						cancel()
					}
				}
			})
			_, err := simRewrite(ctx, simOptions(fs))
			switch {
			case tt.closes:
				require.NoError(t, err)
				require.Equal(t, strings.Join(newLines, ""), content(fs, simLog))
			case tt.cancel:
				require.ErrorIs(t, err, context.Canceled)
				require.Equal(t, 1, polls)
			default:
				untouched(t, fs, err, "lease the new file")
				require.Equal(t, 40, polls, "8 ms, a look each 200 µs")
			}
		})
	}
}

// Where names cannot be exchanged, a rewrite that is to be exclusive is
// refused, and what would allow it is said.
func TestNoExchangeNoExclusiveRewrite(t *testing.T) {
	fs, _ := world(scenario{noSwap: true})
	_, err := simRewrite(context.Background(), simOptions(fs))
	refused := untouched(t, fs, err, "not supported here")
	require.Equal(t, []string{durable.RemedyOffline, durable.RemedyRace}, refused.Allow)
}

// An error of the disk is not a refusal: nobody is to blame.
func TestErrorOfTheExchange(t *testing.T) {
	fs, _ := world(scenario{})
	fs.Fault = func(op simfs.Op) (f simfs.Fault) {
		if op.Name == "Exchange" {
			f.Err = syscall.EIO
		}
		return f
	}
	_, err := simRewrite(context.Background(), simOptions(fs))
	require.ErrorIs(t, err, syscall.EIO)
	var refused *durable.RefusedError
	require.False(t, errors.As(err, &refused))
	require.Equal(t, strings.Join(oldLines, ""), content(fs, simLog))
}

// What is appended between the last look and the exchange passes through the
// filter too.
func TestThroughUntilTheExchange(t *testing.T) {
	fs, _ := world(scenario{})
	when(fs, "Mounts#1", func(simfs.Op) { appendNow(t, fs, "late line\n") })
	require.NoError(t, shout(fs))
	require.Equal(t, strings.ToUpper(strings.Join(oldLines, "")+"late line\n"), content(fs, simLog))
}

// What passed through a filter just before the exchange is durable by then:
// wherever the power is lost, a line whose writer fsynced it is there.
func TestThroughIsDurable(t *testing.T) {
	const line = "late line\n"
	fs, _ := world(scenario{})
	when(fs, "Mounts#1", func(simfs.Op) {
		w := fs.Writer()
		require.True(t, w.Lookup(simLog))
		require.True(t, w.Open())
		w.Write(line)
		w.Sync()
		w.Close()
		fs.Hook = func(op simfs.Op) {
			fs.Crashes(func(c *simfs.FS) {
				settledLate(t, c, strings.Join(oldLines, ""), line, "power lost before "+op.Name, true)
			})
		}
	})
	require.NoError(t, shout(fs))
}

// A rewrite that was taken back says why, and only of an error of the disk that
// it was undone: a refusal, or an end that was asked for, is none.
func TestTakenBackSaysWhy(t *testing.T) {
	for _, why := range []error{syscall.EIO, context.Canceled} {
		fs, _ := world(scenario{})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		w, failed := fs.Writer(), false
		when(fs, "Exchange#0", func(simfs.Op) {
			if why == context.Canceled {
				require.True(t, w.Lookup(simLog))
				w.ForceOpen()
				fs.Hook = func(op simfs.Op) {
					if op.Name == "Sleep" {
						cancel()
					}
				}
				return
			}
			fs.Fault = func(op simfs.Op) (f simfs.Fault) {
				if op.Name == "Sync" && !failed {
					failed, f.Err = true, syscall.EIO
				}
				return f
			}
		})
		_, err := simRewrite(ctx, simOptions(fs))
		require.ErrorIs(t, err, why)
		require.Equal(t, why == syscall.EIO, strings.Contains(err.Error(), "undone"), err)
		require.Equal(t, strings.Join(oldLines, ""), content(fs, simLog))
		require.Equal(t, []string{simLog}, fs.Files())
	}
}

// A writer that looked the log up before the exchange comes in at any later
// moment, also between the last two looks at the lease that keeps him out.
func TestHammerAcrossTheExchange(t *testing.T) {
	exchange := 0
	fs, _ := world(scenario{})
	when(fs, "Exchange#0", func(op simfs.Op) { exchange = op.N })
	_, err := simRewrite(context.Background(), simOptions(fs))
	require.NoError(t, err)
	for open := exchange; open < fs.Ops(); open++ {
		for _, held := range []int{0, 1, 3} {
			_, err := scheduled(timetable{exchange, open, open + held}, simOptions(nil), nil)
			require.NoError(t, err, "open before operation %d, write %d later", open, held)
		}
	}
}

// commitFragment gives the log content that ends within a line, as an undo does
// that restores a fragment. Everything that the log has beyond its size now
// stays.
func commitFragment(fs *simfs.FS) (durable.Report, error) {
	return rewrite(context.Background(), simLog, simOptions(fs), "fragment", int64(len(strings.Join(oldLines, ""))))
}

// What was appended to the old file comes behind a fragment on a line of its
// own, whenever it was: before any operation.
func TestNothingIsGluedAtAnyOperation(t *testing.T) {
	for at, hit := 1, true; hit; at++ {
		hit = false
		fs, _ := world(scenario{})
		w, old := fs.Writer(), fs.Ino(simLog)
		fs.Hook = func(op simfs.Op) {
			if op.N < at || hit {
				return
			}
			if w.Lookup(simLog) && w.Open() { // or it waits for a lease
				hit = true
				w.Write("line\n")
				w.Close()
			}
		}
		rep, err := commitFragment(fs)
		require.NoError(t, err, at)
		want := "fragment"
		carried := hit && w.Ino() == old
		if carried {
			want += "\nline\n"
		}
		require.EqualValues(t, len(want), rep.BytesAfter, at)
		if hit && !carried { // to the log as it is by then
			want += "line\n"
		}
		require.Equal(t, want, content(fs, simLog), "appended before operation %d", at)
		require.Equal(t, carried, rep.NewlineAdded, at)
	}
}

// TestReplaceAtEveryOperation: an output that is a log is replaced as in a
// rewrite. What is appended once the log is locked stays, behind the new
// content.
func TestReplaceAtEveryOperation(t *testing.T) {
	for at, hit := 0, true; hit; at++ {
		hit = false
		fs, _ := world(scenario{})
		locked := false
		fs.Hook = func(op simfs.Op) {
			locked = locked || op.Name == "Mounts" // it has looked at the size by then
			if !locked || op.N < at || hit {
				return
			}
			if w := fs.Writer(); w.Lookup(simLog) && w.Open() {
				hit = true
				w.Write("line\n")
				w.Close()
			}
		}
		_, err := durable.Replace(context.Background(), simLog, 0o600, simOptions(fs), func(w io.Writer) error {
			_, err := io.WriteString(w, "new\n")
			return err
		})
		require.NoError(t, err)
		want := "new\n"
		if hit {
			want += "line\n"
		}
		require.Equal(t, want, content(fs, simLog), "appended before operation %d", at)
		require.Equal(t, []string{simLog}, fs.Files())
	}
}

// What is appended late goes behind the half line of somebody who has the new
// file open: it waits until he has written the rest, or is gone, or the run is
// taken back, and nothing comes between the halves.
func TestHalfLineInTheNewFile(t *testing.T) {
	for _, ending := range []string{"finishes", "dies", "keeps"} {
		t.Run(ending, func(t *testing.T) {
			fs, _ := world(scenario{})
			late, half := fs.Writer(), fs.Writer()
			polls := 0
			end := func() {
				if ending != "dies" {
					half.Write(" of it\n")
				}
				half.Close()
				fs.Hook = nil
				reserved := false
				if ending == "dies" { // somebody else appends just behind the room that is made for the late line and its newline
					fs.Hook = func(op simfs.Op) {
						if reserved {
							fs.Hook = nil
							appendNow(t, fs, "next\n")
						}
						reserved = op.Name == "Reserve"
					}
				}
			}
			when(fs, "Exchange#0", func(simfs.Op) {
				require.True(t, late.Lookup(simLog))
				fs.Hook = func(op simfs.Op) {
					switch {
					case op.Name != "Sleep" || late.Ino() == fs.Ino(simLog) && polls == 0:
					case polls == 0 && half.Lookup(simLog) && half.Open(): // writers are let go
						polls++
						half.Write("half")
						require.True(t, late.Open())
						late.Write("late\n")
						late.Close()
					case polls > 0:
						if polls++; polls == 4 && ending != "keeps" {
							end()
						}
					}
				}
			})
			_, err := simRewrite(context.Background(), simOptions(fs))
			want := strings.Join(newLines, "") + "half of it\nlate\n"
			switch ending {
			case "finishes":
				require.NoError(t, err)
			case "dies":
				require.NoError(t, err)
				want = strings.ReplaceAll(want, " of it", "") + "next\n"
			default:
				var held *durable.WriterHoldsLogError
				require.ErrorAs(t, err, &held)
				require.True(t, held.Pending)
				end()
				require.NoError(t, recovered(context.Background(), fs))
				want = strings.Join(oldLines, "") + "late\nhalf of it\n"
			}
			require.Equal(t, want, content(fs, simLog))
			require.Equal(t, []string{simLog}, fs.Files())
		})
	}
}
