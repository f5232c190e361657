package live_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// mixed is one epoch of the mixed hammer: a log, its writers, and what was done
// to them.
type mixed struct {
	t       testing.TB
	path    string
	rotated int
	did     map[string]int // how often each thing happened
	ledgers string         // a directory for what repairs drop; "" drops it
	repairs int            // with a ledger
}

// ledger are the flags of a repair that say where what it drops goes.
func (m *mixed) ledger() []string {
	if m.ledgers == "" {
		return []string{"--no-ledger"}
	}
	m.repairs++
	return []string{"--ledger", filepath.Join(m.ledgers, fmt.Sprint(m.repairs))}
}

// inject appends a line that is to go. A full disk may take a part of it, or
// nothing.
func (m *mixed) inject(line []byte) {
	if err := appendOnce(m.path, line); err != nil {
		require.NotEmpty(m.t, m.ledgers, "%v", err)
		m.did["not injected"]++
	}
}

// rewriteRun is a rewrite that somebody may disturb while it runs.
func (m *mixed) rewriteRun(round int, disturb func(p *process)) {
	// Just after a rotation there may be nothing else in the log: --force.
	line, name, args := garbage[round/2%len(garbage)], "papyra-repair", []string{"--force", "--quiet", "--linger", "1ms", m.path}
	if round%2 == 1 {
		line, name = oldRecord, "papyra-compact"
		args = append([]string{"--max-age", "30d"}, args...)
	}
	if name == "papyra-repair" {
		args = append(m.ledger(), args...)
	}
	m.inject(line)
	p := start(m.t, exec.Command(testtool.Program(m.t, name), args...))
	if disturb != nil {
		disturb(p)
	}
	<-p.done
	m.judge(p)
}

// judge counts how a rewrite ended. A refusal for one of the reasons that the
// documentation names is none of a failure.
func (m *mixed) judge(p *process) {
	said := p.out.String()
	for what, words := range map[string]string{
		"refused: held open": "keeps it open for writing", "refused: renamed": "replaced or renamed by somebody else",
		"refused: no log": "does not exist", "refused: the log has gone": "no such file", "refused: lease": "lease the new file", "refused: late appends": "goes on appending",
		"refused: changed": "changed while", "refused: disk full": "no space left", "refused: no room": " are free in ", "rotated before the last look": "while it was read (at byte",
	} {
		if p.err != nil && strings.Contains(said, words) {
			m.did[what]++
			return
		}
	}
	switch code := p.cmd.ProcessState.ExitCode(); code {
	case 0:
		m.did["swaps"]++
	case -1:
		m.did["killed"]++
	default:
		require.Fail(m.t, "a rewrite failed", "%d: %s", code, said)
	}
}

func (m *mixed) rotate() {
	m.rotated++
	if os.Rename(m.path, fmt.Sprintf("%s.%06d", m.path, m.rotated)) == nil {
		m.did["rotations"]++
	}
}

// round does one thing, at a random moment.
func (m *mixed) round(n int) {
	some := func(most time.Duration) { time.Sleep(time.Duration(rand.Int64N(int64(most)))) }
	switch dice := rand.IntN(100); {
	case dice < 65:
		m.rewriteRun(n, nil)
	case dice < 80:
		m.rewriteRun(n, func(p *process) {
			some(40 * time.Millisecond)
			_ = p.cmd.Process.Kill()
		})
	case dice < 92:
		m.rewriteRun(n, func(p *process) {
			some(30 * time.Millisecond)
			if p.cmd.Process.Signal(unix.SIGSTOP) == nil {
				m.did["pauses"]++
			}
			some(100 * time.Millisecond)
			_ = p.cmd.Process.Signal(unix.SIGCONT)
		})
	default:
		m.rewriteRun(n, func(*process) { some(30 * time.Millisecond); m.rotate() })
	}
}

// settled has the last run finish what is left, and reads all files of the log
// in order.
func (m *mixed) settled() []byte {
	dir := filepath.Dir(m.path)
	m.inject(garbage[0]) // there is a log, and something to do
	for try := 0; ; try++ {
		got := run(m.t, nil, "papyra-repair", append(m.ledger(), "--force", "--quiet", "--linger", "1ms", m.path)...)
		if got.code == 0 {
			break
		}
		require.Less(m.t, try, 20, "the last run: %s", got.errout)
	}
	var all []byte
	names := entries(m.t, dir)
	for _, name := range append(names[1:], names[0]) { // the log itself is the youngest
		require.True(m.t, strings.HasPrefix(name, "events.ndjson"), "left over: %q", names)
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(m.t, err)
		all = append(all, data...)
	}
	return all
}

// TestHammerMixed sets eight writers against rewrites that are killed and
// paused at any moment, while the log is rotated. Every record must be there
// once and whole, in the log or in one of the rotated files. Order is counted:
// a kill, a roll-back, a rotation in the middle of a swap may change it.
//
//	PAPYRA_TORTURE=1 PAPYRA_TORTURE_MIXED=10000000 go test ./internal/e2e/live -run 'TestHammerMixed$' -timeout 0 -v
func TestHammerMixed(t *testing.T) {
	testtool.Need(t, "python3")
	appends := amount(t, "PAPYRA_TORTURE_MIXED", 16_000, 10_000_000)
	const writers = hammerPython + hammerGo
	count := min(appends/writers, 10_000)
	began := time.Now()
	did, done, disorder := map[string]int{}, 0, 0
	for epoch := 0; done < appends; epoch++ {
		m := &mixed{t: t, path: filepath.Join(t.TempDir(), "events.ndjson"), did: did}
		testtool.Programs(t)
		require.NoError(t, os.WriteFile(m.path, appendInput("seed", 1), 0o644))
		reached := map[string]int{"seed": 1}
		var running []*process
		for i := range writers {
			name := fmt.Sprint("w", i)
			reached[name] = count
			args := writerArgs(m.path, name, 1, count, 40*(i%hammerGo), hammerPause/2)
			cmd := role("write", args...)
			if i >= hammerGo && epoch%8 == 0 { // Python takes ten times as long
				cmd = pythonWriter(t, args)
			}
			running = append(running, start(t, cmd))
		}
		for n := 0; ; n++ {
			alive := false
			for _, w := range running {
				alive = alive || w.running()
			}
			if !alive {
				break
			}
			m.round(n)
		}
		for _, w := range running {
			w.wait()
		}
		sum := tallyBytes(m.settled(), reached, isInjected)
		disorder += sum.disorder
		sum.disorder = 0
		require.NoError(t, sum.err(), "epoch %d, after %d appends; %v", epoch, done, did)
		require.NoError(t, os.RemoveAll(filepath.Dir(m.path)))
		if done += writers * count; epoch%10 == 0 {
			t.Logf("%d appends so far: %v", done, did)
		}
	}
	t.Logf("%d appends by %d writers in %s: 0 lost, 0 twice, 0 torn; %d out of order; %v",
		done, writers, time.Since(began).Round(time.Second), disorder, did)
}
