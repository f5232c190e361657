// Package filter is the step that prints the records of logs that stay by a
// retention policy and match what is asked for. It changes nothing.
package filter

import (
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/nearest"
	"github.com/papyra-tools/papyra/internal/selection"
)

// Step is papyra-filter, and papyra persistence filter.
var Step = cli.Step{
	Binary:      "papyra-filter",
	Words:       "persistence filter",
	Description: "Print the records of a log that stay by retention and match, byte for byte; change nothing.",
	New:         func() any { return &Command{} },
}

// Command is papyra-filter, and papyra persistence filter.
type Command struct {
	cli.Inputs
	cli.Output
	cli.Retention
	cli.Reading

	Kind      []string   `placeholder:"KIND" help:"Print records of this kind (repeatable, or a list with commas)." group:"selection"`
	Since     cli.Moment `placeholder:"WHEN" help:"Print records of this time and later: RFC 3339, a local date (2024-03-09 16:00), today, yesterday, Unix seconds, or an age (7d, 2 hours ago)." group:"selection"`
	Until     cli.Moment `placeholder:"WHEN" help:"Print records of this time and earlier, likewise." group:"selection"`
	EventType []string   `sep:"none" placeholder:"TYPE" help:"Print records with this event_type (repeatable)." group:"selection"`
	Actor     []string   `sep:"none" placeholder:"ADDRESS" help:"Print records with this actor_address (repeatable)." group:"selection"`
	Target    []string   `sep:"none" placeholder:"ADDRESS" help:"Print records with this target (repeatable)." group:"selection"`
	Where     []string   `sep:"none" placeholder:"FIELD=VALUE" help:"Print records whose FIELD, a member or a path like /message/role, is VALUE; != for is not, ~ for contains (repeatable)." group:"selection"`
	Limit     *cli.Count `placeholder:"N" help:"Of all that matches, print the newest N, in the order of the log." group:"selection"`
	Count     bool       `help:"Print the number of records that are selected instead of them, after the name of the log if there are several." group:"selection"`
	Follow    bool       `short:"f" help:"Go on with what is appended, until Ctrl-C: each record once, across compaction, repair, rotation and copytruncate." group:"input"`
	Reverse   bool       `short:"r" help:"Print the last record of the log first." group:"selection"`
	Invert    bool       `help:"Print the records that would not be printed otherwise." group:"selection"`
	Range     *cli.Range `placeholder:"A:B" help:"Print only of the lines that start in this range of bytes; B may be left out. See papyra shards." group:"input"`
	OnCorrupt string     `enum:"skip,pass,fail" default:"skip" placeholder:"WHAT" help:"What to do with damaged lines: ${enum}. To pass leaves them in place, to fail exits 2." group:"checking"`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Retention is applied to the whole log first, by age, then count, then size; then the fields
are looked at; --limit comes last. Records are printed as the bytes that they are.

Several logs are printed one after the other, each by itself; --rotated makes one log of a set.
A limit by count or size, and --limit, read a file from its end, and no more of it than they need.

Examples:
  papyra-filter --max-age 7d events.ndjson | jq -c .payload
  papyra-filter --max-age 30d --max-age metric=1d --drop-kind audit events.ndjson
  papyra-filter --kind dead_letter --since 2h events.ndjson
  papyra-filter --limit 20 --reverse events.ndjson
  papyra-filter --follow --since 1m --kind dead_letter events.ndjson
  papyra-filter --count --kind dead_letter --since today *.ndjson
  zcat old.ndjson.gz | papyra-filter --event-type ActorStarted --actor local://1
  papyra-filter --profile pino --where level=50 --where msg~timeout app.log
  papyra-filter --rotated --max-total-bytes 100MiB events.ndjson > newest.ndjson

With --follow, unfinished lines wait until they are whole, and the end is that of a signal: 130 for
Ctrl-C, 143 for SIGTERM.

Exit codes: 0 done, 1 failed, 2 damaged lines with --on-corrupt fail.`
}

// Run prints what is selected of each log.
func (c *Command) Run(env *cli.Env) error {
	o, err := c.options(env)
	if err != nil {
		return err
	}
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return err
	}
	if c.Follow && (len(inputs) != 1 || inputs[0].Stdin) {
		return cli.Usagef("--follow requires the name of one log")
	}
	c.hint(env)
	return c.printAll(env, inputs, o)
}

func (c *Command) options(env *cli.Env) (selection.Options, error) {
	now := env.Now()
	o := selection.Options{
		Rule: c.Policy().At(now), Checker: c.Checker(env.Now), Reverse: c.Reverse, Invert: c.Invert, Force: c.Force,
		Settle: time.Duration(c.Settle),
		Fields: selection.Fields{Kinds: c.Kind, EventTypes: c.EventType, Actors: c.Actor, Targets: c.Target},
	}
	var err error
	if o.Fields.Where, err = selection.ParseConditions(c.Where); err != nil {
		return o, cli.Usagef("--where: %w", err)
	}
	if c.Since.IsSet() {
		o.Fields.Since = new(c.Since.Unix(now))
	}
	if c.Until.IsSet() {
		o.Fields.Until = new(c.Until.Unix(now))
	}
	if s, u := o.Fields.Since, o.Fields.Until; s != nil && u != nil && *s > *u {
		return o, cli.Usagef("--since %s lies after --until %s", c.Since, c.Until)
	}
	if c.Range != nil && (c.Rotated || c.Reverse || c.Limited() || c.Limit != nil) {
		return o, cli.Usagef("--range cannot be combined with --rotated, --reverse, --limit and retention: they depend on the whole log")
	}
	if c.Follow && (c.Range != nil || c.Rotated || c.Reverse || c.Count || c.Limited() || c.Limit != nil) {
		return o, cli.Usagef("--follow cannot be combined with --range, --rotated, --reverse, --count, --limit and retention, also from the settings (--config none): a log that goes on has no end")
	}
	if c.Limit != nil {
		o.Limit = new(int64(*c.Limit))
	}
	switch c.OnCorrupt {
	case "pass":
		o.Damage = selection.Pass
	case "fail":
		o.Damage = selection.Fail
	}
	return o, nil
}

// hint says so if a kind that is asked for looks mistyped. It may be there all
// the same: a log may hold kinds that are not known here.
func (c *Command) hint(env *cli.Env) {
	if c.Profile == "auto" {
		return // nothing is known yet
	}
	known := slices.Clone(c.AllowKind)
	for _, k := range c.Record().Kind.Known {
		known = append(known, k.Text)
	}
	if len(known) == len(c.AllowKind) {
		return // every kind is known
	}
	for _, kind := range c.Kind {
		if !slices.Contains(known, kind) {
			c.note(env, "%q is no known kind%s", kind, nearest.DidYouMean(kind, known))
		}
	}
}
