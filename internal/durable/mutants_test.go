package durable_test

import (
	"cmp"
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

	"github.com/stretchr/testify/require"
)

const (
	// mutantVar is the environment variable that chooses one of the mistakes
	// that the binary under test has.
	mutantVar = "PAPYRA_MUTANT"
	// mutantsMet names a file to which the number of each mistake is added that
	// would have made a difference.
	mutantsMet = "PAPYRA_MUTANTS_MET"
)

// mutantSwitch is added to the package, by the overlay only: no file of it is
// changed.
const mutantSwitch = `package durable

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

var (
	papyraMutant, _ = strconv.Atoi(os.Getenv("` + mutantVar + `"))
	papyraMet, _    = os.OpenFile(os.Getenv("` + mutantsMet + `"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	papyraOnce      sync.Map
)

func papyraIs(n int, differs bool) bool {
	if differs && papyraMet != nil {
		if _, twice := papyraOnce.LoadOrStore(n, true); !twice {
			fmt.Fprintln(papyraMet, n)
		}
	}
	return papyraMutant == n
}

func papyraNever(n int, is bool) bool  { return !papyraIs(n, is) && is }
func papyraAlways(n int, is bool) bool { return papyraIs(n, !is) || is }
`

// insertion is a piece of source that is put in at an offset.
type insertion struct {
	at   int
	text string
}

// mutants names the mistakes of a file, of which the first has the number
// first, and returns the source with all of them: each step `if err := call();
// err != nil { return … }` may be left out, an error that is looked at may be
// ignored, and any other condition, that of a case too, may be never or always
// met.
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
	condition := func(n ast.Expr) {
		add(n, "papyraNever(%d, ", ")", "never %s", text(n))
		add(n, "papyraAlways(%d, ", ")", "always %s", text(n))
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			name = n.Name.Name
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				for _, cond := range c.(*ast.CaseClause).List {
					if n.Tag == nil {
						condition(cond)
					}
				}
			}
		case *ast.IfStmt:
			call, _ := n.Init.(*ast.AssignStmt)
			cond := text(n.Cond)
			switch {
			case call != nil && cond == "err != nil" && n.Else == nil && len(call.Lhs) == 1:
				add(n, "if !papyraIs(%d, true) { ", " }", "without %s", text(call.Rhs[0]))
			case cond == "err != nil" && call != nil:
				add(n.Cond, "papyraNever(%d, ", ")", "ignores an error of %s", text(call.Rhs[0]))
			case cond == "err != nil":
				add(n.Cond, "papyraNever(%d, ", ")", "ignores an error, before %.60s", text(n.Body))
			default:
				condition(n.Cond)
			}
		}
		return true
	})
	// What was found first lies outside: it opens first, and closes last.
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

// buildMutants makes one test binary with all mistakes of the files, by an
// overlay. The first is number 1.
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
