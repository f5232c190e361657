package textfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/textfile"
)

// Steps that end at the same moment share the file, and none loses what it
// said.
func TestRunsAtTheSameMoment(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a directory can't be locked there")
	}
	name := filepath.Join(t.TempDir(), "all.prom")
	env := &cli.Env{Ctx: t.Context(), Prog: "papyra"}
	const steps = 8
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range steps {
		all.Go(func() {
			f := textfile.Flag{Textfile: name}
			run := f.Run(env, fmt.Sprintf("step%d", i))
			<-start
			if err := f.Tell(run); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	all.Wait()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Len(t, regexp.MustCompile(`(?m)^papyra_run_success\{`).FindAll(text, -1), steps, string(text))
}
