package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// generated is a directory with everything generated.
func generated(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, generate(dir))
	return dir
}

func TestEveryBinaryIsDocumented(t *testing.T) {
	mains, err := filepath.Glob("../../cmd/*/main.go")
	require.NoError(t, err)
	for _, m := range mains {
		name := filepath.Base(filepath.Dir(m))
		require.True(t, slices.ContainsFunc(programSteps, func(b cli.Step) bool { return b.Binary == name }), "%s is missing in the registry", name)
	}
	require.Len(t, programSteps, len(mains))
}

func TestGeneratedTwiceIsTheSame(t *testing.T) {
	a, b := generated(t), generated(t)
	for _, bin := range programSteps {
		for _, f := range []string{"man/man1/" + bin.Binary + ".1", "completions/bash/" + bin.Binary, "completions/zsh/_" + bin.Binary, "completions/fish/" + bin.Binary + ".fish"} {
			one, err := os.ReadFile(filepath.Join(a, f))
			require.NoError(t, err)
			two, err := os.ReadFile(filepath.Join(b, f))
			require.NoError(t, err)
			require.Equal(t, string(one), string(two))
		}
	}
}

func TestManPages(t *testing.T) {
	mandoc := testtool.Need(t, "mandoc")
	dir := generated(t)
	for _, b := range programSteps {
		page := filepath.Join(dir, "man/man1", b.Binary+".1")
		out, err := exec.Command(mandoc, "-T", "lint", "-W", "warning", page).CombinedOutput()
		var real []string
		for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			// There is no date, so that packages can be built reproducibly.
			if line != "" && !strings.Contains(line, "missing date") {
				real = append(real, line)
			}
		}
		require.Empty(t, real, "%v", err)
		text, err := exec.Command(mandoc, "-T", "utf8", "-O", "width=90", page).Output()
		require.NoError(t, err)
		plain := strings.ReplaceAll(string(text), "\b", "")
		require.NotContains(t, plain, `\(`)
		for _, code := range []string{"75", "80"} {
			require.Contains(t, plain, code)
		}
	}
}

func TestCompletionSyntax(t *testing.T) {
	dir := generated(t)
	for shell, args := range map[string][]string{"bash": {"-n"}, "zsh": {"-n"}, "fish": {"--no-execute"}} {
		t.Run(shell, func(t *testing.T) {
			path := testtool.Need(t, shell)
			files, err := filepath.Glob(filepath.Join(dir, "completions", shell, "*"))
			require.NoError(t, err)
			require.Len(t, files, len(programSteps))
			for _, f := range files {
				out, err := exec.Command(path, append(args, f)...).CombinedOutput()
				require.NoError(t, err, "%s: %s", f, out)
			}
		})
	}
}

func TestBashCompletion(t *testing.T) {
	bash := testtool.Need(t, "bash")
	dir := generated(t)
	for line, want := range map[string][]string{
		"papyra ":                                   {"persistence"},
		"papyra persistence ":                       {"scan", "recover"},
		"papyra persistence sc":                     {"scan"},
		"papyra persistence scan --form":            {"--format"},
		"papyra persistence scan --format ":         {"text", "json", "ndjson"},
		"papyra persistence scan --format = ":       {"text", "json", "ndjson"},
		"papyra persistence scan --format = j":      {"json"},
		"papyra persistence repair --mode q":        {"quarantine"},
		"papyra-scan --reader ":                     {"strict", "producer"},
		"papyra-scan eve":                           {},
		"papyra persistence scan --settle 1 --stri": {"--strict"},
	} {
		words := strings.Split(line, " ")
		script := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); fn=_${1//-/_}; $fn; echo "${COMPREPLY[@]}"`
		out, err := exec.Command(bash, append([]string{"-c", script, "bash", filepath.Join(dir, "completions/bash", words[0])}, words...)...).CombinedOutput()
		require.NoError(t, err, string(out))
		got := strings.Fields(string(out))
		for _, w := range want {
			require.Contains(t, got, w, line)
		}
		if len(want) == 0 || len(want) == 1 && want[0] != "persistence" {
			require.Len(t, got, len(want), line)
		}
	}
}

func TestFishCompletion(t *testing.T) {
	fish := testtool.Need(t, "fish")
	dir := generated(t)
	for line, want := range map[string]string{
		"papyra ":                           "persistence",
		"papyra persistence ":               "scan",
		"papyra persistence scan --form":    "--format",
		"papyra persistence scan --format ": "ndjson",
		"papyra-scan --reader ":             "producer",
	} {
		file := filepath.Join(dir, "completions/fish", strings.Fields(line)[0]+".fish")
		cmd := exec.Command(fish, "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", file, line)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.Output()
		require.NoError(t, err)
		require.Contains(t, string(out), want, line)
	}
}

func TestSplit(t *testing.T) {
	prose, examples := split("About it,\nin two lines.\n\nExamples:\n\n  one\n  two | three\n\n  four\n\nExit codes: 0 fine.\n\nList:\n  a\n  b")
	require.Equal(t, []block{{text: "About it, in two lines."}, {text: "Exit codes: 0 fine."}, {text: "List:"}, {text: "a\nb", code: true}}, prose)
	require.Equal(t, []block{{text: "one\ntwo | three\n\nfour", code: true}}, examples)
}

func TestEscape(t *testing.T) {
	require.Equal(t, `\&.5 \(aqa\(aq \-\-x C:\edir`, escape(`.5 'a' --x C:\dir`))
}
