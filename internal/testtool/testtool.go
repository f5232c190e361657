// Package testtool decides what a test does when a program it needs is not
// installed.
//
// On a developer's machine the test is skipped, with the reason. Where the
// environment variable PAPYRA_REQUIRE_TOOLS is set to anything but the empty
// string (continuous integration sets it), the test fails instead, so that a
// test that never runs cannot pass for one that does.
package testtool

import (
	"os"
	"os/exec"
	"testing"
)

// RequireEnv names the environment variable that turns a missing tool from a
// skip into a failure.
const RequireEnv = "PAPYRA_REQUIRE_TOOLS"

// Need returns the full path of the program called name. Without it the test is
// skipped, or fails where RequireEnv is set; in both cases Need does not
// return.
func Need(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "program %q: %v", name, err)
	}
	return path
}

// Missing ends the test for want of something other than a program in the PATH
// (a privilege, a kernel feature, a file system): skipped, or failed where
// RequireEnv is set.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(RequireEnv) != "" {
		t.Fatalf("missing, and "+RequireEnv+" is set: "+format, args...)
	}
	t.Skipf("missing: "+format, args...)
}
