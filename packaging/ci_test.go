package packaging_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

func TestMain(m *testing.M) { testtool.Main(m) }

// The action with the program itself: annotations, a summary, SARIF and the
// exit code.
func TestActionScans(t *testing.T) {
	bash := testtool.Need(t, "bash")
	step, err := filepath.Abs("action/scan.sh")
	require.NoError(t, err)
	dir, scan := t.TempDir(), testtool.Program(t, "papyra-scan")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "good.ndjson"), []byte(records("1 a")), 0o644))
	run := func(env ...string) (string, int) {
		cmd := exec.Command(bash, step, scan)
		cmd.Dir = dir
		cmd.Env = append(append(os.Environ(), "INPUT_PATHS=*.ndjson", "INPUT_SARIF=x.sarif", "GITHUB_STEP_SUMMARY=summary.md", "GITHUB_OUTPUT=out"), env...)
		return output(t, cmd)
	}
	said, code := run()
	require.Zero(t, code, said)
	require.Empty(t, said, "a healthy log needs no annotation")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "torn.ndjson"), []byte(records("1 a")+`{"ki`), 0o644))
	said, code = run()
	require.Equal(t, 2, code)
	require.Contains(t, said, "::error file=torn.ndjson,line=2,title=papyra%3A truncated line::")
	said, code = run("INPUT_FAIL=false")
	require.Zero(t, code, said)
	for name, want := range map[string]string{"summary.md": "### Found 1 persistence anomalies\n", "x.sarif": `"papyraLine/v1"`, "out": "exit-code=2\n"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Contains(t, string(data), want)
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "good.ndjson")))
	require.NoError(t, os.Remove(filepath.Join(dir, "torn.ndjson")))
	said, code = run("INPUT_FAIL=false")
	require.Equal(t, 1, code, "nothing to look at is no success: %s", said)
}

// The script of the pipeline writes the reports that it names as artifacts.
func TestGitLabPipeline(t *testing.T) {
	sh := testtool.Need(t, "sh")
	data, err := os.ReadFile("gitlab/.gitlab-ci.yml")
	require.NoError(t, err)
	_, script, ok := strings.Cut(string(data), "  script:\n")
	require.True(t, ok)
	script, rest, ok := strings.Cut(script, "  artifacts:\n")
	require.True(t, ok)
	script = "set -e\n" + regexp.MustCompile(`(?m)^    - `).ReplaceAllString(script, "")
	r := diverged(t, "", records("1 a"), records("1 a"), records("1 a", "2 b")+"{\n")
	bin := testtool.Programs(t)
	run := func() (string, int) {
		cmd := exec.Command(sh, "-c", script)
		cmd.Dir = r.dir
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		return output(t, cmd)
	}
	said, code := run()
	require.Zero(t, code, said)
	r.git("checkout", "-q", "other")
	said, code = run()
	require.Equal(t, 2, code, said)
	for _, name := range []string{"quality.json", "tests.xml"} {
		require.Contains(t, rest, ": "+name+"\n")
		require.FileExists(t, filepath.Join(r.dir, name))
	}
	report, err := os.ReadFile(filepath.Join(r.dir, "quality.json"))
	require.NoError(t, err)
	var issues []struct {
		Check    string `json:"check_name"`
		Location struct{ Path string }
	}
	require.NoError(t, json.Unmarshal(report, &issues))
	require.Len(t, issues, 1)
	require.Equal(t, "corrupted_line", issues[0].Check)
	require.Equal(t, "log.ndjson", issues[0].Location.Path)
}
