package testtool

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var programs struct {
	once sync.Once
	dir  string
	err  error
}

// Programs returns a directory with all programs of cmd/ and, as genlog, the
// generator of logs, built as they are released. They are built once for a test
// binary, on first use; its TestMain has to call Main, which removes them.
func Programs(t testing.TB) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.dir, programs.err = os.MkdirTemp("", "papyra-programs-"); programs.err != nil {
			return
		}
		args := []string{"build", "-ldflags", "-s -w", "-o", programs.dir + string(filepath.Separator)}
		if os.Getenv("GOCOVERDIR") != "" {
			args = append(args, "-cover", "-coverpkg=github.com/papyra-tools/papyra/...")
		}
		cmd := exec.Command("go", append(args, "github.com/papyra-tools/papyra/cmd/...", "github.com/papyra-tools/papyra/scripts/genlog")...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			programs.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	require.NoError(t, programs.err)
	return programs.dir
}

// Program returns the path of one program of Programs.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(filepath.Join(Programs(t), name)) // which knows of .exe
	require.NoError(t, err)
	return path
}

// Main runs the tests, and removes what Programs made.
func Main(m *testing.M) {
	code := m.Run()
	if programs.dir != "" {
		os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}
