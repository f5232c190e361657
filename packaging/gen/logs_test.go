package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/dispatch"
)

// Every settings file for papyra maintain that is shown or shipped is one: it
// names logs that are not there, and has no mistake.
func TestLogsExamples(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile("../../" + name)
		require.NoError(t, err)
		return string(data)
	}
	shown := []string{read("packaging/logs.d/app.json.example")}
	for _, page := range []string{"docs/LOGROTATE.md", "docs/GUIDE.md"} {
		for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(read(page), -1) {
			if strings.Contains(block[1], `"logs"`) {
				shown = append(shown, block[1])
			}
		}
	}
	_, manifest, ok := strings.Cut(read("packaging/kubernetes/maintain-cronjob.yaml"), "app.json: |\n")
	require.True(t, ok)
	manifest, _, ok = strings.Cut(manifest, "---")
	require.True(t, ok)
	shown = append(shown, manifest)
	require.Len(t, shown, 4)
	for _, text := range shown {
		name := filepath.Join(t.TempDir(), "app.json")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		var out, errs bytes.Buffer
		env := &cli.Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
		code := cli.Run(env, "papyra", "", dispatch.Step.New(), []string{"maintain", "--dry-run", name})
		require.Equal(t, cli.ExitFailed, code, "%s\n%s%s", text, &out, &errs)
		require.Contains(t, out.String(), "failed ")
	}
}
