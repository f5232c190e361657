// Package outside_test builds a program that is no part of this module, as
// those who use pkg/ do.
package outside_test

import (
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

const module = "github.com/papyra-tools/papyra"

func TestProgramOfAnotherModule(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	dir := t.TempDir()
	// What this module requires, the other one does too: nothing is looked up.
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	theirs := strings.Replace(string(mod), "module "+module+"\n", "module example.org/outside\n", 1)
	require.NotEqual(t, string(mod), theirs)
	theirs += "\nrequire " + module + " v0.0.0\nreplace " + module + " => " + root + "\n"
	for name, text := range map[string]string{"go.mod": theirs, "go.sum": read(t, filepath.Join(root, "go.sum")), "main.go": read(t, "testdata/main.go")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	log := filepath.Join(dir, "events.ndjson")
	require.NoError(t, os.WriteFile(log, []byte(`{"kind":"ev{"kind":"event","timestamp":1}`+"\nbad\n"+`{"kind":"event","timestamp":2}`), 0o600))

	cmd := exec.CommandContext(t.Context(), "go", "run", ".", log)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, `line 1, byte 0: error glued_records
line 2, byte 42: error corrupted_line
line 3, byte 46: error missing_newline
{"kind":"event","timestamp":1}
{"kind":"event","timestamp":2}
{"kind":"event","timestamp":3}
`, string(out))
	require.True(t, strings.HasSuffix(read(t, log), "2}\n"+`{"kind":"event","timestamp":3}`+"\n"), "the append ends the line before it")
}

func read(t *testing.T, name string) string {
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// Each job takes at most ten lines, in the program and in the example that
// stands in its package's documentation.
func TestTenLines(t *testing.T) {
	for file, names := range map[string][]string{
		"testdata/main.go":                       {"scan", "repair", "newest", "add"},
		"../../../pkg/survey/example_test.go":    {"ExampleLog"},
		"../../../pkg/mend/example_test.go":      {"ExampleRepair"},
		"../../../pkg/retain/example_test.go":    {"ExampleFilter"},
		"../../../pkg/appendlog/example_test.go": {"Example"},
	} {
		found := 0
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, file, nil, 0)
		require.NoError(t, err)
		for _, decl := range tree.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !slices.Contains(names, f.Name.Name) {
				continue
			}
			found++
			first, last := f.Body.List[0], f.Body.List[len(f.Body.List)-1]
			lines := fset.Position(last.End()).Line - fset.Position(first.Pos()).Line + 1
			require.LessOrEqual(t, lines, 10, "%s in %s", f.Name, file)
		}
		require.Equal(t, len(names), found, file)
	}
}
