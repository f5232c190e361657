package live_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// device is a file system of its own in an image file.
type device struct {
	t     testing.TB
	image string
	mount string
}

// needDevices skips where file systems can't be made and mounted.
func needDevices(t *testing.T, tools ...string) {
	t.Helper()
	if !testtool.Torture() {
		t.Skip("in torture only")
	}
	if os.Geteuid() != 0 {
		testtool.Missing(t, "mounting needs root")
	}
	for _, tool := range append(tools, "mount", "umount") {
		testtool.Need(t, tool)
	}
}

func must(t testing.TB, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %q: %s", name, args, out)
}

// makeDevice makes a file system in a new image below dir.
func makeDevice(t testing.TB, dir, kind string, size int64) *device {
	t.Helper()
	d := &device{t: t, image: filepath.Join(dir, kind+".img"), mount: t.TempDir()}
	f, err := os.Create(d.image)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(size))
	require.NoError(t, f.Close())
	must(t, "mkfs."+kind, "-q", d.image)
	must(t, "mount", "-o", "loop", d.image, d.mount)
	t.Cleanup(d.unmount)
	return d
}

func (d *device) unmount() {
	if d.mount == "" {
		return
	}
	if out, err := exec.Command("umount", d.mount).CombinedOutput(); err != nil {
		d.t.Logf("umount: %v: %s", err, out)
		exec.Command("umount", "-l", d.mount).Run()
	}
	d.mount = ""
}

// goingDown is the ioctl that stops a file system at once, as a power loss
// does: FS_IOC_SHUTDOWN, which xfs and ext4 share.
const goingDown = 0x8004587d

// crash stops the file system without writing anything out, copies the image,
// and mounts the copy, as after a power loss.
func (d *device) crash() (after *device) {
	d.t.Helper()
	f, err := os.Open(d.mount)
	require.NoError(d.t, err)
	err = unix.IoctlSetPointerInt(int(f.Fd()), goingDown, 2) // 2: not even the journal in memory
	f.Close()
	if err != nil {
		testtool.Missing(d.t, "the file system can't be stopped: %v", err)
	}
	after = &device{t: d.t, image: d.image + ".crashed", mount: d.t.TempDir()}
	must(d.t, "cp", "--sparse=always", d.image, after.image)
	d.t.Cleanup(func() { os.Remove(after.image) })
	must(d.t, "mount", "-o", "loop"+nouuid(d.image), after.image, after.mount)
	d.t.Cleanup(after.unmount)
	return after
}

// nouuid is xfs's option to mount a second file system with the same identity.
func nouuid(image string) string {
	if filepath.Base(image) == "xfs.img" {
		return ",nouuid"
	}
	return ""
}

// feed writes records to a papyra-append that acknowledges each, until it is
// stopped.
func feed(t testing.TB, path, writer, sync string, size int, pause time.Duration) (p *process, acks *screen, stop func() (fed int)) {
	t.Helper()
	in, out, err := os.Pipe()
	require.NoError(t, err)
	acks = &screen{}
	cmd := exec.Command(testtool.Program(t, "papyra-append"), "--quiet", "--sync", sync, "--ack", path)
	cmd.Stdin, cmd.Stdout = in, acks
	p = start(t, cmd)
	in.Close()
	done := make(chan int)
	go func() {
		n := 0
		for {
			if _, err := out.Write(eventLine(writer, n+1, size)); err != nil {
				done <- n + 1 // of the last one a part may have got through
				return
			}
			n++
			time.Sleep(pause)
		}
	}()
	return p, acks, func() int {
		p.kill() // the feeder sees the pipe break
		n := <-done
		out.Close()
		return n
	}
}

// TestTortureCrashedDevice stops a real file system under a repair, appends
// that are acknowledged, and a writer that does not fsync. On what a power loss
// would have left, the repair finishes, and every acknowledged record is there
// once.
//
//	PAPYRA_TORTURE=1 PAPYRA_TORTURE_CRASHES=40 go test ./internal/e2e/live -run TestTortureCrashedDevice -timeout 0 -v
func TestTortureCrashedDevice(t *testing.T) {
	needDevices(t, "mkfs.ext4", "mkfs.xfs", "cp")
	testtool.Programs(t)
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			rounds, kept, unsynced, left := amount(t, "PAPYRA_TORTURE_CRASHES", 20, 20), 0, 0, 0
			for round := range rounds {
				t.Run(fmt.Sprint(round), func(t *testing.T) {
					acked, lost, interrupted := crashOnce(t, kind)
					kept, unsynced, left = kept+acked, unsynced+lost, left+interrupted
				})
				require.False(t, t.Failed())
			}
			t.Logf("%s: %d power losses, %d with a rewrite under way: %d acknowledged records, all there once; %d that nobody fsynced were lost",
				kind, rounds, left, kept, unsynced)
			require.Positive(t, unsynced, "nothing at all was lost: these were no power losses")
		})
	}
}

