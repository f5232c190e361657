// Package e2e_test tries the programs as a user does: the real binaries, real
// files, pipes and signals.
package e2e_test

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"github.com/papyra-tools/papyra/internal/testtool"
)

func TestMain(m *testing.M) {
	// Most of the time they wait for programs, and those for each other.
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testtool.Main(m)
}
