package scan

import (
	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/record"
)

// peek keeps the first lines of standard input, which are gone when it turns out
// that they are wanted; nil if they won't be.
func (c *Command) peek(env *cli.Env, in cli.Input) [][]byte {
	if !in.Stdin || c.Record() != record.Papyra() {
		return nil
	}
	lines, _ := cli.Sample(env, in) // an error comes again when the rest is read
	return lines
}

// hint looks what a log is of which hardly any line is a record of Papyra's, for
// which logs are taken by default.
func (c *Command) hint(env *cli.Env, res *survey.Result, peek [][]byte) {
	foreign := res.Counts[record.MissingKind.String()] + res.Counts[record.UnknownKind.String()] + res.Counts[record.MissingTimestamp.String()]
	if c.Record() != record.Papyra() || foreign == 0 || foreign*10 < res.Records*9 {
		return
	}
	if peek == nil {
		lines, err := cli.Sample(env, cli.Input{Path: res.Path})
		if err != nil {
			return // it could be read a moment ago; the report stands
		}
		peek = lines
	}
	all, err := cli.Presets()
	if err != nil {
		return
	}
	if d := record.Detect(peek, all); d.Profile != nil && d.Profile != record.Papyra() {
		res.LooksLike = &survey.Look{Profile: d.Profile.Name, Fit: d.Fits[0].Lines, Lines: d.Lines}
	}
}
