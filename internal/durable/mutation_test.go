package durable_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mutant is one mistake that is planted in a copy of a source file.
type mutant struct {
	file, what string
	from, to   int    // bytes of the file that are replaced
	with       string // by this
}

// protocol are the files whose every step has to be needed.
var protocol = []string{"account.go", "carry.go", "commit.go", "exchange.go", "guard.go", "killed.go", "quarantine.go", "quiet.go",
	"recover.go", "resume.go", "rollback.go"}

// mutants yields, for each `if err := call(); err != nil { return … }`, one without the call, and for each
// other condition one that is never met.
func mutants(t *testing.T, file string) []mutant {
	t.Helper()
	src, err := os.ReadFile(file)
	require.NoError(t, err)
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, 0)
	require.NoError(t, err)
	at := func(p token.Pos) int { return set.Position(p).Offset }
	var out []mutant
	name := ""
	ast.Inspect(tree, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncDecl); ok {
			name = f.Name.Name
		}
		i, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		cond := string(src[at(i.Cond.Pos()):at(i.Cond.End())])
		m := mutant{file: file}
		if call, ok := i.Init.(*ast.AssignStmt); ok && cond == "err != nil" && i.Else == nil && len(call.Lhs) == 1 {
			m.what = fmt.Sprintf("%s %s: without %s", file, name, string(src[at(call.Rhs[0].Pos()):at(call.Rhs[0].End())]))
			m.from, m.to = at(i.Pos()), at(i.End())
		} else if i.Init == nil && cond != "err != nil" {
			m.what = fmt.Sprintf("%s %s: never %s", file, name, cond)
			m.from, m.to = at(i.Cond.Pos()), at(i.Cond.End())
			m.with = "(" + cond + ") && false"
		} else {
			return true
		}
		out = append(out, m)
		return true
	})
	return out
}

// survives reports whether the tests do not notice the mutant. One that does not compile is none.
func (m mutant) survives(t *testing.T, dir string) (alive, compiles bool) {
	t.Helper()
	src, err := os.ReadFile(m.file)
	require.NoError(t, err)
	changed := filepath.Join(dir, m.file)
	require.NoError(t, os.WriteFile(changed, bytes.Join([][]byte{src[:m.from], []byte(m.with), src[m.to:]}, nil), 0o600))
	original, err := filepath.Abs(m.file)
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	data, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, data, 0o600))
	binary := filepath.Join(dir, "mutant.test")
	if exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, ".").Run() != nil {
		return false, false
	}
	// A mutant that waits for ever is noticed too.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, binary, "-test.short", "-test.failfast",
		"-test.run", "Crash|Fault|Schedule|Kill|Cut|Linked|Rotated|Glued|Rewrite|Leftovers|Quarantine|Held|Account|Mount")
	run.Env = append(os.Environ(), "PAPYRA_TORTURE=", "PAPYRA_REQUIRE_TOOLS=")
	return run.Run() == nil, true
}

// harmless reads which survivors are known, and why each is harmless: the mutant, a tab, the reason.
func harmless(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/survivors.txt")
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
	known := harmless(t)
	var survivors []string
	caught := 0
	for _, file := range protocol {
		if only != "" && only != file {
			continue
		}
		for _, m := range mutants(t, file) {
			alive, compiles := m.survives(t, t.TempDir())
			switch {
			case !compiles:
			case alive:
				t.Logf("survives: %s", m.what)
				if known[m.what] == "" {
					survivors = append(survivors, m.what)
				}
			default:
				caught++
			}
		}
	}
	sort.Strings(survivors)
	t.Logf("%d mutants caught", caught)
	require.Empty(t, survivors, "nobody notices these")
}
