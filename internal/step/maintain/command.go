// Package maintain is all that is done to the logs of a machine in one night,
// as one settings file says: look, recover, compact, and tell monitoring.
package maintain

import (
	"cmp"
	"errors"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/textfile"
)

// Step is papyra maintain.
var Step = cli.Step{
	Words:       "maintain",
	Description: "Look after all logs that settings files name: check, recover, compact.",
	New:         func() any { return &Command{} },
}

// defaultDir is where the settings of logs are looked for if none are named.
const defaultDir = "/etc/papyra/logs.d"

// Command is papyra maintain.
type Command struct {
	Args []string `arg:"" optional:"" name:"path" file:"read" help:"Settings file that names logs, or directory of such files (default /etc/papyra/logs.d)."`
	cli.Output
	cli.Coloring
	cli.Caching
	textfile.Flag

	DryRun bool `short:"n" help:"Show what would be done to each log; change nothing." group:"action"`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `A settings file is {"logs": [{"path": PATH, KEY: VALUE, ...}, ...]}; a PATH may be a pattern, or a list. Keys
are those of papyra.json, and archive, count, links, min_records, missing, on_corrupt and rotated; what stands
at the top, beside logs, holds for all logs that have no such key of their own. Neither papyra.json nor PAPYRA_...
decides on a log. Only mode recover allows that a log is repaired. All files are read before anything
is touched, and a log that two entries name is a mistake. Then one log after another is looked after,
whatever becomes of the others.

Examples:
  echo '{"logs": [{"path": "/var/log/app/*.ndjson", "max_age": "30d"}]}' > app.json; papyra maintain --dry-run app.json
  papyra maintain --dry-run
  papyra maintain --quiet --textfile /var/lib/prometheus/node-exporter/papyra.prom
  papyra maintain /etc/papyra/logs.d/app.json
  papyra maintain --json | jq -r '.files[] | select(.exit_code != 0).path'

Exit codes, the worst one of all logs: 0 done; 1 failed; 2 anomalies were found; 3 anomalies remain after
a repair; 75 another run holds a log, which was skipped; 80 a mistake in a settings file.`
}

// Run looks after each log in turn.
func (c *Command) Run(env *cli.Env) error {
	names, files := c.Args, []string(nil)
	if len(names) == 0 {
		names = []string{defaultDir}
	}
	for _, name := range names {
		found, err := cli.SettingsOf(name)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	jobs, err := c.jobs(env, files)
	if err != nil {
		return err
	}
	out := &output{c: c, env: env, stream: report.NewStream(env.Stdout, report.Format(c.Format), "", head{report.NewHead(env.Prog, cli.Version()), c.DryRun})}
	runs, flags, worst := map[string]*report.Run{}, map[string]*textfile.Flag{}, cli.ExitOK
	for i := range jobs {
		j := &jobs[i]
		name := cmp.Or(c.Textfile, j.textfile)
		if runs[name] == nil {
			flags[name] = &textfile.Flag{Textfile: name}
			runs[name] = flags[name].Run(env, "maintain")
		}
		f := c.look(j)
		if env.Ctx.Err() != nil {
			break
		}
		worst = cli.Worse(worst, f.Code)
		f.count(j, runs[name])
		if err := out.file(f); err != nil {
			return err
		}
	}
	err = out.end(worst)
	for name, run := range runs {
		if !c.DryRun { // nothing was done
			err = errors.Join(err, flags[name].Tell(run))
		}
	}
	if err != nil {
		return err
	}
	return cli.Exit(worst)
}
