package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	cmd.Env = append(os.Environ(), append(env, "PATH="+testtool.Programs(t)+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME=/nonexistent", "PAPYRA_LINGER=1ms", "PAPYRA_SETTLE=1ms")...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// logs makes a directory of logs, the second of every fifty damaged.
func logs(t *testing.T, n int) string {
	dir := t.TempDir()
	for i := range n {
		text := strings.Repeat(fmt.Sprintf("{\"kind\":\"event\",\"timestamp\":%d}\n", i), 20)
		if i%50 == 1 {
			text += "{\"kind\n" + text
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("log %04d \xff.ndjson", i)), []byte(text), 0o600))
	}
	return dir
}

// generated is when a report was made.
var generated = regexp.MustCompile(`"generated": "[^"]*"`)

// The recipes of docs/SCALE.md give what one pass gives: of a thousand logs
// where a run takes many names, and of a hundred, in torture of a thousand,
// where each range is a run of its own.
func TestShardRecipes(t *testing.T) {
	testtool.OnlyInCI(t, "thousands of processes, and few have GNU parallel")
	testtool.Need(t, "parallel")
	dir, some := logs(t, 1000), "log\\ 00*.ndjson"
	if many(1000) == 1000 {
		some = "*.ndjson"
	}
	recipes := map[string]string{
		"parallel, names": `printf '%s\n' *.ndjson | parallel --will-cite -k -X STEP --json | STEP --json --merge -`,
		"parallel":        `papyra shards --size 1KiB LOGS | parallel --will-cite -k --colsep '\t' STEP --json --range {1} {2} | STEP --json --merge -`,
		"xargs": `trap 'rm -r "$out"' EXIT; export out=$(mktemp -d) && papyra shards --print0 --size 1KiB LOGS |
			xargs -0 -n 2 -P 2 sh -c 'STEP --json --range "$0" "$1" > "$out/$1.$0.json" || [ $? -eq 2 ]' && STEP --json --merge "$out"/*.json`,
	}
	for _, step := range []string{"papyra-scan", "papyra-inspect"} {
		for name, recipe := range recipes {
			logs := some
			if name == "parallel, names" {
				logs = "*.ndjson"
			}
			fill := strings.NewReplacer("STEP", step, "LOGS", logs)
			try := func(script string) string {
				out, err := shell(t, dir, fill.Replace("{ "+script+"\n} 2>/dev/null")) // what the single runs say of the damage
				return fmt.Sprintln(generated.ReplaceAllString(out, ""), err)
			}
			want := try("STEP --json LOGS")
			require.Equal(t, logs == "*.ndjson", strings.Contains(want, `"log 0999 `))
			require.True(t, want == try(recipe), "%s, %s: not the same report and exit code", name, step)
		}
	}
}

// The command of the Kubernetes Job does its part of the work, whatever its
// index.
func TestKubernetesJob(t *testing.T) {
	testtool.OnlyInCI(t, "hundreds of processes")
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
