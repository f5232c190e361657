package dispatch

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
)

// model is the tree of all commands, as kong sees it.
func model(t *testing.T) *kong.Application {
	t.Helper()
	env := &cli.Env{Stdout: io.Discard, Stderr: io.Discard}
	parser, err := cli.NewParser(env, Step.Binary, Step.Description, Step.New())
	require.NoError(t, err)
	return parser.Model
}

// oneShot are actions: configured, they would be done by every run of every
// step.
var oneShot = []string{"dry-run", "force", "undo", "offline", "allow-race", "json", "quiet", "verbose", "output", "ledger", "rejects", "limit", "reverse", "invert"}

func TestSettings(t *testing.T) {
	var used []string
	for _, leaf := range model(t).Leaves(false) {
		for _, f := range leaf.Flags {
			key := f.Tag.Get("setting")
			if key == "" {
				continue
			}
			require.Contains(t, cli.SettingKeys(), key, "--%s of %s", f.Name, leaf.Path())
			require.NotContains(t, oneShot, f.Name, "%s: a one-shot action is no setting", leaf.Path())
			used = append(used, key)
		}
	}
	for _, key := range cli.SettingKeys() {
		if key != "path" {
			require.Contains(t, used, key, "no command has a flag for the key %q", key)
		}
	}
}

// Help is the manual of somebody in a hurry: one line in the imperative, and
// examples that name the command.
func TestHelp(t *testing.T) {
	for _, leaf := range model(t).Leaves(true) {
		t.Run(leaf.Path(), func(t *testing.T) {
			require.True(t, strings.HasSuffix(leaf.Help, "."), leaf.Help)
			require.NotContains(t, strings.TrimSuffix(leaf.Help, "."), ". ", "one sentence")
			if leaf.Name != "version" {
				require.Contains(t, leaf.Detail, "Example", "no examples")
				require.Contains(t, leaf.Detail, "papyra", "examples that can be pasted")
			}
			for _, f := range leaf.Flags {
				require.NotEmpty(t, f.Help, f.Name)
				require.True(t, strings.HasSuffix(f.Help, "."), "--%s: %s", f.Name, f.Help)
				require.NotContains(t, f.Help, "${", f.Name)
				require.Equal(t, f.Default != "" || strings.Contains(f.Help, "default"), strings.Contains(cli.FlagHelp(f.Value), "default"), f.Name)
			}
			var out, errs bytes.Buffer
			env := &cli.Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
			var path []string
			for n := leaf; n.Parent != nil; n = n.Parent {
				path = slices.Insert(path, 0, n.Name)
			}
			require.Equal(t, 0, cli.Run(env, Step.Binary, Step.Description, Step.New(), append(path, "--help")), errs.String())
			require.Contains(t, out.String(), "Usage: papyra "+path[0])
		})
	}
}

// A subcommand that is parsed alone must be the one in the tree, by each of its
// names.
func TestRoute(t *testing.T) {
	tree := model(t)
	routed := map[*kong.Node]bool{}
	for _, s := range Steps() {
		for _, form := range forms(s) {
			node := tree.Node
			for _, word := range strings.Fields(form) {
				node = cli.Child(node, word)
				require.NotNil(t, node, form)
			}
			args := append(strings.Fields(form), "--help")
			meant, words, step := (&Command{}).Route(args)
			require.Equal(t, args, meant)
			require.Equal(t, len(strings.Fields(form)), words)
			require.Equal(t, node.Help, step.Description)
			require.IsType(t, node.Target.Addr().Interface(), step.New())
			routed[node] = true
		}
	}
	for _, leaf := range tree.Leaves(true) {
		require.True(t, routed[leaf] || routed[leaf.Parent], "%s is not routed", leaf.Path())
	}
	for _, args := range [][]string{{"persistence", "nonsense"}, {"persistence", "--help"}, {"nonsense"}} {
		meant, _, step := (&Command{}).Route(args)
		require.Nil(t, step)
		require.Equal(t, args, meant)
	}
}

// The help of the dispatcher itself is made without the flags of the steps,
// which takes a third of the time, and is the same.
func TestOverviewIsTheHelpOfTheTree(t *testing.T) {
	show := func(run func(env *cli.Env) error) string {
		var out bytes.Buffer
		env := &cli.Env{Ctx: t.Context(), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
		require.NoError(t, run(env))
		return out.String()
	}
	whole := show(func(env *cli.Env) error {
		parser, err := cli.NewParser(env, Step.Binary, Step.Description, Step.New())
		require.NoError(t, err)
		require.Panics(t, func() { _, _ = parser.Parse([]string{"--help"}) }, "help ends the program")
		return nil
	})
	require.Contains(t, whole, "persistence recover")
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {}} {
		require.Equal(t, whole, show(func(env *cli.Env) error {
			require.Zero(t, cli.Run(env, Step.Binary, Step.Description, Step.New(), args))
			return nil
		}))
	}
}

// What says nothing asks for help, as does help NAME.
func TestRouteToHelp(t *testing.T) {
	for _, tt := range []struct {
		args, want string
		step       string
	}{
		{"", "--help", ""},
		{"persistence", "persistence --help", ""},
		{"inspect", "inspect --help", ""},
		{"doctor", "doctor --help", ""},
		{"help", "--help", ""},
		{"help persistence", "persistence --help", ""},
		{"help scan", "scan --help", "papyra-scan"},
		{"help persistence repair", "persistence repair --help", "papyra-repair"},
		{"help nonsense", "nonsense --help", ""},
		{"inspect --json", "inspect --json", "papyra-inspect"},
		{"inspect registry.go", "inspect registry.go", "papyra-inspect"},
		{"inspect events", "inspect events", ""},
		{"inspect evnts", "inspect evnts", ""},
	} {
		meant, _, step := (&Command{}).Route(strings.Fields(tt.args))
		require.Equal(t, tt.want, strings.Join(meant, " "), tt.args)
		if tt.step != "" {
			require.Equal(t, tt.step, step.Binary, tt.args)
		} else if step != nil {
			require.Empty(t, step.Binary, tt.args)
		}
	}
}
