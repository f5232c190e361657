package export_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/scale/internal/export"
)

// outcome is how a run of papyra-export ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs papyra-export with data on its standard input, without any settings.
func run(t testing.TB, stdin string, args ...string) outcome {
	t.Helper()
	return runWith(strings.NewReader(stdin), args...)
}

func runWith(stdin io.Reader, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	env := &cli.Env{Ctx: context.Background(), Stdin: stdin, Stdout: &stdout, Stderr: &stderr,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	code := cli.Run(env, "papyra-export", "", export.Step.New(), append(args, "--settle", "0s"))
	return outcome{code, stdout.String(), stderr.String()}
}

// write makes a log of lines.
func write(t testing.TB, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

func TestMain(m *testing.M) {
	logging.Disable()
	os.Exit(m.Run())
}
