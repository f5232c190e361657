package scan

import (
	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/profiles"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// peek keeps the first lines of standard input, which are gone when it turns
// out that they are wanted; nil if they won't be.
func (c *Command) peek(env *cli.Env, in cli.Input) [][]byte {
	if !in.Stdin || c.Record() != record.Papyra() {
		return nil
	}
	lines, _ := cli.Sample(env, in) // an error comes again when the rest is read
	return lines
}

// hint looks what a log is of which hardly any line is a record of Papyra's,
// for which logs are taken by default. Where the log goes on behind a part,
// only the merge can tell whether it is one: the first part brings along what
// it is then.
func (c *Command) hint(env *cli.Env, in cli.Input, res *survey.Result, peek [][]byte) {
	switch {
	case c.Record() != record.Papyra():
	case res.Shard != nil && res.Shard.From == 0 && (res.Shard.To < res.SizeBytes || res.Foreign()):
		res.Shard.Looks = look(env, in, res, peek)
	case res.Shard == nil && res.Foreign():
		res.LooksLike = look(env, in, res, peek)
	}
}

func look(env *cli.Env, in cli.Input, res *survey.Result, peek [][]byte) *survey.Look {
	if peek == nil {
		if !in.Found() {
			in = cli.Input{Path: res.Path} // a file of a set
		}
		lines, err := cli.Sample(env, in)
		if err != nil {
			return nil // it could be read a moment ago; the report stands
		}
		peek = lines
	}
	all, err := profiles.All()
	if err != nil {
		return nil
	}
	d := profiles.Detect(peek, all)
	if d.Profile == nil || d.Profile == record.Papyra() {
		return nil
	}
	return &survey.Look{Profile: d.Profile.Name, Fit: d.Fits[0].Lines, Lines: d.Lines}
}
