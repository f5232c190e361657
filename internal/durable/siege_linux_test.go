package durable_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// besieged are options with which others act at a certain moment of the swap.
func besieged() (*hooked, durable.Options) {
	fs := newHooked()
	o := quick()
	o.FS = fs
	return fs, o
}

// Whoever mounts the log at the last moment is found when the swap looks again,
// and it is taken back.
func TestMountedInTheMiddle(t *testing.T) {
	if os.Geteuid() != 0 {
		testtool.Missing(t, "mounts need root")
	}
	path := newLog(t, "a\nb\n")
	point := filepath.Join(t.TempDir(), "mounted.ndjson")
	require.NoError(t, os.WriteFile(point, nil, 0o600))
	fs, o := besieged()
	fs.before["Exchange#0"] = func() {
		require.NoError(t, unix.Mount(path, point, "", unix.MS_BIND, ""))
		t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) })
	}
	old := make(chan error, 1)
	fs.before["Mounts#2"] = func() {
		require.NoError(t, appendOnce(path, "new\n"))
		go func() { old <- appendOnce(point, "old\n") }() // waits for a lease
	}
	_, err := rewrite(t.Context(), path, o, "b\n", 4)
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "mounted elsewhere")
	require.NoError(t, <-old)
	require.NoError(t, appendOnce(point, "later\n"))
	require.ElementsMatch(t, []string{"a", "b", "new", "old", "later"}, strings.Fields(read(t, path)))
	alone(t, path)
}

// goesOn is the real file system, with an append at each look of the linger. No
// time passes by sleeping.
type goesOn struct {
	*hooked
	slept  time.Duration
	append func()
}

func (g *goesOn) Now() time.Time { return g.hooked.Now().Add(g.slept) }

func (g *goesOn) Sleep(d time.Duration) {
	if g.slept += d; d >= durable.LingerPoll {
		g.append()
	}
}

// TestReachedByAnotherWay: of a mount that cannot be seen the appends that do
// not end tell.
func TestReachedByAnotherWay(t *testing.T) {
	if os.Geteuid() != 0 {
		testtool.Missing(t, "mounts need root")
	}
	path := newLog(t, "a\nb\n")
	point := filepath.Join(t.TempDir(), "mounted.ndjson")
	require.NoError(t, os.WriteFile(point, nil, 0o600))
	require.NoError(t, unix.Mount(path, point, "", unix.MS_BIND, ""))
	t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) })
	n := 0
	fs := &goesOn{hooked: newHooked(), append: func() {
		require.NoError(t, appendOnce(point, fmt.Sprintf("%d\n", n)))
		n++
	}}
	fs.mounts = true
	_, err := rewrite(t.Context(), path, durable.Options{FS: fs}, "b\n", 4)
	require.ErrorContains(t, err, "goes on appending")
	require.Greater(t, n, 100)
	require.Len(t, strings.Fields(read(t, path)), 2+n)
	alone(t, path)
}

// A log that is a mount point itself, as inside such a container, cannot be
// exchanged.
func TestLogIsAMountPoint(t *testing.T) {
	if os.Geteuid() != 0 {
		testtool.Missing(t, "mounts need root")
	}
	path, below := newLog(t, ""), newLog(t, "a\n")
	require.NoError(t, unix.Mount(below, path, "", unix.MS_BIND, ""))
	t.Cleanup(func() { _ = unix.Unmount(path, unix.MNT_DETACH) })
	_, err := rewrite(t.Context(), path, quick(), "", 2)
	require.ErrorContains(t, err, "mount the directory instead")
	require.Equal(t, "a\n", read(t, path))
}

// TestCutInTheMiddle is copytruncate after the last look at the log; the second
// time the log has grown again since.
func TestCutInTheMiddle(t *testing.T) {
	for _, grown := range []string{"", "new\n", strings.Repeat("new\n", 10)} {
		path := newLog(t, "a\nb\n")
		before, err := os.Stat(path)
		require.NoError(t, err)
		fs, o := besieged()
		fs.before["Exchange#0"] = func() {
			require.NoError(t, os.Truncate(path, 0))
			require.NoError(t, appendOnce(path, grown))
		}
		_, err = rewrite(t.Context(), path, o, "b\n", 4)
		var refused *durable.RefusedError
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, "it was cut")
		require.Equal(t, grown, read(t, path), "nothing that was cut comes back, nothing new is lost")
		after, err := os.Stat(path)
		require.NoError(t, err)
		require.True(t, os.SameFile(before, after))
		alone(t, path)
	}
}

