package testtool

import (
	"os"
	"testing"
)

// Torture reports whether the long versions of the tests are asked for: make
// torture sets PAPYRA_TORTURE.
func Torture() bool { return os.Getenv("PAPYRA_TORTURE") != "" }

// CI reports whether everything must be tried, as in continuous integration.
func CI() bool { return os.Getenv(RequireEnv) != "" }

// OnlyInCI skips a test that takes long and depends on programs that few have,
// for the reason given, except where everything must be tried.
func OnlyInCI(t testing.TB, why string) {
	t.Helper()
	if testing.Short() || !CI() && !Torture() {
		t.Skipf("only where %s is set: %s", RequireEnv, why)
	}
}

// Amount is how much of something a test does: short on a developer's machine,
// which waits for it, and under -short; full in continuous integration; long in
// make torture.
func Amount(short, full, long int) int {
	switch {
	case Torture():
		return long
	case CI() && !testing.Short():
		return full
	}
	return short
}

// Long skips a test under -short, as the race detector and emulated processors
// are run: it takes long there, and has nothing of either to find. It is one
// goroutine, or the walk of pkg/stream, which is tested by itself.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("long, and neither races nor depends on the processor: not under -short")
	}
}
