// Package dispatch is the command papyra: every step as a subcommand, and what
// is not ours handed on, as git does.
//
// The flags of a step are defined once, in its own package: the same struct is
// the root of its own binary and a child here.
package dispatch

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/inspect"
)

// Step is the dispatcher itself.
var Step = cli.Step{
	Binary:      "papyra",
	Description: "Keep the logs of an actor system healthy: check, repair, filter, compact, inspect, append.",
	New:         func() any { return &Command{overview{tree(Steps())}} },
}

// Command is the tree of subcommands.
type Command struct{ overview }

// overview is a tree of subcommands with the help of the dispatcher, for which
// they need no flags.
type overview struct {
	Tree any `embed:""`
}

// Route finds the step that the arguments begin with, by its full name or for
// short. Nothing, or the name of a group alone, asks for help, as does
// help NAME.
func (*Command) Route(args []string) (meant []string, words int, step *cli.Step) {
	if slices.Equal(args, []string{"-v"}) { // as the Python tool has it; after a step, -v is --verbose
		args = []string{"--version"}
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	if len(args) == 0 || len(args) == 1 && slices.Contains([]string{"-h", "--help"}, args[0]) {
		return []string{"--help"}, 0, &cli.Step{Description: Step.Description, New: func() any { return &overview{tree(bare(Steps()))} }}
	}
	if len(args) == 1 && (groups[args[0]] != "" || args[0] == "inspect") {
		return append(slices.Clone(args), "--help"), 0, nil
	}
	for _, s := range Steps() {
		for _, form := range forms(s) {
			words := strings.Fields(form)
			if len(args) >= len(words) && slices.Equal(words, args[:len(words)]) {
				if form == "inspect" && ofFile(args[1]) {
					return args, 1, &inspect.Step
				}
				return args, len(words), &s
			}
		}
	}
	return args, 0, nil
}

// forms are the words that stand for a step: its own, with each alias, and for
// a step that is a program the last word alone, unless a group has that name.
func forms(s cli.Step) []string {
	all := []string{s.Words}
	group := strings.TrimSuffix(s.Words, s.Name())
	for _, alias := range s.Aliases {
		all = append(all, group+alias)
	}
	if short(s) {
		all = append(append(all, s.Name()), s.Aliases...)
	}
	return all
}

func short(s cli.Step) bool { return s.Binary != "" && s.Name() != "inspect" }

// ofFile reports whether papyra inspect ARG is short for papyra-inspect ARG:
// ARG is a flag, or names a file, and no list of records.
func ofFile(arg string) bool {
	switch arg {
	case "events", "audits", "dead-letters", "summary", "-h", "--help":
		return false
	}
	_, err := os.Lstat(arg)
	return err == nil || strings.HasPrefix(arg, "-")
}

// Help is shown by --help.
func (*overview) Help() string {
	return `The steps are programs of their own, too: papyra scan is short for papyra-scan. papyra persistence NAME is the form of the Python
tool, which accepts a log that does not exist. An unknown step, papyra persistence NAME, runs papyra-NAME from the PATH. Any other
unknown command is handed to the next papyra on the PATH, so that this one and the Python one can be installed side by side.

Examples:

  papyra scan events.ndjson
  papyra persistence recover --mode quarantine --quarantine-dir bad/ events.ndjson
  papyra filter --max-age 7d events.ndjson | jq .kind
  papyra help compact`
}

var versionStep = cli.Step{
	Words:       "version",
	Description: "Show the version.",
	New:         func() any { return &Version{} },
}

// Version shows the version, like --version.
type Version struct{}

// Run prints the version.
func (*Version) Run(env *cli.Env) error {
	_, err := fmt.Fprintln(env.Stdout, cli.VersionText(env.Prog))
	return err
}
