// Package dispatch is the command papyra: every step as a subcommand, and what is not ours handed on, as git does.
//
// The flags of a step are defined once, in its own package: the same struct is the root of its own binary and a child here.
package dispatch

import (
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/appender"
	"github.com/papyra-tools/papyra/internal/step/compact"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/inspect"
	"github.com/papyra-tools/papyra/internal/step/readers"
	"github.com/papyra-tools/papyra/internal/step/repair"
	"github.com/papyra-tools/papyra/internal/step/scan"
)

// Description is the one-line summary of the dispatcher.
const Description = "Keep the logs of an actor system healthy: check, repair, filter, compact, inspect, append."

// Command is the tree of subcommands.
type Command struct {
	Persistence Persistence     `cmd:"" help:"Work on a persistence log."`
	Inspect     readers.Command `cmd:"" help:"${readers}"`
	Metrics     Metrics         `cmd:"" help:"Show counters."`
	Version     Version         `cmd:"" help:"Show the version."`
}

// Persistence holds the steps.
type Persistence struct {
	Scan    scan.Command     `cmd:"" help:"${scan}"`
	Recover repair.Command   `cmd:"" aliases:"repair" help:"${repair}"`
	Filter  filter.Command   `cmd:"" help:"${filter}"`
	Compact compact.Command  `cmd:"" help:"${compact}"`
	Inspect inspect.Command  `cmd:"" help:"${inspect}"`
	Append  appender.Command `cmd:"" help:"${append}"`
}

// Metrics holds what shows counters.
type Metrics struct {
	Persistence MetricsCommand `cmd:"" help:"Show the persistence counters of a textfile, or of this run."`
}

// Vars are the summaries of the steps, which their packages define.
func (*Command) Vars() map[string]string {
	return map[string]string{
		"scan":    scan.Description,
		"readers": readers.Description,
		"repair":  repair.Description,
		"filter":  filter.Description,
		"compact": compact.Description,
		"inspect": inspect.Description,
		"append":  appender.Description,
	}
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
