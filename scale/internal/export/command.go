// Package export brings logs into the systems that their users grow into: Redis
// Streams, which Papyra's own distributed backend reads, and Parquet files. The
// logs are not changed.
package export

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Step is papyra-export.
var Step = cli.Step{
	Binary:      "papyra-export",
	Words:       "export",
	Description: "Bring logs into Redis Streams or Parquet files, record by record; change nothing.",
	New:         func() any { return &Command{} },
}

// Command is papyra-export.
type Command struct {
	cli.Inputs
	cli.Output
	cli.Checking

	To         Destination  `required:"" placeholder:"WHERE" help:"resp writes the Redis protocol for redis-cli --pipe; redis://HOST:PORT/DB (rediss:// for TLS, unix://PATH) sends it; parquet DIR writes Parquet files." group:"action"`
	Prefix     string       `default:"papyra" placeholder:"NAME" help:"Begin the names of streams with this." group:"redis"`
	System     string       `placeholder:"NAME" help:"System of records that name no system_id." group:"redis"`
	Skip       []string     `placeholder:"KIND" help:"Leave out records of this kind (repeatable, or a list with commas): metric has no stream." group:"redis"`
	Quarantine bool         `help:"Put damaged lines into streams of their own instead of refusing the log." group:"redis"`
	Force      bool         `help:"Go on although records are dated in the future." group:"redis"`
	Retry      cli.Duration `default:"30s" placeholder:"DURATION" help:"How long to try again when the server does not answer." group:"redis"`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Streams are called PREFIX:SYSTEM:events, :audits and :dead_letters, and an entry has one field, data: the
record, byte for byte. Its id is made of the record's timestamp and never goes back, so that the same log
gives the same ids and a second run adds nothing. With --quarantine, damaged lines go to
PREFIX:SYSTEM:quarantine:LOG. A file is checked whole before the first entry is sent.

A password may stand in the URL, or in the environment variable REDISCLI_AUTH.

Parquet files have a column for each field that the profile names, the record as JSON, and _corrupt_record
for damaged lines. They are partitioned by kind and date, in a directory that appears when all is written.

Examples:
  papyra-export --to redis://localhost:6379/0 events.ndjson
  papyra-export --to resp --skip metric events.ndjson | redis-cli --pipe
  papyra-export --to parquet events.parquet --rotated events.ndjson

Exit codes: 0 done, 1 failed, 2 damaged lines.`
}

// Run exports all logs, or none if one of them cannot be.
func (c *Command) Run(env *cli.Env) error {
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return err
	}
	if len(inputs) == 0 {
		return errors.New("no logs to export")
	}
	if c.To.Dir != "" {
		return c.toParquet(env, inputs)
	}
	if c.Profile != "" && c.Record() != record.Papyra() {
		return cli.Usagef("--profile requires --to parquet: the streams are Papyra's")
	}
	for _, name := range []string{c.Prefix, c.System} {
		if strings.ContainsAny(name, "\r\n") {
			return cli.Usagef("the name of a stream has no line breaks")
		}
	}
	if c.To.RESP {
		return c.send(env, inputs, newRESP(env.Stdout), nil)
	}
	server, err := newRedis(env.Ctx, c.To.URL, env.Getenv("REDISCLI_AUTH"), time.Duration(c.Retry))
	if err != nil {
		return cli.Usagef("%w", err)
	}
	defer server.close()
	return c.send(env, inputs, server, server)
}

// walk brings the lines of a log before a visitor.
func (c *Command) walk(env *cli.Env, in cli.Input, v *lines, say bool) (err error) {
	log, set, err := env.OpenLog(in, c.Rotated, 0)
	if errors.Is(err, fs.ErrNotExist) || err == nil && log == nil {
		return fmt.Errorf("%s does not exist", in.Path)
	}
	if err != nil {
		return err
	}
	defer log.Close()
	bar := env.Progress(&c.Output, filepath.Base(in.Path), max(log.Size(), 0))
	defer bar.Close()
	end, err := stream.Forward(env.Ctx, log, stream.Options{Checker: c.Checker(env.Now), Settle: time.Duration(c.Settle), Progress: bar.Add,
		BlockBytes: batchBytes}, v)
	bar.Close()
	if err != nil {
		return fmt.Errorf("%s: %w", in.Path, err)
	}
	if !say {
		return nil
	}
	if end.InFlight != nil {
		c.note(env, "%s: left out an unfinished last line of %d bytes", in.Path, end.InFlight.Length)
	}
	for _, a := range set.Anomalies() {
		c.note(env, "%s: %s: %s", a.Path, a.Type, a.Reason)
	}
	return nil
}

// batchBytes is how much of a log is sent before the server's answer is waited
// for: 1 MiB, so that a round trip to far away costs little.
const batchBytes = 1 << 20

// toParquet writes the logs as Parquet files.
func (c *Command) toParquet(env *cli.Env, inputs []cli.Input) (err error) {
	if err := c.Decide(env, inputs[0], c.Quiet); err != nil {
		return err
	}
	d, err := newDataset(c.To.Dir, c.Record())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.abandon()) }()
	for _, in := range inputs {
		each := func(l *line) error { return d.add(in.Path, l) }
		if err := c.walk(env, in, &lines{each: each, flush: env.Ctx.Err}, true); err != nil {
			return err
		}
	}
	if err := d.finish(); err != nil {
		return err
	}
	return c.reportFiles(env, d)
}

// note says something to a person, on standard error.
func (c *Command) note(env *cli.Env, format string, args ...any) {
	fmt.Fprintf(env.Notes(&c.Output), "%s: %s\n", env.Prog, safetext.String(fmt.Sprintf(format, args...)))
}
