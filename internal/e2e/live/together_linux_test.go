package live_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// maintenance are the runs that are started together: two compactions, two
// repairs, and two appends of ten records each.
func maintenance(t testing.TB, path string, round int, wait ...string) (runs []*process, appends map[string]int) {
	t.Helper()
	appends = map[string]int{}
	add := func(name string, stdin string, args ...string) {
		cmd := exec.Command(testtool.Program(t, name), append(append(args, wait...), path)...)
		cmd.Stdin = strings.NewReader(stdin)
		p := start(t, cmd)
		p.name = name
		runs = append(runs, p)
	}
	for range 2 {
		if has(t, "papyra-compact") {
			add("papyra-compact", "", "--quiet", "--linger", "1ms", "--max-age", "30d")
		}
		add("papyra-repair", "", "--no-ledger", "--quiet", "--linger", "1ms")
	}
	if has(t, "papyra-append") {
		for i := range 2 {
			name := fmt.Sprintf("append%d-%d", round, i)
			appends[name] = 10
			var in strings.Builder
			for n := 1; n <= 10; n++ {
				in.Write(eventLine(name, n, 0))
			}
			cmd := exec.Command(testtool.Program(t, "papyra-append"), "--quiet", path)
			cmd.Stdin = strings.NewReader(in.String())
			p := start(t, cmd)
			p.name = "papyra-append"
			runs = append(runs, p)
		}
	}
	return runs, appends
}

// TestTogether starts maintenance runs at the same moment, again and again. One
// runs, the others say 75 at once, or with --wait they all finish; an append
// waits for its turn. No record is lost, of the appends or of a writer that
// takes no lock.
func TestTogether(t *testing.T) {
	t.Parallel()
	testtool.Programs(t)
	for _, wait := range []bool{false, true} {
		t.Run(fmt.Sprintf("wait=%v", wait), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "events.ndjson")
			require.NoError(t, os.WriteFile(path, seeds(seedRecords), 0o644))
			reached := map[string]int{"seed": seedRecords}
			bg := startBackground(path, "bg", time.Millisecond)
			codes := map[int]int{}
			for round := range amount(t, "PAPYRA_TORTURE_TOGETHER", 12, 300) {
				require.NoError(t, appendOnce(path, garbage[round%len(garbage)]))
				require.NoError(t, appendOnce(path, oldRecord))
				var flags []string
				if wait {
					flags = []string{"--wait", "60s"}
				}
				runs, appends := maintenance(t, path, round, flags...)
				for name, n := range appends {
					reached[name] = n
				}
				for _, p := range runs {
					<-p.done
					code := p.cmd.ProcessState.ExitCode()
					codes[code]++
					if !wait && code == 75 && p.name != "papyra-append" {
						continue
					}
					require.Zero(t, code, "round %d: %s: %s", round, p.name, p.out.String())
				}
			}
			n, err := bg.stop()
			require.NoError(t, err)
			reached["bg"] = n
			sum, err := tallyFile(path, reached, isInjected)
			require.NoError(t, err)
			require.NoError(t, sum.err())
			require.Equal(t, []string{"events.ndjson"}, entries(t, filepath.Dir(path)))
			t.Logf("exit codes %v; %s", codes, sum)
		})
	}
}
