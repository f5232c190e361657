// Package repair is the step that drops or salvages damaged lines, keeps
// evidence of what it dropped, and can put it back.
package repair

import (
	"errors"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/textfile"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Step is papyra-repair, and papyra persistence recover.
var Step = cli.Step{
	Binary:      "papyra-repair",
	Words:       "persistence recover",
	Aliases:     []string{"repair"},
	Description: "Drop the damaged lines of a log, and save the whole records on them.",
	New:         func() any { return &Command{} },
}

// Command is papyra-repair, and papyra persistence recover.
type Command struct {
	cli.TreeInputs
	cli.Output
	cli.Coloring
	cli.Checking
	cli.Rewriting
	textfile.Flag

	Mode          string `enum:"repair,quarantine" default:"repair" setting:"recovery_mode" placeholder:"MODE" help:"Rewrite the log (repair), or keep the whole damaged original too (quarantine)." group:"repair"`
	QuarantineDir string `setting:"quarantine_dir" file:"dir" placeholder:"DIR" help:"Where --mode quarantine keeps originals; created with mode 0700." group:"repair"`
	Force         bool   `help:"Go on although more would be dropped than kept." group:"repair"`
	DryRun        bool   `short:"n" help:"Show what would happen, line by line; change nothing." group:"repair"`
	Diff          bool   `help:"With --dry-run, show what is kept and what is dropped of each line." group:"repair"`
	FixNumbers    bool   `help:"Write null in the place of NaN and Infinity." group:"repair"`
	Rejoin        bool   `help:"Join the lines into which raw newlines inside a string cut a record, with \\n where the newlines were." group:"repair"`
	DropUnknown   bool   `help:"Drop records of unknown kind, and those without kind or timestamp, too." group:"repair"`
	Rejects       string `file:"write" placeholder:"FILE" help:"Append the bytes that are dropped to FILE." group:"evidence"`
	Ledger        string `file:"write" placeholder:"FILE" help:"Write the account of every changed line, from which undo restores, to FILE, which must not exist (default LOG.repair-<unix-ms>.ledger)." group:"evidence"`
	NoLedger      bool   `name:"no-ledger" help:"Write no ledger: the repair cannot be undone." group:"evidence"`
	Undo          string `file:"read" placeholder:"LEDGER" help:"Put back what the repair of that ledger took, keeping what was appended since." group:"evidence"`
	Verbose       bool   `short:"v" help:"With --dry-run, show every fault of a line." group:"output"`

	folder   string // in which the log at hand was found, or ""
	onStderr bool   // the report goes there as data, and must stay JSON
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Examples:
  papyra-repair events.ndjson
  papyra-repair --dry-run --diff events.ndjson
  papyra-repair --mode quarantine --quarantine-dir /var/lib/papyra/bad events.ndjson
  papyra-repair events.ndjson && papyra undo events.ndjson
  papyra-repair --ledger repair.ledger events.ndjson && papyra-repair --undo repair.ledger events.ndjson
  papyra-repair < damaged.ndjson > clean.ndjson
  papyra-repair --rotated events.ndjson
  papyra-repair --rejoin --dry-run --diff events.ndjson
  papyra-repair -r --profile transcript --dry-run transcripts/
  papyra-repair --rejects dropped.txt < damaged.ndjson | jq -c .kind

A repair that would leave no record, or drop more bytes than it keeps or more than half of the
lines, stops before the change and says what the lines look like; --force goes on. NUL bytes and
blank lines do not count. As a pipe the data flows, and the exit code is 3.

Exit codes: 0 healthy now, 1 failed (the log is as it was), 3 finished but anomalies remain,
75 another maintenance run holds the log.`
}

// Run repairs each log by itself and reports on each.
func (c *Command) Run(env *cli.Env) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Undo != "" {
		return c.undoCommand().undo(env, c.Undo)
	}
	inputs, err := cli.List(c.TreeInputs.Each(env))
	if err == nil {
		err = c.RefuseAuto(env, inputs)
	}
	if err != nil {
		return err
	}
	if (len(inputs) > 1 || c.Rotated || c.Recursive) && c.Ledger != "" {
		return cli.Usagef("--ledger requires exactly one log")
	}
	if c.Mode == "quarantine" && slices.ContainsFunc(inputs, func(in cli.Input) bool { return in.Stdin }) {
		return cli.Usagef("--mode quarantine requires a file: standard input can't be kept")
	}
	out, run := c.stream(env, inputs), c.Flag.Run(env, "repair")
	worst := cli.ExitOK
	tell := func(f *fileReport) error {
		worst = cli.Worse(worst, f.code())
		c.say(env, f)
		f.count(run)
		return out.File(f)
	}
	for _, in := range inputs {
		if err := c.log(env, in, tell); err != nil {
			return err
		}
		if env.Ctx.Err() != nil {
			break
		}
	}
	if c.DryRun {
		c.Textfile = "" // nothing was repaired
	}
	if err := errors.Join(out.End(nil), c.Tell(run)); err != nil {
		return err
	}
	return cli.Exit(worst)
}

// log repairs one log, or each file of a set, and tells of it.
func (c *Command) log(env *cli.Env, in cli.Input, tell func(*fileReport) error) error {
	switch {
	case in.Stdin:
		return tell(c.pipe(env))
	case c.Rotated:
		return c.set(env, in.Path, tell)
	}
	return tell(c.file(env, in))
}

// check refuses what does not go together, before anything is touched.
func (c *Command) check() error {
	switch {
	case c.Mode == "quarantine" && c.QuarantineDir == "":
		return cli.Usagef("--mode quarantine requires --quarantine-dir DIR")
	case c.DryRun && (c.Ledger != "" || c.Rejects != "" || c.Undo != ""):
		return cli.Usagef("--dry-run changes nothing: it cannot be combined with --ledger, --rejects and --undo")
	case c.Diff && (!c.DryRun || c.Format != "text"):
		return cli.Usagef("--diff requires --dry-run, and a report as text")
	case c.Undo != "" && (c.Ledger != "" || c.Rejects != ""):
		return cli.Usagef("--undo cannot be combined with --ledger and --rejects")
	case c.Undo != "" && c.FilesFrom != "":
		return cli.Usagef("--undo cannot be combined with --files-from")
	case c.NoLedger && c.Ledger != "":
		return cli.Usagef("--no-ledger cannot be combined with --ledger")
	case c.Ledger == "-" || c.Rejects == "-":
		return cli.Usagef("--ledger and --rejects want files")
	}
	return nil
}

func (c *Command) survey(env *cli.Env) survey.Options {
	return survey.Options{Checker: c.Checker(env.Now), MaxSkew: time.Duration(c.MaxSkew), Settle: time.Duration(c.Settle)}
}

func (c *Command) durable() durable.Options {
	o := durable.Options{Within: c.folder, Offline: c.Offline, AllowRace: c.AllowRace, BreakLinks: c.BreakLinks,
		StallBudget: time.Duration(c.StallBudget), Linger: time.Duration(c.Linger), Wait: time.Duration(c.Wait)}
	if c.Mode == "quarantine" {
		o.QuarantineDir = c.QuarantineDir
	}
	return o
}
