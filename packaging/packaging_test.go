// Package packaging_test tries what is packaged as far as a machine without
// root, network and services can.
package packaging_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// script writes an executable shell script.
func script(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755))
}

// output runs a command and returns what it printed, standard error included,
// and its exit code.
func output(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestSystemdUnits(t *testing.T) {
	analyze := testtool.Need(t, "systemd-analyze")
	dir := t.TempDir()
	units, err := filepath.Glob("systemd/*")
	require.NoError(t, err)
	require.Len(t, units, 4)
	args := []string{"verify", "--man=no", "--recursive-errors=no"}
	for _, u := range units {
		data, err := os.ReadFile(u)
		require.NoError(t, err)
		// The programs need not be installed where the test runs.
		text := strings.ReplaceAll(string(data), "/usr/bin/papyra", dir+"/papyra")
		name := filepath.Join(dir, strings.Replace(filepath.Base(u), "@.", "@app.", 1))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		args = append(args, name)
	}
	script(t, filepath.Join(dir, "papyra-scan"), "")
	script(t, filepath.Join(dir, "papyra"), "")
	out, code := output(t, exec.Command(analyze, args...))
	require.Equal(t, 0, code, out)
	require.NotContains(t, out, "papyra-", "a complaint about one of our units")
}

// Whatever runs unattended takes a log that is not there for a failure, and
// hides no name that is mistyped.
func TestStrictForm(t *testing.T) {
	files, err := filepath.Glob("systemd/*.service")
	require.NoError(t, err)
	for _, name := range append(files, "cron/papyra", "action/scan.sh", "gitlab/.gitlab-ci.yml", "../.pre-commit-hooks.yaml") {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NotContains(t, string(data), "Condition", name)
		runs := regexp.MustCompile(`(?m)^(ExecStart=|[0-9].* app |args=\(|  entry: |    - papyra-scan ).*`).FindAllString(string(data), -1)
		require.NotEmpty(t, runs, name)
		for _, run := range runs {
			require.Regexp(t, "--missing fail|papyra maintain", run, name)
		}
	}
}

func TestAlerts(t *testing.T) {
	promtool := testtool.Need(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = "prometheus"
		out, code := output(t, cmd)
		require.Equal(t, 0, code, out)
		require.Contains(t, out, "SUCCESS")
	}
	// Each alert is tried, and each metric is one that is written.
	rules, err := os.ReadFile("prometheus/alerts.yml")
	require.NoError(t, err)
	tests, err := os.ReadFile("prometheus/alerts_test.yml")
	require.NoError(t, err)
	page, err := os.ReadFile("../docs/REPORTS.md")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		require.Regexp(t, `alertname: `+m[1]+`\n +exp_alerts`, string(tests))
	}
	for _, m := range regexp.MustCompile(`papyra_\w+`).FindAllString(string(rules), -1) {
		require.Contains(t, string(page), "`"+m+"`")
	}
}

// The build in the container misses nothing that .dockerignore leaves out.
func TestDockerIgnore(t *testing.T) {
	data, err := os.ReadFile("../.dockerignore")
	require.NoError(t, err)
	cmd := exec.Command("go", "list", "-deps", "-f",
		`{{if not .Standard}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range .SFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}`, "./cmd/...")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOOS=linux")
	out, code := output(t, cmd)
	require.Equal(t, 0, code, out)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	n := 0
	for _, file := range strings.Fields(out) {
		rel, ours := strings.CutPrefix(file, root+"/")
		if !ours {
			continue
		}
		n++
		for _, ignored := range strings.Fields(string(data)) {
			require.False(t, strings.HasPrefix(rel, ignored+"/"), "%s is needed, and %s is left out", rel, ignored)
		}
		require.False(t, strings.HasSuffix(rel, "_test.go") || strings.Contains(rel, "/testdata/"), rel)
	}
	require.Greater(t, n, 100)
}

// The cron lines are silent unless something is wrong; a lock that somebody
// else holds is not.
func TestCron(t *testing.T) {
	sh := testtool.Need(t, "sh")
	data, err := os.ReadFile("cron/papyra")
	require.NoError(t, err)
	var lines []string
	for _, line := range strings.Split(string(data), "\n") {
		if fields := strings.Fields(line); len(fields) > 6 && strings.Contains("0123456789*", fields[0][:1]) {
			require.Equal(t, "app", fields[5])
			// cron turns an escaped percent sign into a plain one.
			lines = append(lines, strings.ReplaceAll(strings.SplitN(line, "  app  ", 2)[1], `\%`, "%"))
		}
	}
	require.Len(t, lines, 2)
	for _, tt := range []struct {
		line, code int
		want       string
	}{{0, 0, ""}, {0, 2, "said 100 %"}, {0, 1, "said 100 %"}, {1, 0, ""}, {1, 75, ""}, {1, 1, "said 100 %"}} {
		dir := t.TempDir()
		for _, name := range []string{"papyra-scan", "papyra"} {
			script(t, filepath.Join(dir, name), "echo 'said 100 %' >&2; exit "+string(rune('0'+tt.code/10))+string(rune('0'+tt.code%10)))
		}
		cmd := exec.Command(sh, "-c", lines[tt.line])
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, _ := output(t, cmd)
		require.Equal(t, tt.want, strings.TrimSpace(out), lines[tt.line])
	}
}

