package dispatch

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
)

var configStep = cli.Step{
	Words:       "config show",
	Description: "Show every setting in force, and where it came from.",
	New:         func() any { return &ConfigCommand{} },
}

// ConfigCommand is papyra config show.
type ConfigCommand struct {
	JSON bool `name:"json" help:"Print one JSON object." group:"output"`
}

// Help is shown by --help.
func (*ConfigCommand) Help() string {
	return `A setting comes from a variable of the environment, from a line of the settings file, or is the default; a flag wins over all of them.

Examples:

  papyra config show
  papyra config show --json | jq -r .settings.max_age.source`
}

// inForce is what a setting is. A value is null if there is no such limit or
// file.
type inForce struct {
	Value  *string `json:"value"`
	Source string  `json:"source"`
}

// Run shows the settings. One that is not understood by the steps is an error.
func (c *ConfigCommand) Run(env *cli.Env) error {
	flags, err := cli.SettingFlags(Steps())
	if err != nil {
		return err
	}
	all := map[string]inForce{}
	for key, flag := range flags {
		set := inForce{Source: "default"}
		value, source, ok, err := env.TrySetting(key, flag)
		switch {
		case err != nil:
			return err
		case ok:
			set = inForce{&value, source}
		case flag.IsBool():
			set.Value = new("false")
		case flag.HasDefault:
			set.Value = &flag.Default
		}
		all[key] = set
	}
	var file *string
	if name := env.SettingsFile(); name != "" {
		file = &name
	}
	if c.JSON {
		return report.WriteObject(env.Stdout, struct {
			report.Head
			File     *string            `json:"file"`
			Settings map[string]inForce `json:"settings"`
		}{report.NewHead(env.Prog, cli.Version()), file, all})
	}
	var rows [][]string
	for _, key := range cli.SettingKeys() {
		rows = append(rows, []string{key, safetext.String(*cmp.Or(all[key].Value, new("-"))), safetext.String(all[key].Source)})
	}
	rows = append(rows, []string{"settings file", safetext.String(*cmp.Or(file, new("none")))})
	_, err = fmt.Fprintln(env.Stdout, strings.Join(safetext.Fit("lll", nil, rows, env.TableWidth()), "\n"))
	return err
}

var schemaStep = cli.Step{
	Words:       "config schema",
	Description: "Print the JSON Schema of the settings file.",
	New:         func() any { return &SchemaCommand{} },
}

// SchemaCommand is papyra config schema.
type SchemaCommand struct{}

// Help is shown by --help.
func (*SchemaCommand) Help() string {
	return `Examples:

  papyra config schema > papyra.schema.json`
}

// Run prints the schema.
func (*SchemaCommand) Run(env *cli.Env) error {
	_, err := env.Stdout.Write(cli.SettingsSchema)
	return err
}
