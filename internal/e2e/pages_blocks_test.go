package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// commandBlock is what a reader pastes into a shell.
type commandBlock struct {
	where    string
	text     string
	logs     string   // what it has in /etc/papyra/logs.d/app.json
	settings string   // what the page has in /etc/papyra.json
	single   bool     // one example of several, each with a log of its own
	prints   []string // lines that the page shows; … stands for anything
}

// commandBlocks are all command lines of the pages, man pages and packages.
func commandBlocks(t *testing.T) []commandBlock {
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	var all []commandBlock
	for _, name := range append(pages, "../../README.md", "../../CONTRIBUTING.md", "../../packaging/README.md", "../../testdata/README.md", "../../testdata/corpus/README.md") {
		all = append(all, fenced(t, name)...)
	}
	all = append(all, manExamples(t)...)
	all = append(all, packaged(t)...)
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(b commandBlock) bool {
		again := b.single && seen[b.text]
		seen[b.text] = true
		return again
	})
}

// fenced are the blocks of shell in a page, and the lines of a crontab. In a
// block that holds a prompt, only what stands behind prompts is typed, and the
// rest is what is seen.
func fenced(t *testing.T, page string) (all []commandBlock) {
	data, err := os.ReadFile(page)
	require.NoError(t, err)
	settings, logs := "", ""
	for _, m := range regexp.MustCompile("(?ms)^(#+ )|^ *```(\\w*)\n(.*?)^ *```").FindAllStringSubmatchIndex(string(data), -1) {
		if m[2] >= 0 {
			settings, logs = "", "" // they hold for a section
			continue
		}
		language, text := string(data[m[4]:m[5]]), string(data[m[6]:m[7]])
		where := fmt.Sprintf("%s:%d", page, 1+strings.Count(string(data[:m[6]]), "\n"))
		if language == "json" && strings.HasPrefix(text, `{"path"`) {
			settings = text
		} else if language == "json" && strings.Contains(text, `"logs": [`) {
			logs = text
		}
		switch language {
		case "sh", "bash", "shell":
			all = append(all, commandBlock{where: where, text: text, settings: settings, logs: logs})
			continue
		case "console":
			b := commandBlock{where: where, settings: settings, logs: logs}
			for line := range strings.Lines(text) {
				if typed, ok := strings.CutPrefix(line, "$ "); ok {
					b.text += typed
				} else {
					b.prints = append(b.prints, strings.TrimSuffix(line, "\n"))
				}
			}
			all = append(all, b)
			continue
		case "cron":
			text = regexp.MustCompile(`(?m)^(\S+\s+){5}`).ReplaceAllString(text, "")
			all = append(all, commandBlock{where: where, text: text, settings: settings, logs: logs})
			continue
		}
		require.NotRegexp(t, `(?m)^(\$ |papyra|go|make|PAPYRA_\w*=\S*)[ -]\S+ [^:]*$`, text, "%s: commands in a block that is not of shell", where)
	}
	return all
}

// manExamples are the examples of all man pages, which --help prints as well.
func manExamples(t *testing.T) (all []commandBlock) {
	dir := t.TempDir()
	out, err := exec.Command("go", "run", "../../packaging/gen", "-out", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	plain := strings.NewReplacer(`\-`, `-`, `\e`, `\`, `\(aq`, `'`, `\(ga`, "`", `\(ha`, `^`, `\(ti`, `~`, `\&`, ``)
	files, err := filepath.Glob(dir + "/man/man1/*.1")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?ms)^\.nf\n(.*?)^\.fi`).FindAllStringSubmatch(string(data), -1) {
			if strings.HasPrefix(m[1], "{") {
				continue // a settings file
			}
			for line := range strings.Lines(plain.Replace(m[1])) {
				if strings.TrimSpace(line) != "" {
					all = append(all, commandBlock{where: filepath.Base(name), text: line, single: true})
				}
			}
		}
	}
	require.Greater(t, len(all), 80)
	return all
}

// packaged are the command lines of what runs unattended.
func packaged(t *testing.T) (all []commandBlock) {
	percent := strings.NewReplacer("/usr/bin/", "", "%i", "app", `\%`, "%", `", "`, `" "`)
	for _, p := range []struct{ files, line, operand string }{
		{"systemd/*.service", `(?m)^ExecStart=(.*)`, ""},
		{"cron/papyra", `(?m)^[0-9*]+ .*  app  (.*)`, ""},
		{"kubernetes/*.yaml", `(?m)^#   (papyra.*)`, ""},
		{"kubernetes/scan-job.yaml", `(?ms)- \|\n(.*?)\n +env:`, ""},
		{"kubernetes/maintain-cronjob.yaml", `command: \[(.*)\]`, ""},
		{"../.pre-commit-hooks.yaml", `(?m)^  entry: (.*)`, " events.ndjson"},
	} {
		files, err := filepath.Glob("../../packaging/" + p.files)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, name := range files {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			found := regexp.MustCompile(p.line).FindAllStringSubmatch(string(data), -1)
			require.NotEmpty(t, found, name)
			for _, m := range found {
				all = append(all, commandBlock{where: name, text: percent.Replace(m[1]) + p.operand, single: true})
			}
		}
	}
	return all
}