// A log that was cut before Commit, and has grown past its old size since.
func TestCutWhileItWasRead(t *testing.T) {
	path := newLog(t, "a\nb\n")
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	_, err = s.Create()
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, 0))
	require.NoError(t, appendOnce(path, "c\nd\ne\n"))
	_, err = s.Commit(t.Context(), 4)
	require.ErrorContains(t, err, "it was cut")
	require.NoError(t, s.Close())
	require.Equal(t, "c\nd\ne\n", read(t, path))
	alone(t, path)
}

func TestLinkedInTheMiddle(t *testing.T) {
	for _, moment := range []string{"Exchange#0", "Mounts#2"} {
		t.Run(moment, func(t *testing.T) {
			path := newLog(t, "a\nb\n")
			other := filepath.Join(filepath.Dir(path), "other")
			fs, o := besieged()
			fs.before[moment] = func() {
				from := path
				if moment != "Exchange#0" {
					from = filepath.Join(filepath.Dir(path), ".events.ndjson.papyra-new")
				}
				require.NoError(t, os.Link(from, other))
			}
			_, err := rewrite(t.Context(), path, o, "b\n", 4)
			if moment != "Exchange#0" {
				require.NoError(t, err, "a name for what is on its way out, made after the last look, changes nothing")
				return
			}
			var refused *durable.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []string{durable.RemedyBreakLinks}, refused.Allow)
			require.NoError(t, appendOnce(other, "c\n"))
			require.Equal(t, "a\nb\nc\n", read(t, path), "both names are of one file")
			alone(t, path, "other")
		})
	}
}

// TestRotatedAtTheExchange: the log is renamed and made anew before the names
// are looked at, or just before they are exchanged.
func TestRotatedAtTheExchange(t *testing.T) {
	for _, moment := range []string{"Mounts#1", "Exchange#0"} {
		path := newLog(t, "a\nb\n")
		fs, o := besieged()
		fs.before[moment] = func() {
			require.NoError(t, os.Rename(path, path+".1"))
			require.NoError(t, appendOnce(path, "c\n"))
		}
		_, err := rewrite(t.Context(), path, o, "b\n", 4)
		var refused *durable.RefusedError
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, "replaced or renamed by somebody else")
		require.NoError(t, appendOnce(path, "d\n"))
		require.Equal(t, "a\nb\n", read(t, path+".1"))
		require.Equal(t, "c\nd\n", read(t, path))
		alone(t, path, "events.ndjson.1")
	}
}

// TestRotatedDuringAStall: while a writer of the old file is waited for, the
// log is rotated. Nothing may be exchanged then; the next run brings over what
// the old file has, to wherever the new one is.
func TestRotatedDuringAStall(t *testing.T) {
	path := newLog(t, "a\nb\n")
	h := hold(t, path)
	fs, o := besieged()
	fs.after["Exchange#0"] = func() {
		fs.next("Sleep", func() {
			h.write(t, "held")
			require.NoError(t, os.Rename(path, path+".1"))
			require.NoError(t, os.WriteFile(path, []byte("c\n"), 0o640))
		})
	}
	_, err := rewrite(t.Context(), path, o, "b\n", 4)
	var held *durable.WriterHoldsLogError
	require.ErrorAs(t, err, &held)
	require.True(t, held.Pending)
	require.Contains(t, pids(held.Holders), h.cmd.Process.Pid)
	h.write(t, "held on")
	left, err := durable.Interrupted(path)
	require.NoError(t, err)
	require.Len(t, left, 2, "a scan says so")

	_, err = durable.Begin(t.Context(), path, quick())
	require.ErrorAs(t, err, &held, "it is still there")
	h.stop()
	s, err := durable.Begin(t.Context(), path, quick())
	require.NoError(t, err)
	require.Equal(t, "finished", s.Recovered()[0].Action)
	require.NoError(t, s.Close())
	require.Equal(t, "b\nheld\nheld on\n", read(t, path+".1"))
	require.Equal(t, "c\n", read(t, path))
	alone(t, path, "events.ndjson.1")
}

// What comes after a fragment begins on a line of its own, although the newline
// was not needed when the content was written.
func TestNothingIsGluedToAFragment(t *testing.T) {
	for _, moment := range []string{"Mounts#0", "Mounts#1", "Exchange#0", "Mounts#2"} {
		path := newLog(t, "a\nb\n")
		fs, o := besieged()
		fs.before[moment] = func() { require.NoError(t, appendOnce(path, "c\n")) }
		if moment == "Mounts#2" {
			fs.before[moment] = nil
		}
		rep, err := rewrite(t.Context(), path, o, "fragment", 4)
		require.NoError(t, err)
		if moment == "Mounts#2" {
			require.False(t, rep.NewlineAdded)
			require.Equal(t, "fragment", read(t, path))
			continue
		}
		require.True(t, rep.NewlineAdded, moment)
		require.EqualValues(t, 2, rep.Carried)
		require.EqualValues(t, 11, rep.BytesAfter)
		require.Equal(t, "fragment\nc\n", read(t, path), moment)
	}
}

