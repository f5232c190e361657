// Package live_test tries the programs on logs that other processes are writing
// to, and kills them: real binaries, real writers in Python and Go, real file
// systems. The short forms are part of every test run; the long ones run with
//
//	make torture
//
// which sets PAPYRA_TORTURE=1. How much each does can be set by environment
// variables named at the tests.
package live_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// bins holds the binaries under test. They are built once, on first use, into a
// directory that TestMain removes.
var bins struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if bins.dir != "" {
		os.RemoveAll(bins.dir)
	}
	os.Exit(code)
}

// binDir is a directory with the binaries of cmd/, without cgo, as they are
// released.
func binDir(t testing.TB) string {
	t.Helper()
	bins.once.Do(func() {
		if bins.dir, bins.err = os.MkdirTemp("", "papyra-live-"); bins.err != nil {
			return
		}
		var mains []string
		if mains, bins.err = filepath.Glob("../../../cmd/papyra-*/main.go"); bins.err != nil {
			return
		}
		for _, main := range mains {
			cmd := exec.Command("go", "build", "-o", bins.dir, "./"+filepath.Dir(main))
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
			if out, err := cmd.CombinedOutput(); err != nil {
				os.Stderr.WriteString("build " + main + ": " + string(out)) // the tests that need it fail
			}
		}
	})
	require.NoError(t, bins.err)
	return bins.dir
}

// bin is the path of one binary.
func bin(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(binDir(t), name)
	require.FileExists(t, path)
	return path
}
