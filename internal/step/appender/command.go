// Package appender is the step that appends records from standard input to a
// log, durably, among other writers.
//
// Lines become batches: what arrives while one batch is written and fsynced is
// the next one. Each line is judged first; one that is no healthy record is
// refused, and nothing of it is written. What was fsynced is acknowledged; no
// report counts anything else as done.
package appender

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/textfile"
)

// Step is papyra-append, and papyra persistence append.
var Step = cli.Step{
	Binary:      "papyra-append",
	Words:       "persistence append",
	Description: "Append records from standard input to a log, durably, among other writers.",
	New:         func() any { return &Command{} },
}

// Command is papyra-append, and papyra persistence append.
type Command struct {
	Arg  string `arg:"" optional:"" name:"path" file:"log" help:"Log to append to; it is created if it does not exist."`
	Path string `name:"path" setting:"path" file:"log" placeholder:"PATH" help:"Log to append to; the same as giving it as an argument." group:"input"`
	cli.Output
	textfile.Flag

	Sync SyncMode     `default:"batch" setting:"sync" placeholder:"WHEN" help:"When to fsync: batch (once for all that was waiting), always (each record), interval=1s or never (nothing is acknowledged)." group:"durability"`
	Ack  bool         `help:"Print {\"records\":…,\"bytes\":…,\"offset\":…} on standard output for each batch once it is on the disk." group:"durability"`
	Wait cli.Duration `default:"30s" placeholder:"DURATION" help:"How long to wait while a rewrite holds the log." group:"durability"`

	Stamp     bool   `help:"Fill in the time now where a record has none." group:"records"`
	Kind      string `placeholder:"KIND" help:"Fill in this kind where a record has none." group:"records"`
	OnInvalid string `enum:"stop,skip" default:"stop" setting:"on_invalid" placeholder:"WHAT" help:"What to do with a line that is not a healthy record: ${enum}." group:"records"`
	Rejects   string `file:"write" placeholder:"FILE" help:"Append lines that were refused to FILE." group:"records"`

	cli.Judging
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Each line of the input must be one JSON object with a known kind and a time, as the profile has them (without one, Papyra's kind and
timestamp). It goes to the log byte for byte; only --stamp and --kind change a line, and only one that lacks the member.

Examples:
  producer | papyra-append events.ndjson
  producer | papyra-append --sync always --ack events.ndjson
  jq -c '{name: .n, value: .v}' in.json | papyra-append --kind metric --stamp events.ndjson
  jq -c '{msg}' in.json | papyra-append --profile pino --kind 30 --stamp app.log
  producer | papyra-append --on-invalid skip --rejects refused.txt events.ndjson

Exit codes: 0 done, 1 failed or a line was refused (the closing line says what is safe), 75 another maintenance run holds the log.`
}

// stopGrace is how long a batch may wait for the log once the process was asked
// to stop.
const stopGrace = 2 * time.Second

// Run appends until the input ends.
func (c *Command) Run(env *cli.Env) (err error) {
	path, err := c.check(env)
	if err != nil {
		return err
	}
	refusals := &refusals{notes: env.Notes(&c.Output), prog: env.Prog, tell: c.OnInvalid == "skip", Types: map[string]int64{}}
	e, err := c.engine(env, refusals)
	if err != nil {
		return err
	}
	if c.Rejects != "" {
		r, err := openRejects(env.Ctx, c.Rejects)
		if err != nil {
			return err
		}
		e.reject = r.write
		defer func() { err = errors.Join(err, r.close()) }()
	}
	ctx, cancel := grace(env.Ctx)
	defer cancel()
	var log *durable.Appender
	e.open = func() (appendLog, error) {
		if log == nil {
			a, err := durable.OpenAppender(ctx, path, durable.AppendOptions{Create: true, Wait: c.wait()})
			if err != nil {
				return nil, err
			}
			log = a
		}
		return log, nil
	}
	defer func() {
		if log != nil {
			err = errors.Join(err, log.Close())
		}
	}()
	runErr := c.openExisting(env.Ctx, path, e)
	var bar *cli.Progress // none among other lines on the terminal
	if !refusals.tell && !(c.Ack && env.StdoutIsTerminal()) {
		bar = env.Progress(&c.Output, "append", 0)
	}
	e.bar = bar.Add
	if runErr == nil {
		runErr = e.run(env.Ctx, env.Stdin)
	}
	bar.Close()
	rep := c.report(env, path, e, refusals, runErr)
	runErr = refusals.explain(runErr)
	if c.Ack && c.Format != "text" { // the report is on standard error, and must stay JSON
		runErr = cli.Exit(cli.CodeOf(runErr))
	}
	told := c.Flag.Run(env, "append")
	rep.count(told, env.Ctx.Err() != nil)
	return errors.Join(runErr, rep.show(env, c), c.Tell(told))
}

// engine is set up but for the log and the rejects.
func (c *Command) engine(env *cli.Env, refusals *refusals) (*engine, error) {
	now := env.Now
	if !c.Stamp {
		now = nil
	}
	j, err := newJudge(c.Checker(nil), c.Kind, now)
	if err != nil {
		return nil, err
	}
	e := &engine{judge: j, frames: newFramer(int(c.MaxLineBytes)), sync: c.Sync, skip: c.OnInvalid == "skip", refuse: refusals.take}
	if c.Ack {
		acks := json.NewEncoder(env.Stdout) // one Write a batch
		e.ack = func(a ack) error { return acks.Encode(a) }
	}
	return e, nil
}

// wait is how long to wait for the lock, as durable wants it.
func (c *Command) wait() time.Duration {
	if c.Wait == 0 {
		return -1
	}
	return c.Wait.Std()
}

// grace returns a context that ends a little later than ctx does, for the batch
// in hand.
func grace(ctx context.Context) (context.Context, func()) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cancel) })
	return later, func() { stop(); cancel() }
}