func TestAction(t *testing.T) {
	bash := testtool.Need(t, "bash")
	step, err := filepath.Abs("action/scan.sh")
	require.NoError(t, err)
	for _, tt := range []struct {
		name, paths string
		exit        int // of the scan
		env         []string
		code        int
		args        string // what the scan is called with, behind the reports
	}{
		{name: "one", paths: "a.ndjson", args: "-- a.ndjson"},
		{name: "pattern and spaces", paths: " *.ndjson\nsub/**/*.log ", args: "-- a.ndjson b c.ndjson sub/x/y.log"},
		{name: "strict and sarif", paths: "a.ndjson", env: []string{"INPUT_STRICT=true", "INPUT_SARIF=x.sarif"}, args: "--strict --report sarif=x.sarif -- a.ndjson"},
		{name: "nothing is run", paths: "$(touch${IFS}owned) `touch` ;touch", args: "-- $(touch${IFS}owned) `touch` ;touch"},
		{name: "no flag gets in", paths: "--merge", args: "-- --merge"},
		{name: "no match", paths: "*.nothing", code: 1},
		{name: "none", paths: " ", code: 1},
		{name: "anomalies", paths: "a.ndjson", exit: 2, code: 2, args: "-- a.ndjson"},
		{name: "anomalies are tolerated", paths: "a.ndjson", exit: 2, env: []string{"INPUT_FAIL=false"}, code: 0, args: "-- a.ndjson"},
		{name: "trouble never is", paths: "a.ndjson", exit: 1, env: []string{"INPUT_FAIL=false"}, code: 1, args: "-- a.ndjson"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"a.ndjson", "b c.ndjson", "sub/x/y.log"} {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
			}
			script(t, filepath.Join(dir, "scan"), `echo "$@" > called; exit `+string(rune('0'+tt.exit)))
			cmd := exec.Command(bash, step, filepath.Join(dir, "scan"))
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "INPUT_PATHS="+tt.paths, "GITHUB_STEP_SUMMARY=summary.md", "GITHUB_OUTPUT="+filepath.Join(dir, "out"))
			cmd.Env = append(cmd.Env, tt.env...)
			said, code := output(t, cmd)
			require.Equal(t, tt.code, code, said)
			require.NoFileExists(t, filepath.Join(dir, "owned"))
			called, err := os.ReadFile(filepath.Join(dir, "called"))
			if tt.args == "" {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "--missing fail --report github=- --report markdown=summary.md "+tt.args+"\n", string(called))
			out, err := os.ReadFile(filepath.Join(dir, "out"))
			require.NoError(t, err)
			require.Equal(t, "exit-code="+string(rune('0'+tt.exit))+"\n", string(out))
		})
	}
}

// A Debian package breaks no rule but that programs are linked dynamically.
func lint(t *testing.T, deb string) {
	t.Helper()
	lintian := testtool.Need(t, "lintian")
	out, _ := output(t, exec.Command(lintian, "--allow-root", "--suppress-tags", "statically-linked-binary", deb))
	require.Empty(t, out)
}

func TestDeb(t *testing.T) {
	testtool.OnlyInCI(t, "builds all binaries, and lintian is slow")
	dpkg := testtool.Need(t, "dpkg-deb")
	if runtime.GOOS != "linux" {
		t.Skip("Debian packages are built on Linux")
	}
	dir := t.TempDir()
	cmd := exec.Command("deb/build.sh", "1.2.3", "amd64")
	cmd.Env = append(os.Environ(), "OUT="+dir, "SOURCE_DATE_EPOCH=1700000000", "COMPRESS=-Zgzip")
	out, code := output(t, cmd)
	require.Equal(t, 0, code, out)
	deb := filepath.Join(dir, "papyra-tools_1.2.3_amd64.deb")

	lint(t, deb)
	list, code := output(t, exec.Command(dpkg, "-c", deb))
	require.Equal(t, 0, code, list)
	mains, err := filepath.Glob("../cmd/*/main.go")
	require.NoError(t, err)
	for _, m := range mains {
		name := filepath.Base(filepath.Dir(m))
		for _, f := range []string{"./usr/bin/" + name, "./usr/share/man/man1/" + name + ".1.gz", "./usr/share/bash-completion/completions/" + name} {
			require.Contains(t, list, f+"\n")
		}
	}
	require.Contains(t, list, "./etc/papyra/logs.d/app.json.example\n")
	for _, name := range []string{"scan", "settings", "logs", "profile"} {
		require.Contains(t, list, "./usr/share/papyra/schemas/"+name+".schema.json\n")
	}
	for _, line := range strings.Split(strings.TrimSpace(list), "\n") {
		require.Contains(t, line, "root/root")
		require.True(t, strings.HasPrefix(line, "drwxr-xr-x") || strings.HasPrefix(line, "-rwxr-xr-x") || strings.HasPrefix(line, "-rw-r--r--"), line)
	}

	root := t.TempDir()
	out, code = output(t, exec.Command(dpkg, "-x", deb, root))
	require.Equal(t, 0, code, out)
	require.DirExists(t, filepath.Join(root, "etc/papyra"))
	if runtime.GOARCH == "amd64" {
		out, code = output(t, exec.Command(filepath.Join(root, "usr/bin/papyra-scan"), "--version"))
		require.Equal(t, 0, code, out)
		require.Regexp(t, `^papyra-scan 1\.2\.3 ([0-9a-f]{12} )?\(go`, out)
	}

	for _, bad := range [][]string{{"v1.2.3"}, {"1.2.3", "mips"}, {}} {
		out, code := output(t, exec.Command("deb/build.sh", bad...))
		require.NotEqual(t, 0, code, out)
	}
}
