package testtool

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// fake records how a test was ended; Fatalf and Skipf leave by panic, as the
// real ones never return.
type fake struct {
	testing.TB
	ended string
}

func (f *fake) Helper() {}
func (f *fake) Fatalf(format string, args ...any) {
	f.ended = "fail " + fmt.Sprintf(format, args...)
	panic(f)
}
func (f *fake) Skipf(format string, args ...any) {
	f.ended = "skip " + fmt.Sprintf(format, args...)
	panic(f)
}

func TestNeed(t *testing.T) {
	need := func(name string) string {
		f := &fake{TB: t}
		func() {
			defer func() { _ = recover() }()
			Need(f, name)
		}()
		return f.ended
	}
	t.Setenv(RequireEnv, "")
	require.Empty(t, need("go"))
	require.Contains(t, need("no-such-program-here"), `skip missing: program "no-such-program-here"`)
	t.Setenv(RequireEnv, "1")
	require.Contains(t, need("no-such-program-here"), "fail missing")
}
