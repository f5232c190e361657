package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// shell runs a script with the binaries on the PATH.
func shell(t *testing.T, dir, script string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(testtool.Need(t, "sh"), "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append(env, "PATH="+binDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME=/nonexistent", "PAPYRA_LINGER=1ms")...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// logs makes a directory of logs, one of them damaged.
func logs(t *testing.T, n int) string {
	dir := t.TempDir()
	for i := range n {
		text := strings.Repeat(fmt.Sprintf("{\"kind\":\"event\",\"timestamp\":%d}\n", i), 20)
		if i == n/2 {
			text += "{\"kind\n" + text
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("log %04d \xff.ndjson", i)), []byte(text), 0o600))
	}
	return dir
}

// The recipes of docs/SCALE.md give what one pass gives.
func TestShardRecipes(t *testing.T) {
	testtool.Need(t, "parallel")
	n := many(1000)
	dir := logs(t, n)
	whole, err := shell(t, dir, "papyra-scan --json *.ndjson")
	require.Error(t, err)
	require.Contains(t, whole, fmt.Sprintf(`"files": %d`, n))
	const made = ` | grep -v '"generated": '`
	overview, err := shell(t, dir, "papyra-inspect --json *.ndjson"+made)
	require.NoError(t, err, overview)
	for name, recipe := range map[string]string{
		"parallel, inspect": `papyra shards --size 1KiB *.ndjson | parallel --will-cite -k --colsep '\t' papyra-inspect --json --range {1} {2} | papyra-inspect --merge --json -`,
		"xargs, inspect": `mkdir -p over && papyra shards --print0 --size 1KiB *.ndjson |
			xargs -0 -n 2 -P 2 sh -c 'papyra-inspect --json --range "$0" "$1" > "over/$1.$0.json"' && papyra-inspect --merge --json over/*.json`,
	} {
		out, err := shell(t, dir, recipe+made)
		require.NoError(t, err, name)
		require.Equal(t, overview, out, name)
	}
	for name, recipe := range map[string]string{
		"parallel": `papyra shards --size 1KiB *.ndjson | parallel --will-cite -k --colsep '\t' papyra-scan --json --range {1} {2} | papyra-scan --json --merge -`,
		"xargs": `mkdir -p out && papyra shards --print0 --size 1KiB *.ndjson |
			xargs -0 -n 2 -P 2 sh -c 'papyra-scan --quiet --report "json=out/$1.$0.json" --range "$0" "$1" || [ $? -eq 2 ]' &&
			papyra-scan --json --merge out/*.json`,
	} {
		out, err := shell(t, dir, "{ "+recipe+"\n} 2>said") // the damage
		require.Error(t, err, name)
		require.Equal(t, whole, out, name)
	}
}

// The command of the Kubernetes Job does its part of the work, whatever its index.
func TestKubernetesJob(t *testing.T) {
	manifest, err := os.ReadFile("../../packaging/kubernetes/scan-job.yaml")
	require.NoError(t, err)
	_, script, ok := strings.Cut(string(manifest), "            - |\n")
	require.True(t, ok)
	script, _, ok = strings.Cut(script, "          env:\n")
	require.True(t, ok)
	var lines []string
	for line := range strings.Lines(script) {
		lines = append(lines, strings.TrimPrefix(line, "              "))
	}
	script = strings.Join(lines, "")

	dir, reports := logs(t, 3), t.TempDir()
	out, err := shell(t, dir, `papyra shards --size 600 *.ndjson > "$REPORTS/shards"; wc -l < "$REPORTS/shards"`, "REPORTS="+reports)
	require.NoError(t, err, out)
	require.Equal(t, "7", strings.TrimSpace(out))
	for i := range 7 {
		if i == 3 {
			out, err = shell(t, dir, `papyra-scan --merge "$REPORTS"/*.json`, "REPORTS="+reports)
			require.Error(t, err)
			require.Contains(t, out, "are in no report")
		}
		out, err = shell(t, dir, script, "REPORTS="+reports, fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))
		require.NoError(t, err, out)
	}
	merged, _ := shell(t, dir, `papyra-scan --json --merge "$REPORTS"/*.json`, "REPORTS="+reports)
	whole, _ := shell(t, dir, "papyra-scan --json *.ndjson")
	require.Equal(t, whole, merged)
}
