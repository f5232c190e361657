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
	"testing"

	"github.com/papyra-tools/papyra/internal/testtool"
)

func TestMain(m *testing.M) { testtool.Main(m) }
