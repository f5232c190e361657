// Package inspect is the step that gives an overview of logs: counts, times,
// sizes, the busiest actors, what the retention in force would do, and pictures
// of all that, in text, as JSON and as a page of HTML. It changes nothing.
package inspect

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
)

// Step is papyra-inspect, and papyra persistence inspect.
var Step = cli.Step{
	Binary:      "papyra-inspect",
	Words:       "persistence inspect",
	Description: "Show what is in a log: counts, times, sizes, busiest actors, retention, pictures.",
	New:         func() any { return &Command{} },
}

// Command is papyra-inspect, and papyra persistence inspect.
type Command struct {
	cli.TreeInputs
	cli.Output
	cli.Coloring
	cli.Checking
	cli.Retention

	MaxFiles    int        `setting:"max_files" placeholder:"N" help:"How many files the producer's rotation keeps; with --rotated, higher numbers are orphans." group:"checking"`
	Limit       *cli.Count `placeholder:"N" help:"Count at most the newest N records of each kind as sampled."`
	ShowMetrics bool       `help:"Show the counters of this run."`
	Range       *cli.Range `placeholder:"A:B" help:"Look only at the lines that start in this range of bytes; B may be left out. See papyra shards." group:"input"`
	Merge       bool       `help:"Read JSON reports of earlier runs instead of logs, and put them together." group:"input"`
	UTC         bool       `name:"utc" help:"Show times in UTC, not in the local zone; those of Papyra's own logs always are." group:"output"`
	HTML        string     `name:"html" file:"write" placeholder:"FILE" help:"Write a page with charts too: one file, no network, no script." group:"output"`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Examples:
  papyra-inspect events.ndjson
  papyra-inspect --max-age 7d --max-total-bytes 1GiB events.ndjson
  papyra-inspect --rotated --html overview.html events.ndjson
  papyra-inspect -r --profile auto --html overview.html transcripts/
  papyra-inspect --json events.ndjson | jq '.files[].top.actors.items[:3]'
  zstdcat old.ndjson.zst | papyra-inspect
  papyra shards big.ndjson | parallel --colsep '\t' papyra-inspect --json --range {1} {2} | papyra-inspect --merge -

Exit codes: 0 done, damaged lines or not; 1 a log could not be read to its end.`
}

// Run looks at the logs and shows what is in them, each when it is done with.
func (c *Command) Run(env *cli.Env) error {
	switch {
	case c.Range != nil && (c.Rotated || c.Recursive || c.Merge || c.Limited()):
		return cli.Usagef("--range cannot be combined with --rotated, --recursive, --merge and retention: they depend on the whole log")
	case c.Merge && c.Recursive:
		return cli.Usagef("--merge cannot be combined with --recursive")
	}
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return err
	}
	h := &head{Head: report.NewHead(env.Prog, cli.Version()), Generated: env.Now().UTC().Format(time.RFC3339), Backend: backend,
		Host: cli.Host(), Profile: c.Profile, Retention: c.Limits(), Limit: (*int64)(c.Limit)}
	failed := false
	each := func(show func(*logReport) error) error { return c.each(env, inputs, show) }
	if c.Merge {
		m := newMerging()
		defer m.Close()
		if inputs, err = m.read(env, inputs, h); err != nil {
			return err
		}
		each = m.Each
	}
	look := func(show func(*logReport) error) error {
		return each(func(f *logReport) error {
			f.utc = c.UTC
			failed = failed || f.Failure != ""
			if f.Failure != "" && c.Quiet && c.Format == "text" {
				fmt.Fprintf(env.Stderr, "%s: %s: %s\n", env.Prog, safetext.String(f.Path), safetext.String(f.Failure))
			}
			return show(f)
		})
	}
	if c.HTML == "" {
		err = c.show(env, h, look)
	} else {
		err = c.draw(env, h, inputs, look)
	}
	if err == nil && failed {
		return cli.Exit(cli.ExitFailed)
	}
	return err
}

// draw writes the page, and the report unless the page is shown in its place.
func (c *Command) draw(env *cli.Env, h *head, inputs []cli.Input, look looker) error {
	write := func(w io.Writer) error {
		p, err := newPage(w, h, inputs, c.UTC)
		if err != nil {
			return err
		}
		draw := func(show func(*logReport) error) error {
			return look(func(f *logReport) error { return errors.Join(p.log(f), show(f)) })
		}
		if c.HTML == "-" {
			err = draw(func(*logReport) error { return nil })
		} else {
			err = c.show(env, h, draw)
		}
		if err != nil {
			return err
		}
		return p.end()
	}
	if c.HTML == "-" {
		return write(env.Stdout)
	}
	if err := durable.WriteFile(c.HTML, 0o644, write); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// looker looks at all logs and hands on what it finds.
type looker func(show func(*logReport) error) error

// show writes the report in the form that was asked for.
func (c *Command) show(env *cli.Env, h *head, look looker) error {
	var end closing
	data := report.NewStream(env.Stdout, report.Format(c.Format), "  ", h)
	t := &text{w: env.Stdout, width: env.Width(), paint: env.Painter(&c.Coloring)}
	if c.Quiet {
		t.w = io.Discard
	}
	err := look(func(f *logReport) error {
		end.add(f)
		if c.Format == "text" {
			return t.log(h, f)
		}
		return data.File(f)
	})
	switch {
	case err != nil:
		return err
	case c.Format != "text":
		return data.End(end)
	case c.ShowMetrics:
		return t.metrics(end.Metrics)
	}
	return nil
}
