package live_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// soak is one epoch of the soak: everything that uses a log, on a small disk of
// its own.
type soak struct {
	mixed
	disk *device
	stop chan struct{}

	mu      sync.Mutex
	reached map[string]int   // how many records of each writer may be there
	acked   map[string][]int // which were acknowledged
	events  map[string]int
	peak    map[string]int64 // the most memory that each program took, in KiB
}

// count counts what happened.
func (s *soak) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events[what]++
}

// note says what became of a writer.
func (s *soak) note(name string, reached int, acked []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reached[name], s.acked[name] = reached, acked
}

// rest waits for a random time, and reports whether there is more to do.
func (s *soak) rest(least, most time.Duration) bool {
	select {
	case <-s.stop:
		return false
	case <-time.After(least + rand.N(most-least)):
		return true
	}
}

// watch keeps the most memory that a process takes until it ends.
func (s *soak) watch(p *process) {
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
		if _, after, ok := bytes.Cut(status, []byte("VmHWM:")); err == nil && ok {
			var kib int64
			fmt.Sscan(string(after), &kib)
			s.mu.Lock()
			s.peak[p.name] = max(s.peak[p.name], kib)
			s.mu.Unlock()
		}
		select {
		case <-p.done:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// writer appends as the producer does, is killed, and begins again under
// another name.
func (s *soak) writer(name string) {
	for life, more := 0, true; more; life++ {
		name := fmt.Sprint(name, "-", life)
		size := []int{0, 40, 200, 2000}[rand.IntN(4)] // the larger ones are torn where a page ends
		p := start(s.t, role("acked", writerArgs(s.path, name, 1, 1<<30, size, 8*time.Millisecond)...))
		more = s.rest(time.Second, 12*time.Second)
		p.kill()
		var acked []int
		n := 0
		for line := range strings.Lines(p.out.String()) {
			var got string
			if k, _ := fmt.Sscan(line, &n, &got); k == 2 && got == "ok" {
				acked = append(acked, n)
			} else {
				s.count("append of a writer: " + got)
			}
		}
		s.count("writers killed")
		s.note(name, n+1, acked) // the last one may have got through
	}
}

// appender feeds papyra-append until it is killed or the disk is full, and
// begins again under another name.
func (s *soak) appender(name, sync string) {
	for life, more := 0, true; more; life++ {
		name := fmt.Sprint(name, "-", life)
		p, acks, stop := feed(s.t, s.path, name, sync, 0, 8*time.Millisecond)
		go s.watch(p)
		more = s.rest(time.Second, 12*time.Second)
		s.count(fmt.Sprint("papyra-append killed: ", p.running()))
		fed := stop()
		n, err := sumAcks(acks.bytes())
		require.NoError(s.t, err)
		acked := make([]int, n)
		for i := range acked {
			acked[i] = i + 1
		}
		s.note(name, fed, acked)
	}
}

// reader runs a program that reads the log again and again, and kills it now
// and then.
func (s *soak) reader(least, most time.Duration, name string, args ...string) {
	for more := true; more; {
		cmd := exec.Command(testtool.Program(s.t, name), append(args, s.path)...)
		p := start(s.t, cmd)
		watched := make(chan struct{})
		go func() { s.watch(p); close(watched) }()
		more = s.rest(least, most)
		if p.running() && rand.IntN(2) == 0 {
			p.kill()
		} else {
			_ = p.cmd.Process.Signal(os.Interrupt)
			<-p.done
		}
		<-watched
		code := p.cmd.ProcessState.ExitCode()
		s.count(fmt.Sprintf("%s: exit %d", name, code))
		said := p.out.String()
		if code == 1 && !strings.Contains(said, "while it was read") && !strings.Contains(said, "no such file") { // between two names
			s.t.Errorf("%s: %.1000s", name, said)
		}
	}
}

// filler fills the disk, and frees it again.
func (s *soak) filler() {
	fill := filepath.Join(s.disk.mount, "fill")
	for s.rest(2*time.Second, 8*time.Second) {
		f, err := os.Create(fill)
		for chunk := make([]byte, 64<<10); err == nil; {
			_, err = f.Write(chunk)
		}
		require.ErrorIs(s.t, err, unix.ENOSPC)
		f.Close()
		s.count("disk full")
		s.rest(500*time.Millisecond, 3*time.Second)
		require.NoError(s.t, os.Remove(fill))
	}
}

// TestSoak is a log as it may fare at worst, on a small disk that fills and is
// freed: writers that take no lock, papyra-append, the producer's rotation,
// repairs and compactions, scans, and a follower, all of which are killed at
// random. At the end of each epoch every record that was acknowledged is there
// once. Where an append of somebody else was torn, by a kill or the full disk,
// the next record shares its line, and a repair that can't tell them apart
// keeps both in its ledger. Nothing else is left over, and no reader took more
// memory than any step may.
//
//	PAPYRA_SOAK=600 go test ./internal/e2e/live -run TestSoak -timeout 0 -v
func TestSoak(t *testing.T) {
	seconds := amount(t, "PAPYRA_SOAK", 0, 3600)
	if seconds == 0 {
		t.Skip("PAPYRA_SOAK says for how many seconds")
	}
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	testtool.Need(t, "mkfs.ext4")
	testtool.Programs(t)
	began, total := time.Now(), map[string]int{}
	for epoch := 0; time.Since(began) < time.Duration(seconds)*time.Second; epoch++ {
		t.Run(fmt.Sprint(epoch), func(t *testing.T) {
			soakOnce(t, min(time.Minute, time.Duration(seconds)*time.Second-time.Since(began)), total)
		})
		require.False(t, t.Failed())
	}
	t.Logf("%s: %v", time.Since(began).Round(time.Second), total)
}

func soakOnce(t *testing.T, long time.Duration, total map[string]int) {
	images, err := os.MkdirTemp("/dev/shm", "papyra-soak")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(images) })
	s := &soak{disk: makeDevice(t, images, "ext4", 48<<20), stop: make(chan struct{}), events: map[string]int{}, peak: map[string]int64{},
		reached: map[string]int{"seed": 1}, acked: map[string][]int{"seed": {1}}}
	s.mixed = mixed{t: t, path: logPath(s.disk.mount), did: map[string]int{}, ledgers: t.TempDir()}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	require.NoError(t, os.Mkdir(filepath.Dir(s.path), 0o755))
	require.NoError(t, os.WriteFile(s.path, appendInput("seed", 1), 0o644))
	var all sync.WaitGroup
	end := sync.OnceFunc(func() { close(s.stop) })
	defer all.Wait() // if it fails
	defer end()
	for i := range 4 {
		all.Go(func() { s.writer(fmt.Sprint("w", i)) })
	}
	all.Go(func() { s.appender("batch", "batch") })
	all.Go(func() { s.appender("always", "always") })
	all.Go(func() {
		s.reader(200*time.Millisecond, 3*time.Second, "papyra-scan", "--json", "--max-anomalies", "10")
	})
	all.Go(func() { s.reader(4*time.Second, 20*time.Second, "papyra-filter", "--follow") })
	all.Go(s.filler)
	time.AfterFunc(long, end)
	for n := 0; s.rest(100*time.Millisecond, 3*time.Second); n++ {
		s.round(n)
	}
	all.Wait()

	s.settled() // what a killed run left is finished
	for _, name := range entries(t, filepath.Dir(s.path)) {
		got := run(t, nil, "papyra-repair", append(s.ledger(), "--force", "--quiet", "--linger", "1ms", filepath.Join(filepath.Dir(s.path), name))...)
		require.Zero(t, got.code, got.errout)
	}
	got := tallyBytes(s.settled(), s.reached, isInjected)
	require.Zero(t, got.twice+got.torn, "%v %v", got.notes, s.did)
	dropped := s.dropped()
	acked, glued := 0, 0
	for w, all := range s.acked {
		for _, n := range all {
			acked++
			if !got.has(w, n) {
				require.Contains(t, dropped, fmt.Sprintf(`"w":%q,"n":%d`, w, n), "%s %d was acknowledged; %v %v", w, n, s.did, s.events)
				glued++
			}
		}
	}
	require.Empty(t, entries(t, temporary))
	locks, err := os.ReadFile("/proc/locks")
	require.NoError(t, err)
	for _, name := range entries(t, filepath.Dir(s.path)) {
		require.NotContains(t, string(locks), fmt.Sprintf(":%d ", inode(t, filepath.Join(filepath.Dir(s.path), name))), name)
	}
	for name, kib := range s.peak {
		require.Less(t, kib, int64(64<<10), name)
		total["KiB of "+name] = max(total["KiB of "+name], int(kib))
	}
	for _, m := range []map[string]int{s.did, s.events, {"acknowledged": acked, "of them behind a torn append": glued}} {
		for what, n := range m {
			total[what] += n
		}
	}
	t.Logf("%d records acknowledged, all there once, %d of them in a ledger behind a torn append; %v %v %v", acked, glued, s.did, s.events, s.peak)
}

// dropped is the text of all lines that repairs dropped.
func (s *soak) dropped() string {
	var all strings.Builder
	for _, name := range entries(s.t, s.ledgers) {
		text, err := os.ReadFile(filepath.Join(s.ledgers, name))
		require.NoError(s.t, err)
		for line := range bytes.Lines(text) {
			var entry struct{ Raw []byte }
			_ = json.Unmarshal(line, &entry) // a killed run may leave a part of a line
			all.Write(entry.Raw)
		}
	}
	return all.String()
}