func crashOnce(t *testing.T, kind string) (acked, unsynced, interrupted int) {
	images, err := os.MkdirTemp("/dev/shm", "papyra-device")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(images) })
	d := makeDevice(t, images, kind, 320<<20)
	path := filepath.Join(d.mount, "events.ndjson")
	require.NoError(t, os.WriteFile(path, seeds(seedRecords), 0o644))
	unix.Sync()
	_, acks, stop := feed(t, path, "app", "always", 0, 0)
	bg := startBackground(path, "bg", time.Millisecond)
	for end := time.Now().Add(time.Duration(100+rand.IntN(400)) * time.Millisecond); time.Now().Before(end); {
		require.NoError(t, appendOnce(path, garbage[0]))
		code, said := exitCode(repairCommand(t, path))
		require.Zero(t, code, said)
	}
	require.NoError(t, appendOnce(path, garbage[0]))
	repair := start(t, repairCommand(t, path)) // the one in the middle of which the power goes
	time.Sleep(time.Duration(rand.IntN(15_000)) * time.Microsecond)
	// What is acknowledged by now is safe. What is acknowledged while the file
	// system goes down is not counted: the way it is stopped here, an fsync on
	// its way may still answer well although the copy of the image does not
	// have its last write.
	before := acks.bytes()
	after := d.crash()
	repair.kill()
	fed := stop()
	n, _ := bg.stop() // its last append may have failed
	d.unmount()

	path = filepath.Join(after.mount, "events.ndjson")
	if len(ours(entries(t, after.mount))) > 0 {
		interrupted = 1
	}
	code, said := exitCode(repairCommand(t, path))
	require.Zero(t, code, said)
	sum, err := tallyFile(path, map[string]int{"seed": seedRecords, "app": fed, "bg": n + 1}, nil)
	require.NoError(t, err)
	acked, err = sumAcks(before)
	require.NoError(t, err)
	require.Empty(t, ours(entries(t, after.mount)))
	require.Equal(t, seedRecords, sum.seen["seed"])
	require.Zero(t, sum.twice+sum.torn, "%v", sum.notes)
	for i := 1; i <= acked; i++ {
		require.True(t, sum.has("app", i), "record %d of %d acknowledged ones is lost", i, acked)
	}
	return acked, n - min(n, sum.seen["bg"]), interrupted
}

// TestTortureFailedFsync appends to a file system whose disk, a file on a full
// tmpfs, takes no more: the kernel finds out when it writes back, and fsync
// fails once. Nothing after that may be acknowledged, and what was is there.
func TestTortureFailedFsync(t *testing.T) {
	needDevices(t, "mkfs.ext4")
	testtool.Program(t, "papyra-append")
	small := t.TempDir()
	must(t, "mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small)
	t.Cleanup(func() { exec.Command("umount", "-l", small).Run() })
	d := makeDevice(t, small, "ext4", 200<<20)
	path := filepath.Join(d.mount, "events.ndjson")
	p, acks, stop := feed(t, path, "app", "batch", 1000, 0)
	<-p.done
	fed := stop()
	require.Equal(t, 1, p.cmd.ProcessState.ExitCode(), p.out.String())
	acked, err := sumAcks(acks.bytes())
	require.NoError(t, err)
	t.Logf("%d records acknowledged, then: %s", acked, p.out.String())
	// The disk takes bytes again, and the machine starts again.
	must(t, "mount", "-o", "remount,size=400m", small)
	after := d.crash()
	sum, err := tallyFile(filepath.Join(after.mount, "events.ndjson"), map[string]int{"app": fed}, nil)
	require.NoError(t, err)
	for i := 1; i <= acked; i++ {
		require.True(t, sum.has("app", i), "record %d of %d acknowledged ones is lost", i, acked)
	}
	require.Positive(t, acked)
	require.Greater(t, fed, acked)
}
