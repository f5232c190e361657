// Package floors_test holds the source itself to the rules of CONTRIBUTING.md.
package floors_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxLines is how long a source file may be. A longer one has more than one
// role.
const maxLines = 400

const (
	root   = "../../.."
	module = "github.com/papyra-tools/papyra/"
)

// floors are the rooms from the ground up. Imports go down only; rooms on one
// floor do not import each other. The first prefix that fits counts.
var floors = []struct {
	prefix string
	floor  int
}{
	{"internal/testtool", -1}, // for tests only
	{"internal/e2e", 99},
	{"scale", 95},   // a module of its own, which uses this one
	{"scripts", 90}, // may use everything, and nothing but tests uses it
	{"packaging", 90},
	{"cmd", 80},
	{"internal/dispatch", 70},
	{"internal/step/maintain", 65}, // doctor and compact in turn
	{"internal/step/doctor", 60},   // scan and repair in turn
	{"internal/step", 50},
	{"internal/report", 40},
	{"internal/cli", 40},
	{"internal/durable", 40},
	{"internal/textfile", 45},
	{"pkg/retain", 45}, // public faces of the rooms below
	{"pkg/appendlog", 45},
	{"pkg/survey", 30},
	{"pkg/mend", 30},
	{"internal/selection", 30},
	{"internal/follow", 30},
	{"pkg/stream", 20},
	{"internal/kinds", 15},
	{"internal/profiles", 15},
	{"pkg/record", 10},
	{"pkg/policy", 10},
	{"internal/jsonscan", 0},
	{"internal/opening", 0},
	{"internal/safetext", 0},
	{"internal/spool", 0},
	{"internal/jsonfile", 5},
	{"internal/pick", 5},
	{"internal/presets", 5},
	{"internal/nearest", 0},
	{"internal/humanize", 0},
}

func floorOf(t *testing.T, pkg string) (room string, floor int) {
	for _, f := range floors {
		if pkg == f.prefix || strings.HasPrefix(pkg, f.prefix+"/") {
			room = f.prefix
			if rest := strings.TrimPrefix(strings.TrimPrefix(pkg, f.prefix), "/"); room == "internal/step" || room == "cmd" {
				room += "/" + strings.Split(rest, "/")[0]
			}
			return room, f.floor
		}
	}
	t.Errorf("%s stands on no floor: add it to the list in floors_test.go", pkg)
	return pkg, 0
}

// sources calls f with every source file of the repository, by its
// slash-separated path.
func sources(t *testing.T, f func(path string)) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == ".git" || name == "bin" || name == "dist" || name == "testdata") {
			return filepath.SkipDir
		}
		switch filepath.Ext(path) {
		case ".go", ".sh", ".py", ".cpp", ".c":
			f(path)
		}
		return nil
	})
	require.NoError(t, err)
}

func rel(path string) string {
	return filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash(root+"/")))
}

func TestNoLongFiles(t *testing.T) {
	sources(t, func(path string) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		if n := bytes.Count(data, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, at most %d are allowed: give each role a file of its own", rel(path), n, maxLines)
		}
	})
}

func TestFloors(t *testing.T) {
	sources(t, func(path string) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		pkg := filepath.ToSlash(filepath.Dir(rel(path)))
		room, floor := floorOf(t, pkg)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			// kong links encoding/json in any case. A second library for the same
			// makes every binary two megabytes larger, and no report faster.
			if name == "github.com/goccy/go-json" && !strings.HasPrefix(pkg, "scale/") {
				t.Errorf("%s imports %s, which is for tests", rel(path), name)
			}
			target, ours := strings.CutPrefix(name, module)
			if !ours {
				continue
			}
			if room2, floor2 := floorOf(t, target); room2 != room && floor2 >= floor {
				t.Errorf("%s imports %s, which is not on a lower floor", rel(path), target)
			}
			if target == "internal/testtool" {
				t.Errorf("%s imports %s, which is for tests", rel(path), target)
			}
		}
	})
}

// The filters keep their few dependencies: what scale/ needs stays in its own
// module, of which nothing else knows.
func TestTheFiltersDoNotDependOnScale(t *testing.T) {
	ours, err := os.ReadFile(root + "/go.mod")
	require.NoError(t, err)
	theirs, err := os.ReadFile(root + "/scale/go.mod")
	require.NoError(t, err)
	require.Contains(t, string(theirs), "module "+module+"scale\n", "scale/ is a module of its own")
	for _, heavy := range []string{module + "scale", "apache/beam", "apache/arrow", "parquet-go", "go-redis", "replace "} {
		require.NotContains(t, string(ours), heavy)
	}
	sources(t, func(path string) {
		if !strings.HasSuffix(path, ".go") || strings.HasPrefix(rel(path), "scale/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range file.Imports {
			if strings.HasPrefix(strings.Trim(spec.Path.Value, `"`), module+"scale") {
				t.Errorf("%s imports %s", rel(path), spec.Path.Value)
			}
		}
	})
}

// Streams, clock and environment come from cli.Env, so that every command can
// be run inside a test; and no log is ever mapped into memory, where a
// truncation would kill the process.
func TestNoGlobalWorld(t *testing.T) {
	forbidden := map[string][]string{
		"os":      {"Stdin", "Stdout", "Stderr", "Args", "Exit", "Getenv", "LookupEnv"},
		"log":     {"Fatal", "Fatalf", "Print", "Printf", "Println"},
		"syscall": {"Mmap"},
		"unix":    {"Mmap"},
	}
	sources(t, func(path string) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return
		}
		name := rel(path)
		if !strings.HasPrefix(name, "internal/step/") && !strings.HasPrefix(name, "internal/report/") && !strings.HasPrefix(name, "internal/durable/") &&
			!strings.HasPrefix(name, "pkg/") {
			return
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Obj != nil {
				return true
			}
			for _, bad := range forbidden[x.Name] {
				if sel.Sel.Name == bad {
					t.Errorf("%s uses %s.%s", fset.Position(n.Pos()), x.Name, bad)
				}
			}
			return true
		})
	})
}
