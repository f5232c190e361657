package durable_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// protocol are the files whose every step has to be needed.
var protocol = []string{"exchange.go", "recover.go", "resume.go", "carry.go", "commit.go", "rollback.go", "killed.go", "guard.go", "quiet.go",
	"account.go", "archive.go", "emptied.go", "quarantine.go", "session.go", "journal.go", "lines.go"}

const (
	// unfit are the tests that are not run over each mutant: these here, those
	// of other mistakes, and those that may take long.
	unfit = "^Test(Torture|HelperProcess|HeldDistribution|AppendBesideRotation|Hammer(Swaps|Appenders))|Planted(Mistakes|Append)|Catch(es)?Planted"
	// shortTest is what is tried first, with all others of that kind in one
	// process; longTest is taken apart into its subtests, each of which is
	// tried by itself.
	shortTest, longTest = 100 * time.Millisecond, 500 * time.Millisecond
	// mutantJobs is how many mutants are tried at once: the tests wait more
	// than they compute.
	mutantJobs = 4
)

// trial is a test, or a subtest, that is run over mutants.
type trial struct {
	name string
	took time.Duration
	met  map[int]bool // the mutants that make a difference in it
}

// mutantRun runs tests in a binary with one of its mistakes, or none: number 0.
// What a mistake might take of the machine is bounded. More are settings.
func mutantRun(t *testing.T, binary string, number int, limit time.Duration, tests string, more ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	temp, err := os.MkdirTemp("", "mutant")
	if err == nil {
		err = os.Chmod(temp, 0o755) // there are tests that become somebody else
	}
	if err != nil {
		panic(err) // or it would count as noticed
	}
	defer os.RemoveAll(temp)
	run := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 4194304; ulimit -f 2097152; exec "$0" "$@"`, binary,
		"-test.run", tests, "-test.short", "-test.failfast", "-test.v")
	run.Env = append(append(os.Environ(), fmt.Sprint(mutantVar, "=", number), "TMPDIR="+temp,
		"PAPYRA_TORTURE=", "PAPYRA_REQUIRE_TOOLS=", "PAPYRA_MUTANTS="), more...)
	out, err := run.CombinedOutput()
	return string(out), errors.Join(err, ctx.Err())
}

// caught reports whether the tests notice the mutant with that number. One that
// waits for ever is noticed too, and late.
func caught(t *testing.T, binary string, number int, limit time.Duration, tests string) (noticed, late bool) {
	t.Helper()
	_, err := mutantRun(t, binary, number, limit, tests)
	return err != nil, errors.Is(err, context.DeadlineExceeded)
}

var subtest = regexp.MustCompile(`(?m)^    --- PASS: (\S+) `)

// exactly is the pattern of one test or subtest.
func exactly(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// trials runs every test once, without a mistake, and notes how long it takes
// and which mistakes would make a difference. The quick ones come first.
func trials(t *testing.T, binary string) (all []trial) {
	t.Helper()
	list, err := exec.Command(binary, "-test.list", ".").Output()
	require.NoError(t, err)
	names := slices.DeleteFunc(strings.Fields(string(list)), func(name string) bool {
		return !strings.HasPrefix(name, "Test") || regexp.MustCompile(unfit).MatchString(name)
	})
	for len(names) > 0 {
		one := trial{name: names[0], met: map[int]bool{}}
		names = names[1:]
		met := filepath.Join(t.TempDir(), "met")
		began := time.Now()
		out, err := mutantRun(t, binary, 0, 10*time.Minute, exactly(one.name), mutantsMet+"="+met)
		if !assert.NoError(t, err, "without a mistake: %s", out) {
			continue
		}
		one.took = time.Since(began)
		if parts := subtest.FindAllStringSubmatch(out, -1); one.took > longTest && len(parts) > 1 && !strings.Contains(one.name, "/") {
			for _, part := range parts {
				names = append(names, part[1])
			}
			continue
		}
		numbers, err := os.ReadFile(met)
		require.True(t, err == nil || os.IsNotExist(err), err)
		for _, word := range strings.Fields(string(numbers)) {
			var n int
			_, err := fmt.Sscan(word, &n)
			require.NoError(t, err)
			one.met[n] = true
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b trial) int { return cmp.Compare(a.took, b.took) })
	return all
}

// verdict says which tests notice a mutant, if any do: first all short ones in
// one process, then all quick ones, then one long one after the other. Tests
// that would not meet it are left out.
func verdict(t *testing.T, binary string, number int, all []trial) string {
	t.Helper()
	kind := func(one trial) int {
		switch {
		case one.took < shortTest:
			return 0
		case one.took < longTest:
			return 1
		}
		return 2
	}
	var batches [][]trial
	for _, one := range all { // in order of time
		n := len(batches) - 1
		switch {
		case !one.met[number]:
		case n >= 0 && kind(one) < 2 && kind(one) == kind(batches[n][0]):
			batches[n] = append(batches[n], one)
		default:
			batches = append(batches, []trial{one})
		}
	}
	for _, batch := range batches {
		var names []string
		limit := 10 * time.Second
		for _, one := range batch {
			names, limit = append(names, exactly(one.name)), limit+20*one.took
		}
		if noticed, late := caught(t, binary, number, limit, strings.Join(names, "|")); late {
			return fmt.Sprintf("noticed, for it does not end, by one of %d: %s …", len(batch), batch[0].name)
		} else if noticed {
			return fmt.Sprintf("noticed by one of %d: %s …", len(batch), batch[0].name)
		}
	}
	if len(batches) == 0 {
		return "not met"
	}
	return "survives"
}

// table reads a file with lines of a mutant, a tab, and what is to be said of
// it.
func table(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	known := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if what, why, ok := strings.Cut(lines.Text(), "\t"); ok && !strings.HasPrefix(what, "#") {
			known[what] = why
		}
	}
	return known
}

// TestTortureMutants plants a mistake at every step of the protocol and runs
// over each the tests that meet it: one that nobody notices must be in
// testdata/survivors.txt, with the reason why it does no harm.
// PAPYRA_MUTANTS=exchange.go runs those of one file, without torture.
// PAPYRA_MUTANTS_LOG=FILE adds each verdict to a file, and leaves out what that
// has already: a run that was interrupted goes on there.
func TestTortureMutants(t *testing.T) {
	only := os.Getenv("PAPYRA_MUTANTS")
	if !testtool.Torture() && only == "" {
		t.Skip("only in torture: an hour")
	}
	name := os.Getenv("PAPYRA_MUTANTS_LOG")
	if name == "" {
		name = filepath.Join(t.TempDir(), "log")
	}
	log, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	require.NoError(t, err)
	defer log.Close()
	done := table(t, name)
	binary, what := buildMutants(t, protocol)
	all := trials(t, binary)
	known := table(t, filepath.Join("testdata", "survivors.txt"))
	for k := range known {
		assert.Contains(t, what, k, "no such mistake")
	}
	numbers := make(chan int)
	var mu sync.Mutex // done and log
	var wg sync.WaitGroup
	for range mutantJobs {
		wg.Go(func() {
			for i := range numbers {
				v := verdict(t, binary, i+1, all)
				mu.Lock()
				done[what[i]] = v
				_, err := fmt.Fprintf(log, "%s\t%s\n", what[i], v)
				assert.NoError(t, err)
				mu.Unlock()
			}
		})
	}
	tried := slices.DeleteFunc(slices.Clone(what), func(m string) bool { return only != "" && only != "all" && !strings.HasPrefix(m, only+" ") })
	for i, mistake := range what {
		mu.Lock()
		wanted := done[mistake] == "" && slices.Contains(tried, mistake)
		mu.Unlock()
		if wanted {
			numbers <- i
		}
	}
	close(numbers)
	wg.Wait()
	survivors := 0
	for _, mistake := range tried {
		if strings.HasPrefix(done[mistake], "noticed, ") {
			t.Log(mistake, "is", done[mistake])
		}
		if !strings.HasPrefix(done[mistake], "noticed") {
			survivors++
			assert.NotEmpty(t, known[mistake], "nobody notices: %s (%s)", mistake, done[mistake])
		}
	}
	t.Logf("%d mutants, of which %d survive", len(tried), survivors)
}

// TestTorturePlanted: each mistake in testdata/planted.txt is noticed by the
// test that is named there, alone.
func TestTorturePlanted(t *testing.T) {
	if !testtool.Torture() && os.Getenv("PAPYRA_MUTANTS") == "" {
		t.Skip("only in torture: a minute")
	}
	binary, what := buildMutants(t, protocol)
	for name, test := range table(t, filepath.Join("testdata", "planted.txt")) {
		i := slices.Index(what, name)
		if assert.GreaterOrEqual(t, i, 0, "no such mistake: %s", name) {
			noticed, _ := caught(t, binary, 0, 3*time.Minute, test)
			assert.False(t, noticed, "%s fails without a mistake", test)
			noticed, _ = caught(t, binary, i+1, 3*time.Minute, test)
			assert.True(t, noticed, "%s does not notice %s", test, name)
		}
	}
}
