package durable_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// protocol are the files whose every step has to be needed.
var protocol = []string{"account.go", "archive.go", "carry.go", "commit.go", "exchange.go", "guard.go", "killed.go", "quarantine.go", "quiet.go",
	"recover.go", "resume.go", "rollback.go"}

// mutantVar is the environment variable that chooses one of the mistakes that the binary under test has.
const mutantVar = "PAPYRA_MUTANT"

// mutantSwitch is added to the package, by the overlay only: no file of it is changed.
const mutantSwitch = `package durable

import (
	"os"
	"strconv"
)

var papyraMutant, _ = strconv.Atoi(os.Getenv("` + mutantVar + `"))
`

// insertion is a piece of source that is put in at an offset.
type insertion struct {
	at   int
	text string
}

// mutants names the mistakes of a file, of which the first has the number first, and returns the source with all of them: each
// step `if err := call(); err != nil { return … }` may be left out, an error that is looked at may be ignored, and any other
// condition may be never or always met.
func mutants(t *testing.T, file string, first int) (what []string, source string) {
	t.Helper()
	src, err := os.ReadFile(file)
	require.NoError(t, err)
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, 0)
	require.NoError(t, err)
	at := func(p token.Pos) int { return set.Position(p).Offset }
	text := func(n ast.Node) string {
		return strings.Join(strings.Fields(string(src[at(n.Pos()):at(n.End())])), " ")
	}
	var in []insertion
	name, seen := "", map[string]int{}
	add := func(n ast.Node, before, after, format string, args ...any) {
		number := first + len(what)
		mistake := fmt.Sprintf("%s %s: %s", file, name, fmt.Sprintf(format, args...))
		if seen[mistake]++; seen[mistake] > 1 {
			mistake += fmt.Sprintf(" (%d)", seen[mistake])
		}
		what = append(what, mistake)
		in = append(in, insertion{at(n.Pos()), fmt.Sprintf(before, number)}, insertion{at(n.End()), after})
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = n.Name.Name
		case *ast.IfStmt:
			call, _ := n.Init.(*ast.AssignStmt)
			cond := text(n.Cond)
			switch {
			case call != nil && cond == "err != nil" && n.Else == nil && len(call.Lhs) == 1:
				add(n, "if papyraMutant != %d { ", " }", "without %s", text(call.Rhs[0]))
			case cond == "err != nil" && call != nil:
				add(n.Cond, "papyraMutant != %d && (", ")", "ignores an error of %s", text(call.Rhs[0]))
			case cond == "err != nil":
				add(n.Cond, "papyraMutant != %d && (", ")", "ignores an error, before %.60s", text(n.Body))
			default:
				add(n.Cond, "papyraMutant != %d && (", ")", "never %s", cond)
				add(n.Cond, "papyraMutant == %d || (", ")", "always %s", cond)
			}
		}
		return true
	})
	// What was found first lies outside.
	slices.SortStableFunc(in, func(a, b insertion) int { return cmp.Compare(a.at, b.at) })
	var out strings.Builder
	last := 0
	for _, i := range in {
		out.Write(src[last:i.at])
		out.WriteString(i.text)
		last = i.at
	}
	out.Write(src[last:])
	return what, out.String()
}

// buildMutants makes one test binary with all mistakes of the files, by an overlay. The first is number 1.
func buildMutants(t *testing.T, files []string) (binary string, what []string) {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	overlay := func(name, source string) {
		path, err := filepath.Abs(name)
		require.NoError(t, err)
		replace[path] = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(replace[path], []byte(source), 0o600))
	}
	overlay("mutantswitch.go", mutantSwitch)
	for _, file := range files {
		more, source := mutants(t, file, len(what)+1)
		what = append(what, more...)
		overlay(file, source)
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, data, 0o600))
	binary = filepath.Join(dir, "mutants.test")
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary, what
}

// whole are the tests that are run over each mutant.
var whole = []string{"-test.skip", "HeldDistribution|TestAppendFault|TestAppendEvery|Planted|ReachedByAnotherWay|AppendBesideRotation|Hammer(Swaps|Appenders)"}

// caught reports whether the tests notice the mutant with that number. One that waits for ever is noticed too.
func caught(t *testing.T, binary string, number int, tests ...string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, binary, append(tests, "-test.short", "-test.failfast")...)
	run.Env = append(os.Environ(), fmt.Sprint(mutantVar, "=", number), "PAPYRA_TORTURE=", "PAPYRA_REQUIRE_TOOLS=", "PAPYRA_MUTANTS=")
	return run.Run() != nil
}

// table reads a file with lines of a mutant, a tab, and what is to be said of it.
func table(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
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

// TestTortureMutants plants a mistake at every step of the protocol and runs the tests over each: one that nobody
// notices must be in testdata/survivors.txt, with the reason why it does no harm. PAPYRA_MUTANTS=exchange.go runs
// those of one file.
func TestTortureMutants(t *testing.T) {
	only := os.Getenv("PAPYRA_MUTANTS")
	if !torture() && only == "" {
		t.Skip("only in torture: hours")
	}
	files := protocol
	if only != "" && only != "all" {
		files = []string{only}
	}
	binary, what := buildMutants(t, files)
	require.False(t, caught(t, binary, 0, whole...), "the tests fail without a mistake")
	known := table(t, "survivors.txt")
	var survivors []string
	for i, name := range what {
		if !caught(t, binary, i+1, whole...) {
			t.Logf("survives: %s", name)
			if known[name] == "" {
				survivors = append(survivors, name)
			}
		}
	}
	t.Logf("%d mutants, %d of them not noticed and not known", len(what), len(survivors))
	require.Empty(t, survivors, "nobody notices these")
}

// TestTorturePlanted: each mistake in testdata/planted.txt is noticed by the test that is named there, alone.
func TestTorturePlanted(t *testing.T) {
	if !torture() && os.Getenv("PAPYRA_MUTANTS") == "" {
		t.Skip("only in torture: a minute")
	}
	binary, what := buildMutants(t, protocol)
	for name, test := range table(t, "planted.txt") {
		i := slices.Index(what, name)
		require.GreaterOrEqual(t, i, 0, "no such mistake: %s", name)
		assert.False(t, caught(t, binary, 0, "-test.run", test), "%s fails without a mistake", test)
		assert.True(t, caught(t, binary, i+1, "-test.run", test), "%s does not notice %s", test, name)
	}
}
