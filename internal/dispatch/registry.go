package dispatch

import (
	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/appender"
	"github.com/papyra-tools/papyra/internal/step/compact"
	"github.com/papyra-tools/papyra/internal/step/doctor"
	"github.com/papyra-tools/papyra/internal/step/explain"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/inspect"
	"github.com/papyra-tools/papyra/internal/step/maintain"
	"github.com/papyra-tools/papyra/internal/step/profile"
	"github.com/papyra-tools/papyra/internal/step/readers"
	"github.com/papyra-tools/papyra/internal/step/repair"
	"github.com/papyra-tools/papyra/internal/step/scan"
	"github.com/papyra-tools/papyra/internal/step/shards"
)

// Steps is the registry: a row for each step, in the order of the help. The
// subcommands, the short forms, the man pages, the completions and the schema
// of the settings are made from it.
func Steps() []cli.Step {
	return []cli.Step{
		scan.Step, explain.Step, repair.Step, repair.UndoStep, filter.Step, compact.Step, inspect.Step, appender.Step,
		doctor.StartupStep, doctor.RunStep, maintain.Step, readers.Step, shards.Step, profile.Step, configStep, schemaStep, metricsStep, versionStep,
	}
}

// Programs are the binaries: the dispatcher, and each step that is one.
func Programs() []cli.Step {
	all := []cli.Step{Step}
	for _, s := range Steps() {
		if s.Binary != "" {
			all = append(all, s)
		}
	}
	return all
}

// groups are the first words of the steps that have two, with their help.
var groups = map[string]string{
	"persistence": "Work on a persistence log.",
	"doctor":      "Check logs and recover them.",
	"config":      "Show the settings.",
	"metrics":     "Show counters.",
}
