// Package compact is the step that makes retention physical: it replaces a log
// by what stays of it, while other processes go on appending.
package compact

import (
	"errors"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/internal/textfile"
)

// Step is papyra-compact, and papyra persistence compact.
var Step = cli.Step{
	Binary:      "papyra-compact",
	Words:       "persistence compact",
	Description: "Remove from a log what retention does not keep, while it is written to.",
	New:         func() any { return &Command{} },
}

// Command is papyra-compact, and papyra persistence compact.
type Command struct {
	cli.Inputs
	cli.Output
	cli.Retention
	cli.Reading
	cli.Rewriting
	textfile.Flag

	DryRun         bool   `short:"n" help:"Show per kind and per limit what would go; change nothing." group:"action"`
	Count          bool   `help:"Count what goes, per kind and per limit, although that means reading the whole log." group:"action"`
	Archive        string `file:"dir" placeholder:"DIR" help:"Write what is removed to DIR/NAME.<first>-<last>.ndjson.zst before it is." group:"action"`
	Through        string `placeholder:"CMD" help:"Have what stays pass through a filter of your own, without a shell, and check what it makes before the log is replaced." group:"action"`
	Shell          bool   `help:"Let sh run the command of --through." group:"action"`
	ThroughMayDrop bool   `name:"through-may-drop" help:"Let the command of --through drop lines." group:"action"`
	OnCorrupt      string `enum:",keep,drop,refuse" default:"" placeholder:"WHAT" help:"What to do with damaged lines: keep leaves them in place (the default for a file), drop leaves them out (for standard input), refuse exits 2." group:"checking"`
	OutputTo       string `name:"output" short:"o" file:"replace" placeholder:"FILE" help:"With standard input: replace FILE atomically once the input has ended well, instead of printing." group:"output"`

	fs       durable.FS // for tests; nil is the operating system
	onStderr bool       // the report goes there as data, and must stay JSON
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Limits apply by age, then count, then size; always the oldest records go, and what stays stays
byte for byte. A limit by count or size alone reads only what is kept: how many records went is
counted with --count or --dry-run only.

A damaged line is no record: it stays if the next record after it stays, or if none follows. A
last line that a writer is in the middle of always stays.

With --rotated limits hold for the whole set. Old files go whole, and the one in which the limit
falls is rewritten, unless it is compressed: then it is kept whole. An unfinished last line stays.

Examples:
  papyra-compact --max-age 30d events.ndjson
  papyra-compact --dry-run --max-records 100000 --max-total-bytes 100MiB events.ndjson
  papyra-compact --max-total-bytes 1GiB --json --wait 30s logs/*.ndjson
  papyra-compact --max-age 7d --offline /mnt/nfs/events.ndjson
  papyra-compact --max-age 30d --archive /var/archive events.ndjson
  papyra-compact --through 'jq -c "del(.payload.ssn?)"' events.ndjson
  papyra-compact --rotated --max-total-bytes 10GiB events.ndjson
  cat part-*.ndjson | papyra-compact --max-records 1000 --output newest.ndjson

A run that would leave no record, or whose age limit the clock speaks against, stops before the
change; --force goes on. As a pipe the data flows, and the exit code is 3.

Exit codes: 0 done, or nothing to do; 1 failed, the log is as it was; 3 see above; 2 damaged lines with
--on-corrupt refuse; 75 another maintenance run holds the log.`
}

// Run compacts each log by itself and reports on each.
func (c *Command) Run(env *cli.Env) error {
	inputs, err := cli.List(c.Each(env))
	if err == nil {
		err = c.RefuseAuto(env, inputs)
	}
	if err == nil {
		time, kind := c.Flags()
		err = c.Needs(cli.Given(time), cli.Given(kind))
	}
	if err != nil {
		return err
	}
	if err := c.checkOutput(inputs); err != nil {
		return err
	}
	out, run := c.stream(env, inputs), c.Flag.Run(env, "compact")
	worst := cli.ExitOK
	for _, in := range inputs {
		f := c.log(env, in)
		worst = cli.Worse(worst, f.code())
		f.count(run)
		if err := errors.Join(c.say(env, in, f), out.File(f)); err != nil {
			return err
		}
		if env.Ctx.Err() != nil || f.broken {
			break
		}
	}
	if c.DryRun {
		c.Textfile = "" // nothing was compacted
	}
	if err := errors.Join(out.End(nil), c.Tell(run)); err != nil {
		return err
	}
	return cli.Exit(worst)
}

// log compacts one log, or a set.
func (c *Command) log(env *cli.Env, in cli.Input) *fileReport {
	f := &fileReport{Log: report.Log{Path: in.Path}}
	switch {
	case in.Stdin:
		f.fail(c.pipe(env, f))
	case c.Rotated:
		f.fail(c.set(env, f))
	default:
		f.fail(c.file(env, f))
	}
	return f
}

// checkOutput refuses what does not go together, before anything is touched.
func (c *Command) checkOutput(inputs []cli.Input) error {
	if c.Through == "" && (c.Shell || c.ThroughMayDrop) {
		return cli.Usagef("--shell and --through-may-drop require --through")
	}
	if c.Through != "" && (c.Rotated || slices.ContainsFunc(inputs, func(in cli.Input) bool { return in.Stdin })) {
		return cli.Usagef("--through requires a log that is a file, and cannot be combined with --rotated")
	}
	if c.Archive != "" && slices.ContainsFunc(inputs, func(in cli.Input) bool { return in.Stdin }) {
		return cli.Usagef("--archive requires a log that is a file: standard input is not removed from")
	}
	if c.OutputTo == "" {
		return nil
	}
	if len(inputs) != 1 || !inputs[0].Stdin {
		return cli.Usagef("--output requires standard input: a named log is replaced in place")
	}
	if c.DryRun {
		return cli.Usagef("--output cannot be combined with --dry-run")
	}
	return nil
}

// options are how a log is looked at. As a pipe it is a filter, also in what
// becomes of damaged lines if nothing is said.
func (c *Command) options(env *cli.Env, pipe bool) *selection.Options {
	o := &selection.Options{Rule: c.Policy().At(env.Now()), Checker: c.Checker(env.Now), Force: c.Force, Settle: time.Duration(c.Settle)}
	switch {
	case c.OnCorrupt == "keep", c.OnCorrupt == "" && !pipe:
		o.Damage = selection.Pass
	case c.OnCorrupt == "refuse":
		o.Damage = selection.Fail
	}
	return o
}

func (c *Command) durable() durable.Options {
	return durable.Options{FS: c.fs, Offline: c.Offline, AllowRace: c.AllowRace, BreakLinks: c.BreakLinks,
		StallBudget: time.Duration(c.StallBudget), Linger: time.Duration(c.Linger), Wait: time.Duration(c.Wait)}
}
