// Package dispatch is the command papyra: every step as a subcommand, and what is not ours handed on, as git does.
//
// The flags of a step are defined once, in its own package: the same struct is the root of its own binary and a child here.
package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/appender"
	"github.com/papyra-tools/papyra/internal/step/compact"
	"github.com/papyra-tools/papyra/internal/step/doctor"
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
	Doctor      Doctor          `cmd:"" help:"Check logs and recover them."`
	Inspect     readers.Command `cmd:"" help:"${about_inspect}"`
	Metrics     Metrics         `cmd:"" help:"Show counters."`
	Version     Version         `cmd:"" help:"${about_version}"`
}

// Persistence holds the steps.
type Persistence struct {
	Scan    scan.Command     `cmd:"" help:"${about_persistence_scan}"`
	Recover repair.Command   `cmd:"" aliases:"repair" help:"${about_persistence_recover}"`
	Filter  filter.Command   `cmd:"" help:"${about_persistence_filter}"`
	Compact compact.Command  `cmd:"" help:"${about_persistence_compact}"`
	Inspect inspect.Command  `cmd:"" help:"${about_persistence_inspect}"`
	Append  appender.Command `cmd:"" help:"${about_persistence_append}"`

	StartupCheck doctor.StartupCheckCommand `cmd:"" help:"${about_persistence_startup_check}"`
}

// Doctor holds the command that checks and recovers.
type Doctor struct {
	Run doctor.RunCommand `cmd:"" help:"${about_doctor_run}"`
}

// Metrics holds what shows counters.
type Metrics struct {
	Persistence MetricsCommand `cmd:"" help:"${about_metrics_persistence}"`
}

// subcommands are what the arguments may begin with, with the summaries, which their packages define.
var subcommands = []struct {
	words       string
	description string
	command     func() any
}{
	{"persistence scan", scan.Description, func() any { return &scan.Command{} }},
	{"persistence recover", repair.Description, func() any { return &repair.Command{} }},
	{"persistence repair", repair.Description, func() any { return &repair.Command{} }},
	{"persistence filter", filter.Description, func() any { return &filter.Command{} }},
	{"persistence compact", compact.Description, func() any { return &compact.Command{} }},
	{"persistence inspect", inspect.Description, func() any { return &inspect.Command{} }},
	{"persistence append", appender.Description, func() any { return &appender.Command{} }},
	{"persistence startup-check", doctor.StartupDescription, func() any { return &doctor.StartupCheckCommand{} }},
	{"doctor run", doctor.Description, func() any { return &doctor.RunCommand{} }},
	{"inspect", readers.Description, func() any { return &readers.Command{} }},
	{"metrics persistence", "Show the persistence counters of a textfile, or of this run.", func() any { return &MetricsCommand{} }},
	{"version", "Show the version.", func() any { return &Version{} }},
}

// Vars are the summaries, for the tags above: ${about_persistence_scan}. (A variable version is kong's.)
func (*Command) Vars() map[string]string {
	vars := map[string]string{}
	for _, s := range subcommands {
		vars["about_"+strings.NewReplacer(" ", "_", "-", "_").Replace(s.words)] = s.description
	}
	return vars
}

// Narrow finds the subcommand that the arguments begin with.
func (*Command) Narrow(args []string) (words []string, description string, command any) {
	for _, s := range subcommands {
		words := strings.Fields(s.words)
		if len(args) >= len(words) && slices.Equal(words, args[:len(words)]) {
			return words, s.description, s.command()
		}
	}
	return nil, "", nil
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
