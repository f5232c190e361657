package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// TestScript runs testdata/script/STEP/*.txtar, each with the binaries on the
// PATH, in a directory of its own and with no settings: HOME does not exist, no
// variable PAPYRA_… is set. Run one with
//
//	go test ./internal/e2e -run 'TestScript/cli/dispatch'
//
// and rewrite expected files with PAPYRA_UPDATE_SCRIPTS=1. Besides testscript's
// own commands there are those of commands_test.go.
func TestScript(t *testing.T) {
	dirs, err := filepath.Glob("../../testdata/script/*")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	path := testtool.Programs(t) + string(os.PathListSeparator) + os.Getenv("PATH")
	testdata, err := filepath.Abs("../../testdata")
	require.NoError(t, err)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:                 dir,
				Cmds:                commands,
				UpdateScripts:       os.Getenv("PAPYRA_UPDATE_SCRIPTS") != "",
				RequireUniqueNames:  true,
				RequireExplicitExec: true,
				Condition:           condition,
				Setup: func(env *testscript.Env) error {
					env.Values[testKey{}] = env.T()
					env.Values[snap{}] = map[string]snap{}
					env.Setenv("PATH", path)
					env.Setenv("BIN", testtool.Programs(t))
					env.Setenv("TESTDATA", testdata)
					env.Setenv("LC_ALL", "C.UTF-8")
					env.Setenv("TZ", "UTC")
					env.Setenv("PAPYRA_LINGER", "1ms")
					env.Setenv("PAPYRA_SETTLE", "1ms")
					if d := os.Getenv("GOCOVERDIR"); d != "" {
						env.Setenv("GOCOVERDIR", d)
					}
					return nil
				},
			})
		})
	}
}

// condition knows [root]: the test runs as the super-user, whom permissions do
// not stop.
func condition(cond string) (bool, error) {
	switch cond {
	case "root":
		return os.Geteuid() == 0, nil
	}
	return false, os.ErrInvalid
}
