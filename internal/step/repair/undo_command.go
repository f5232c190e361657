package repair

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// UndoStep is papyra undo.
var UndoStep = cli.Step{
	Words:       "undo",
	Description: "Take a repair back: every byte that it dropped goes back where it stood.",
	New:         func() any { return &UndoCommand{} },
}

// UndoCommand is papyra undo.
type UndoCommand struct {
	cli.Named
	cli.Reporting
	cli.Rewriting
}

// Help is shown below the flags.
func (*UndoCommand) Help() string {
	return `The newest ledger beside the log tells what to put back; what was appended since stays. A log that
is no longer what the repair left is not touched. papyra-repair --undo takes another ledger.

Examples:
  papyra undo events.ndjson
  papyra-repair --undo events.ndjson.repair-1710000000000.ledger events.ndjson

Exit codes: 0 done; 1 failed, the log is as it was; 75 another maintenance run holds the log.`
}

// Run takes the last repair of one log back.
func (c *UndoCommand) Run(env *cli.Env) error { return c.undo(env, "") }

// undoCommand is papyra undo with the flags of repair.
func (c *Command) undoCommand() *UndoCommand {
	return &UndoCommand{Named: c.Named, Reporting: c.Reporting, Rewriting: c.Rewriting}
}

// ledgerName is a ledger that has the name that repair gives it.
var ledgerName = regexp.MustCompile(`^(.+)\.repair-[0-9]+\.ledger$`)

// undo puts back what a ledger tells of; "" for the newest one. A ledger is
// evidence: what it says of names is not gone by.
func (c *UndoCommand) undo(env *cli.Env, ledger string) error {
	named := slices.Concat(c.Args, c.Path)
	base := ledgerName.FindStringSubmatch(filepath.Base(ledger))
	if len(named) == 0 && base != nil {
		named = []string{filepath.Join(filepath.Dir(ledger), base[1])}
	}
	if len(named) != 1 || named[0] == "-" {
		return cli.Usagef("undo requires the name of one log")
	}
	rep, err := c.restore(env, ledger, named[0])
	rep.Path = named[0]
	rep.Fail(err)
	if err == nil || c.Format != "text" {
		err = errors.Join(err, c.say(env, rep))
	}
	return err
}

// restore is undo for the log at path.
func (c *UndoCommand) restore(env *cli.Env, ledger, path string) (rep undoReport, err error) {
	if ledger == "" {
		all, err := durable.Ledgers(path)
		if err != nil {
			return rep, fmt.Errorf("look for ledgers: %w", err)
		}
		if len(all) == 0 {
			return rep, fmt.Errorf("there is no ledger beside %s: --undo of papyra-repair takes one by its name", path)
		}
		ledger = all[0]
	}
	l, err := openLedger(env.Ctx, ledger)
	if err != nil {
		return rep, err
	}
	defer l.f.Close()
	rep, err = undo(env.Ctx, l, path, durable.Options{Offline: c.Offline, AllowRace: c.AllowRace, BreakLinks: c.BreakLinks,
		StallBudget: time.Duration(c.StallBudget), Linger: time.Duration(c.Linger), Wait: time.Duration(c.Wait)})
	if err != nil {
		err = fmt.Errorf("undo with %s: %w", ledger, cli.Hint(err))
	}
	return rep, err
}

func (c *UndoCommand) say(env *cli.Env, r undoReport) error {
	if c.Format != "text" {
		return report.WriteObject(env.Stdout, struct {
			report.Head
			undoReport
		}{report.NewHead(env.Prog, cli.Version()), r})
	}
	w := env.Notes(&c.Reporting)
	fmt.Fprintf(w, "Undo completed\nrestored %s: %d bytes put back, %d bytes appended since kept\n",
		safetext.String(r.Path), r.BytesRestored, r.BytesKept)
	if r.Of != "" {
		fmt.Fprintf(w, "the ledger was written for %s, which held the same\n", safetext.String(r.Of))
	}
	if r.NewlineAdded {
		fmt.Fprintln(w, "a newline was put between the restored fragment and what was appended since")
	}
	r.Tell(w)
	return nil
}
