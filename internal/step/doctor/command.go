// Package doctor is scan and repair in turn: look, decide, recover where that
// was asked for, and look again.
package doctor

import (
	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/scan"
	"github.com/papyra-tools/papyra/internal/textfile"
)

// RunStep is papyra doctor run.
var RunStep = cli.Step{
	Words:       "doctor run",
	Description: "Check logs, recover them if asked to, and verify the result.",
	New:         func() any { return &RunCommand{} },
}

// StartupStep is papyra persistence startup-check.
var StartupStep = cli.Step{
	Words:       "persistence startup-check",
	Description: "Decide whether an actor system may start on a log, and recover it first if asked to.",
	New:         func() any { return &StartupCheckCommand{} },
}

// Flags are those of both commands. Embed it.
type Flags struct {
	cli.TreeInputs
	cli.Output
	cli.Coloring
	Care
	textfile.Flag

	Links        bool      `help:"Report ids that come twice, and references to ids that are not in the log, as warnings; the profile says where they stand." group:"checking"`
	MaxAnomalies cli.Count `default:"1000" placeholder:"N" help:"Report at most N anomalies of each log; all are counted." group:"output"`
	Verbose      bool      `short:"v" help:"Name every fault of a line, not only the one that decides." group:"output"`
}

// RunCommand is papyra doctor run.
type RunCommand struct{ Flags }

// Help is shown below the flags.
func (*RunCommand) Help() string {
	return `Modes: ignore looks at nothing; scan_only reports and exits 0; fail_on_anomaly reports and exits 1 if there are anomalies; recover repairs
logs that have any, and looks again.

Examples:
  papyra doctor run events.ndjson
  papyra doctor run --json events.ndjson | jq .healthy
  papyra doctor run --mode recover events.ndjson
  papyra doctor run -r --profile auto transcripts/
  papyra doctor run --mode recover --recovery-mode quarantine --quarantine-dir bad/ events.ndjson

Exit codes: 0 healthy, or healthy again; 1 anomalies and the mode is fail_on_anomaly, or the operation failed;
2 recovery ran and anomalies remain; 75 another maintenance run holds the log.`
}

// Run checks the logs.
func (c *RunCommand) Run(env *cli.Env) error {
	return c.run(env, codes{anomalies: cli.ExitFailed, remaining: cli.ExitAnomalies})
}

// StartupCheckCommand is papyra persistence startup-check.
type StartupCheckCommand struct{ Flags }

// Help is shown below the flags.
func (*StartupCheckCommand) Help() string {
	return `For an init container or ExecStartPre: exit code 0 means that the system may start.

Examples:
  papyra persistence startup-check events.ndjson
  papyra persistence startup-check --mode recover --recovery-mode quarantine --quarantine-dir bad/ events.ndjson
  papyra persistence startup-check --mode ignore events.ndjson

Exit codes: 0 healthy, or healthy again; 1 the operation failed; 4 anomalies and the mode is fail_on_anomaly;
5 recovery ran and anomalies remain; 75 another maintenance run holds the log.`
}

// Run checks the logs.
func (c *StartupCheckCommand) Run(env *cli.Env) error {
	return c.run(env, codes{anomalies: cli.ExitStartupAnomalies, remaining: cli.ExitStartupRemaining})
}

// codes are the exit codes in which the two commands differ.
type codes struct{ anomalies, remaining int }

// inputs are the logs to look at. Standard input is none of them, not even
// where there is nothing else: an empty one would pass for a healthy log.
func (c *Flags) inputs(env *cli.Env) ([]cli.Input, error) {
	if len(c.Args)+len(c.Path) == 0 && c.FilesFrom == "" {
		path, _, ok := env.Setting("path")
		if !ok {
			return nil, cli.Usagef("no log given: name a PATH or set PAPYRA_PATH")
		}
		c.Args = []string{path}
	}
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return nil, err
	}
	for _, in := range inputs {
		if in.Stdin {
			return nil, cli.Usagef("standard input can't be checked here: name a file, or use scan")
		}
	}
	if c.Mode == Recover {
		if err := c.RefuseAuto(env, inputs); err != nil {
			return nil, err
		}
	}
	return inputs, nil
}

func (c *Flags) scanner() *scan.Command {
	s := c.Scanner(c.Inputs, c.Output)
	s.TreeInputs, s.MaxAnomalies, s.Verbose, s.Links = c.TreeInputs, c.MaxAnomalies, c.Verbose, c.Links
	return s
}
