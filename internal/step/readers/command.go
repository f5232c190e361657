// Package readers is papyra inspect events, audits, dead-letters and summary:
// they show the records of a log to people, in the words of the Python tool,
// and to programs as the bytes that they are; and papyra inspect records, which
// does that for the records of any profile. They change nothing.
package readers

import (
	"errors"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/selection"
)

// Step is papyra inspect.
var Step = cli.Step{
	Words:       "inspect",
	Description: "Read the records of a log: those of any program, or Papyra's events, audits and dead letters.",
	New:         func() any { return &Command{} },
}

// Command is papyra inspect. It stands in for the Python tool, to which a log
// that does not exist is one of which nothing was recorded.
type Command struct {
	Records     Records     `cmd:"" help:"List records of any profile: time, kind, message and top members."`
	Events      Events      `cmd:"" set:"missing=ok" help:"List events: time, type and actor."`
	Audits      Audits      `cmd:"" set:"missing=ok" help:"List audit reports: time, counts of actors and dead letters."`
	DeadLetters DeadLetters `cmd:"" name:"dead-letters" set:"missing=ok" help:"List dead letters: time, target, message type and payload."`
	Summary     Summary     `cmd:"" set:"missing=ok" help:"Show the counts of the newest audit report."`
}

// args are the flags of every reader.
type args struct {
	cli.Inputs
	cli.Output
	cli.Reading
	cli.Retention

	Since cli.Moment `placeholder:"WHEN" help:"Show records from this time on: RFC 3339, a local date (2024-03-09 16:00), today, yesterday, Unix seconds, or an age (7d, 2 hours ago)." group:"selection"`
	Until cli.Moment `placeholder:"WHEN" help:"Show records up to this time, likewise." group:"selection"`
}

// which are the flags that choose among the records that match.
type which struct {
	Limit   *cli.Count `placeholder:"N" help:"Show the newest N of the records that match." group:"selection"`
	Follow  bool       `short:"f" help:"Go on with what is appended, until Ctrl-C, each record once, as papyra filter --follow does." group:"input"`
	Reverse bool       `help:"Show the newest record first." group:"selection"`
}

// own are the flags of the lists of Papyra's own records.
type own struct {
	args
	which
	UTC bool `name:"utc" help:"Show times in UTC on a terminal, not in the local zone; elsewhere they are Unix seconds." group:"output"`
}

// list shows the records of one kind. Programs read Unix seconds, as those of
// the Python tool; a person at a terminal reads a clock.
func (o *own) list(env *cli.Env, v view) error {
	v.own, v.which = true, o.which
	if env.StdoutIsTerminal() {
		v.zone = cli.Zone(o.UTC)
	}
	return o.args.list(env, v)
}

// Records lists records of any profile.
type Records struct {
	args
	which
	Kind  []string `placeholder:"KIND" help:"Show records of this kind (repeatable, or a list with commas)." group:"selection"`
	Where []string `sep:"none" placeholder:"FIELD=VALUE" help:"Show records whose FIELD, a member or a path like /message/role, is VALUE; != for is not, ~ for contains (repeatable)." group:"selection"`
	UTC   bool     `name:"utc" help:"Show times in UTC, not in the local zone." group:"output"`
}

// Run lists the records.
func (c *Records) Run(env *cli.Env) error {
	where, err := selection.ParseConditions(c.Where)
	if err != nil {
		return cli.Usagef("--where: %w", err)
	}
	return c.list(env, view{which: c.which, none: "No records.", fields: selection.Fields{Kinds: c.Kind, Where: where},
		form: func(*time.Location) func(dst, line []byte) []byte { return newRecords(c.Record(), cli.Zone(c.UTC)) }})
}

// Help is shown below the flags.
func (*Records) Help() string {
	return `Examples:
  papyra inspect records --profile pino app.log
  papyra inspect records --profile auto --since 1h --kind error app.log
  papyra inspect records --profile docker --where log~panic --limit 20 /var/lib/docker/containers/*/*-json.log
  papyra inspect records --profile zap --utc --json app.log | jq .caller`
}

// Events lists events.
type Events struct {
	own
	EventType []string `sep:"none" placeholder:"TYPE" help:"Show records with this event_type (repeatable)." group:"selection"`
	Actor     []string `sep:"none" placeholder:"ADDRESS" help:"Show records with this actor_address (repeatable)." group:"selection"`
}

// Run lists the events.
func (c *Events) Run(env *cli.Env) error {
	fields := kind("event")
	fields.EventTypes, fields.Actors = c.EventType, c.Actor
	return c.list(env, view{fields: fields, none: "No events recorded.", form: newEvents})
}

// Help is shown below the flags.
func (*Events) Help() string {
	return `Examples:
  papyra inspect events events.ndjson
  papyra inspect events --event-type ActorCrashed --since 1h events.ndjson
  papyra inspect events --limit 50 --reverse events.ndjson
  papyra inspect events --json events.ndjson | jq .payload`
}

// Audits lists audit reports.
type Audits struct{ own }

// Run lists the audit reports.
func (c *Audits) Run(env *cli.Env) error {
	return c.list(env, view{fields: kind("audit"), none: "No audit reports recorded.", form: newAudits})
}

// Help is shown below the flags.
func (*Audits) Help() string {
	return `Examples:
  papyra inspect audits --limit 10 events.ndjson
  papyra inspect audits --rotated --json events.ndjson | jq .registry_orphans`
}

// DeadLetters lists dead letters.
type DeadLetters struct {
	own
	Target []string `sep:"none" placeholder:"ADDRESS" help:"Show records with this target (repeatable)." group:"selection"`
}

// Run lists the dead letters.
func (c *DeadLetters) Run(env *cli.Env) error {
	fields := kind("dead_letter")
	fields.Targets = c.Target
	return c.list(env, view{fields: fields, none: "No dead letters recorded.", form: newDeadLetters})
}

// Help is shown below the flags.
func (*DeadLetters) Help() string {
	return `Examples:
  papyra inspect dead-letters --target local://1 events.ndjson
  zcat old.ndjson.gz | papyra inspect dead-letters --reverse`
}

// Summary shows the newest audit report.
type Summary struct{ args }

// Run shows the counts of the newest audit report.
func (c *Summary) Run(env *cli.Env) error {
	return c.list(env, view{own: true, which: which{Limit: new(cli.Count(1))}, fields: kind("audit"), none: "No audit data available.", form: newSummary, each: true})
}

// Help is shown below the flags.
func (*Summary) Help() string {
	return `Examples:
  papyra inspect summary events.ndjson
  papyra inspect summary --until 2024-03-09T16:00:00Z events.ndjson
  papyra inspect summary --json events.ndjson | jq .alive_actors`
}

// kind asks for the records of one kind.
func kind(name string) selection.Fields { return selection.Fields{Kinds: []string{name}} }

// AfterApply does what the embedded flags want done after parsing: as args is
// not exported, kong finds their hooks through this one only.
func (a *args) AfterApply(env *cli.Env) error {
	return errors.Join(a.Output.AfterApply(env), a.Reading.AfterApply(), a.Caching.AfterApply(env))
}
