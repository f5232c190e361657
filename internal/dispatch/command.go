// Package dispatch is the command papyra: every step as a subcommand, and what is not ours handed on, as git does.
//
// The flags of a step are defined once, in its own package: the same struct is the root of its own binary and a child here.
package dispatch

import (
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/repair"
	"github.com/papyra-tools/papyra/internal/step/scan"
)

// Description is the one-line summary of the dispatcher.
const Description = "Keep the logs of an actor system healthy: check, repair, filter, compact, inspect, append."

// Command is the tree of subcommands.
type Command struct {
	Persistence Persistence `cmd:"" help:"Work on a persistence log."`
	Metrics     Metrics     `cmd:"" help:"Show counters."`
	Version     Version     `cmd:"" help:"Show the version."`
}

// Persistence holds the steps.
type Persistence struct {
	Scan    scan.Command   `cmd:"" help:"Find every damaged line of a log and say where it is; change nothing."`
	Recover repair.Command `cmd:"" aliases:"repair" help:"Drop the damaged lines of a log, and save the whole records on them."`
}

// Metrics holds what shows counters.
type Metrics struct {
	Persistence MetricsCommand `cmd:"" help:"Show the persistence counters of a textfile, or of this run."`
}

// Help is shown by --help.
func (*Command) Help() string {
	return `An unknown step, papyra persistence NAME, runs papyra-NAME from the PATH. Any other unknown command is handed to the next
papyra on the PATH, so that this one and the Python one can be installed side by side.

Examples:

  papyra persistence scan events.ndjson
  papyra persistence recover --mode quarantine --quarantine-dir bad/ events.ndjson
  papyra persistence filter --max-age 7d events.ndjson | jq .kind`
}

// Version shows the version, like --version.
type Version struct{}

// Run prints the version.
func (*Version) Run(env *cli.Env) error {
	_, err := fmt.Fprintln(env.Stdout, cli.VersionText(env.Prog))
	return err
}
