package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// sample are values of flags, by what stands for them in the help.
var sample = map[string]string{
	"PATH": "log", "FILE": "file", "KIND": "event", "DURATION": "1s", "SIZE": "1MiB", "N": "5", "[KIND=]N": "5", "[KIND=]DURATION": "7d",
	"WHEN": "2024-03-09", "TYPE": "x", "ADDRESS": "x", "FIELD=VALUE": "a=b", "A:B": "0:10", "FORMAT=FILE": "json=report", "NAME|FILE": "papyra",
	"DIR": "dir", "LEDGER": "ledger", "CMD": "cat", "FORMAT": "json", "PATTERN": "l*",
}

// together are flags that only mean something beside others.
var together = map[string]string{
	"shell": "--through cat", "through-may-drop": "--through cat", "diff": "--dry-run", "null": "--files-from list", "output": "-", "follow": "log",
	"mode=quarantine": "--quarantine-dir dir", "recovery-mode=quarantine": "--mode recover --quarantine-dir dir", "config": "log", "undo": "log", "links": "--profile transcript", "glob": "--recursive .",
}

// No command shows an option that it refuses: each is given alone, with a value
// that it names or that is of its kind, to a healthy log.
func TestNoFlagIsRefused(t *testing.T) {
	testtool.Long(t)
	done := map[reflect.Type]bool{} // a command has several names
	for _, leaf := range model(t).Leaves(true) {
		if done[leaf.Target.Type()] {
			continue
		}
		done[leaf.Target.Type()] = true
		for _, f := range leaf.Flags {
			values := []string{""}
			if f.Enum != "" {
				values = f.EnumSlice()
			} else if !f.IsBool() && !f.IsCounter() {
				value := sample[strings.TrimSuffix(strings.Trim(f.FormatPlaceHolder(), `"`), ",...")]
				if f.Name == "sync" {
					value = "always"
				}
				require.NotEmpty(t, value, "--%s=%s of %s: add it to sample", f.Name, f.FormatPlaceHolder(), leaf.Path())
				values = []string{value}
			}
			for _, value := range values {
				if value == "" && f.Enum != "" {
					continue
				}
				refuses(t, leaf, f, value)
			}
		}
	}
}

func refuses(t *testing.T, leaf *kong.Node, f *kong.Flag, value string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"log": `{"kind":"event","timestamp":1}` + "\n", "list": "log\n", "papyra.json": "{}",
		"logs.json": `{"logs": [{"path": "` + dir + `/log"}]}`, "mine.json": `{"name": "mine"}`} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	t.Chdir(dir)
	args := strings.Fields(regexp.MustCompile(` \(.*?\)`).ReplaceAllString(leaf.Path(), ""))
	given, ok := "--"+f.Name, f.Name
	if value != "" {
		given += "=" + strings.ReplaceAll(value, "file", map[bool]string{true: "papyra.json", false: map[bool]string{true: "list", false: "file"}[f.Name == "files-from"]}[f.Name == "config"])
		if together[f.Name+"="+value] != "" {
			ok += "=" + value
		}
	}
	args = append(args, given)
	with, named := together[ok]
	args = append(args, strings.Fields(with)...)
	if len(leaf.Positional) > 0 && f.Name != "path" && f.Name != "files-from" && f.Name != "output" && !(named && (strings.HasSuffix(with, "log") || strings.HasSuffix(with, "."))) && f.Name != "null" {
		args = append(args, cmp.Or(map[string]string{"maintain": "logs.json", "show": "pino", "check": "mine.json"}[leaf.Name], "log"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if f.Name == "follow" { // which does not end by itself
		time.AfterFunc(50*time.Millisecond, cancel)
	}
	var out, errs bytes.Buffer
	env := &cli.Env{Ctx: ctx, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now, Getenv: func(key string) string { return map[string]string{"PAPYRA_LINGER": "1ms"}[key] }}
	code := cli.Run(env, "papyra", "", Step.New(), args)
	if code == cli.ExitUsage {
		t.Errorf("%v: %s", args, &errs)
	}
}

// reads are what the source of a command has if a flag that many have makes a
// difference, by the type that the flag is in, or by its name there; the name
// of the field, if nothing is said here.
var reads = map[string]string{
	"Named": `\.(Resolve|Each|Ahead|Args)\b`, "FilesFrom": `\.(Resolve|Each|Ahead)\(`, "Null": `\.(Resolve|Each|Ahead)\(`, "Glob": `\.(Resolve|Each|Ahead)\(`, "Missing": `\.(Missing\b|Absent\()`,
	"JSON": `\.(Format|JSON)\b`, "Quietness": `\.(Quiet|Notes)\b`, "NoProgress": `\.Progress\(`, "Coloring": `\.Painter\(`, "Caching": `\.Ctx\b`,
	"Judging": `\.Checker\(`, "Retention": `\.Policy\(\)`, "Force": `\.Force\b`, "Flag": `\.(Tell|Run|Textfile)\b`,
}

// through are the rooms that a command hands its flags to.
var through = map[string][]string{"doctor": {"scan", "repair"}, "maintain": {"doctor", "scan", "repair", "compact"}}

// No command shows an option that its source never looks at.
func TestNoFlagIsIgnored(t *testing.T) {
	seen := 0
	for _, leaf := range model(t).Leaves(true) {
		room := leaf.Target.Type()
		source := sourceOf(t, room.PkgPath())
		for _, more := range through[filepath.Base(room.PkgPath())] {
			source += sourceOf(t, filepath.Dir(room.PkgPath())+"/"+more)
		}
		var walk func(owner reflect.Type)
		walk = func(owner reflect.Type) {
			for i := range owner.NumField() {
				f := owner.Field(i)
				switch _, flag := f.Tag.Lookup("help"); {
				case f.Anonymous:
					walk(f.Type)
				case flag:
					want := `\.` + f.Name + `\b`
					for _, by := range []string{owner.Name(), f.Name} {
						if reads[by] != "" && owner.PkgPath() != room.PkgPath() {
							want = reads[by]
						}
					}
					if !regexp.MustCompile(want).MatchString(source) {
						t.Errorf("%s: %s.%s has no effect", leaf.Path(), owner.Name(), f.Name)
					}
					seen++
				}
			}
		}
		walk(room)
	}
	require.Greater(t, seen, 300)
}

// sourceOf is the code of a package, without its comments.
func sourceOf(t *testing.T, pkg string) string {
	t.Helper()
	dir := strings.TrimPrefix(pkg, "github.com/papyra-tools/papyra/")
	files, err := filepath.Glob("../../" + dir + "/*.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			all.Write(regexp.MustCompile(`(?m)//.*$`).ReplaceAll(data, nil))
		}
	}
	require.NotEmpty(t, all.String(), dir)
	return all.String()
}