// A stranger who holds a lock on what has the temporary name is no maintenance
// run.
func TestLockedStranger(t *testing.T) {
	if os.Geteuid() != 0 {
		testtool.Missing(t, "another user needs root")
	}
	path := newLog(t, "a\n")
	f, err := os.Create(filepath.Join(filepath.Dir(path), ".events.ndjson.papyra-new"))
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, f.Chown(65534, 65534))
	require.NoError(t, unix.Flock(int(f.Fd()), unix.LOCK_EX))
	_, err = durable.Begin(t.Context(), path, quick())
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.NotErrorIs(t, err, durable.ErrLocked)
	require.ErrorContains(t, err, "no maintenance run")
}

// TestNotTheOwner: one consistent refusal, which does not point to the unsafe
// ways.
func TestNotTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		testtool.Missing(t, "another user needs root")
	}
	path := newLog(t, "a\nb\n")
	dir := filepath.Dir(path)
	for p := dir; p != "/" && p != os.TempDir(); p = filepath.Dir(p) {
		require.NoError(t, os.Chmod(p, 0o777))
	}
	require.NoError(t, os.Chmod(path, 0o666))
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread dies with its identity
		const nobody = 65534
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
			done <- errno
			return
		}
		_, err := rewrite(t.Context(), path, quick(), "b\n", 4)
		done <- err
	}()
	err := <-done
	var refused *durable.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorIs(t, err, durable.ErrNotOwner)
	require.ErrorContains(t, err, "run as the owner, or with CAP_LEASE")
	require.Empty(t, refused.Allow)
}

// TestLongNames: names that leave no room for what we add to them.
func TestLongNames(t *testing.T) {
	for _, n := range []int{230, 239, 250, 255} {
		path := filepath.Join(t.TempDir(), strings.Repeat("n", n))
		require.NoError(t, os.WriteFile(path, []byte("bad\nb\n"), 0o640))
		left, err := durable.Interrupted(path)
		require.NoError(t, err)
		require.Empty(t, left)
		o := quick()
		o.QuarantineDir = t.TempDir()
		rep, err := rewrite(t.Context(), path, o, "b\n", 6)
		require.NoError(t, err)
		require.Equal(t, "b\n", read(t, path))
		require.Equal(t, "bad\nb\n", read(t, rep.QuarantinedAs))
		require.LessOrEqual(t, len(filepath.Base(rep.QuarantinedAs)), 255)
		alone(t, path)
	}
}

// A link to a directory on another file system is a good place for evidence.
func TestQuarantineBehindALink(t *testing.T) {
	disk := smallDisk(t, "1m")
	path := newLog(t, "bad\nb\n")
	o := quick()
	o.QuarantineDir = filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(disk, o.QuarantineDir))
	rep, err := rewrite(t.Context(), path, o, "b\n", 6)
	require.NoError(t, err)
	require.Equal(t, disk, filepath.Dir(rep.QuarantinedAs))
	require.Equal(t, "bad\nb\n", read(t, rep.QuarantinedAs))
}

// TestHeldDistribution measures for how long writers may have to wait.
func TestHeldDistribution(t *testing.T) {
	swaps := 30
	if testtool.Torture() {
		swaps = 2000
	}
	path := newLog(t, "a\n")
	bg := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-bg:
				return
			default:
				_ = appendOnce(path, "line\n")
				time.Sleep(200 * time.Microsecond)
			}
		}
	}()
	var held []time.Duration
	o := quick()
	o.StallBudget = durable.MaxStallBudget
	for range swaps {
		rep, err := rewrite(t.Context(), path, o, "a\n", fileSize(t, path))
		require.NoError(t, err)
		require.LessOrEqual(t, rep.Held, o.StallBudget)
		held = append(held, rep.Held)
	}
	close(bg)
	<-done
	t.Log(distribution(held))
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

func distribution(d []time.Duration) string {
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[int(q*float64(len(d)-1))].Round(10 * time.Microsecond) }
	return fmt.Sprintf("%d swaps: median %s, 90%% %s, 99%% %s, longest %s", len(d), at(0.5), at(0.9), at(0.99), at(1))
}
