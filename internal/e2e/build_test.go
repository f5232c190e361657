// Package e2e_test tries the programs as a user does: the real binaries, real
// files, pipes and signals.
package e2e_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// bins holds the binaries under test. They are built once, on first use, into a
// directory that TestMain removes.
var bins struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	// Most of the time they wait for programs, and those for each other.
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	code := m.Run()
	if bins.dir != "" {
		os.RemoveAll(bins.dir)
	}
	os.Exit(code)
}

// binDir is a directory with all binaries of cmd/ and, as genlog, the generator
// of logs. One that does not build fails the test, but does not stop it: the
// others can still be tried.
func binDir(t testing.TB) string {
	t.Helper()
	bins.once.Do(func() { bins.dir, bins.err = build() })
	if bins.dir == "" {
		t.Fatal(bins.err)
	}
	if bins.err != nil {
		t.Error(bins.err)
	}
	return bins.dir
}

// bin is the path of one binary.
func bin(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(binDir(t), name+exe())
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func build() (string, error) {
	dir, err := os.MkdirTemp("", "papyra-bin-")
	if err != nil {
		return "", err
	}
	mains, err := filepath.Glob("../../cmd/*/main.go")
	if err != nil {
		return dir, err
	}
	mains = append(mains, "../../scripts/genlog/main.go")
	var failed []error
	for _, main := range mains {
		pkg := filepath.Dir(main)
		args := []string{"build", "-o", filepath.Join(dir, filepath.Base(pkg)+exe())}
		if os.Getenv("GOCOVERDIR") != "" {
			args = append(args, "-cover", "-coverpkg=github.com/papyra-tools/papyra/...")
		}
		cmd := exec.Command("go", append(args, "./"+filepath.ToSlash(pkg))...)
		if out, err := cmd.CombinedOutput(); err != nil {
			failed = append(failed, fmt.Errorf("build %s: %w\n%s", pkg, err, out))
		}
	}
	return dir, errors.Join(failed...)
}
