package dispatch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/presets"
)

// place is a flag or an argument that takes a path, and where it is.
type place struct {
	step  cli.Step
	words []string // the subcommands within the step
	arg   bool
	name  string
	key   string // of the settings, "" if it is none
}

func builder(t *testing.T, s cli.Step, vars map[string]string) *kong.Kong {
	t.Helper()
	env := &cli.Env{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(key string) string { return vars[key] }}
	parser, err := cli.NewParser(env, "papyra "+s.Words, s.Description, s.New())
	require.NoError(t, err)
	return parser
}

// visit calls f with every flag and argument of every command of a step.
func visit(app *kong.Application, f func(words []string, arg bool, v *kong.Value)) {
	for _, leaf := range append(app.Leaves(false), app.Node) {
		var words []string
		for n := leaf; n.Parent != nil; n = n.Parent {
			words = append([]string{n.Name}, words...)
		}
		if len(leaf.Children) > 0 {
			continue
		}
		for _, v := range leaf.Positional {
			f(words, true, v)
		}
		for _, group := range leaf.AllFlags(false) {
			for _, flag := range group {
				f(words, false, flag.Value)
			}
		}
	}
}

var namesFile = regexp.MustCompile(`FILE|PATH|DIR|LEDGER`)

func places(t *testing.T) (all []place) {
	for _, s := range Steps() {
		visit(builder(t, s, nil).Model, func(words []string, arg bool, v *kong.Value) {
			isFile := v.Tag.Get("file") != ""
			if !arg {
				require.Equal(t, namesFile.MatchString(v.Flag.PlaceHolder), isFile, "--%s of %s", v.Name, s.Words)
			}
			if isFile {
				all = append(all, place{s, words, arg, v.Name, v.Tag.Get("setting")})
			}
		})
	}
	return all
}

// given parses a command line of p's step and returns what p holds then.
func (p place) given(t *testing.T, vars map[string]string, args ...string) (got string) {
	parser := builder(t, p.step, vars)
	_, err := cli.Parse(parser, append(append([]string(nil), p.words...), args...))
	require.NoError(t, err, "%s %s: %q", p.step.Words, p.name, args)
	visit(parser.Model, func(words []string, arg bool, v *kong.Value) {
		if arg == p.arg && v.Name == p.name && fmt.Sprint(words) == fmt.Sprint(p.words) {
			got = fmt.Sprint(v.Target.Interface())
		}
	})
	return got
}

// File names are bytes: one that is not UTF-8 reaches every flag and argument
// that takes a path as it is, from the command line and the environment. (A
// settings file is JSON, and refused if it is not UTF-8.)
func TestNamesAreBytes(t *testing.T) {
	const name = "a\xff\xfe\xed\xa0\x80,b.ndjson"
	tried := 0
	for _, p := range places(t) {
		text := name
		if p.name == "report" {
			text = "json=" + name
		}
		if p.name == "profile" { // it is read at once
			text = filepath.Join(t.TempDir(), name)
			pino, err := presets.File("pino")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(text, pino, 0o600))
		}
		try := func(vars map[string]string, args ...string) {
			require.Contains(t, p.given(t, vars, args...), text, "%s %s: %q", p.step.Words, p.name, args)
			tried++
		}
		switch {
		case p.arg:
			try(nil, text)
			try(nil, "--", text)
		case p.name == "config": // it is read at once; the scripts name one
		default:
			try(nil, "--"+p.name, text)
			try(nil, "--"+p.name+"="+text)
		}
		if p.key != "" && p.key != "path" { // that one is for where no log is named
			try(map[string]string{cli.SettingEnv(p.key): text})
		}
	}
	t.Logf("%d ways to name a file", tried)
	require.Greater(t, tried, 50)
}
