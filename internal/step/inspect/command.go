// Package inspect is the step that gives an overview of logs: counts, times,
// sizes, the busiest actors, what the retention in force would do, and pictures
// of all that, in text, as JSON and as a page of HTML. It changes nothing.
package inspect

import (
	"fmt"
	"io"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
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
	cli.Inputs
	cli.Output
	cli.Checking
	cli.Retention

	MaxFiles    int        `setting:"max_files" placeholder:"N" help:"How many files the producer's rotation keeps; with --rotated, higher numbers are orphans." group:"checking"`
	Limit       *cli.Count `placeholder:"N" help:"Count at most the newest N records of each kind as sampled."`
	ShowMetrics bool       `help:"Show the counters of this run."`
	HTML        string     `name:"html" placeholder:"FILE" help:"Write a page with charts too: one file, no network, no script." group:"output"`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Examples:
  papyra-inspect events.ndjson
  papyra-inspect --max-age 7d --max-total-bytes 1GiB events.ndjson
  papyra-inspect --rotated --html overview.html events.ndjson
  papyra-inspect --json events.ndjson | jq '.files[].top.actors.items[:3]'
  zstdcat old.ndjson.zst | papyra-inspect

Exit codes: 0 done, damaged lines or not; 1 a log could not be read to its end.`
}

// Run looks at the logs and shows what is in them.
func (c *Command) Run(env *cli.Env) error {
	inputs, err := c.Resolve(env)
	if err != nil {
		return err
	}
	if err := c.checkHTML(inputs); err != nil {
		return err
	}
	doc, err := c.document(env, inputs)
	if err != nil {
		return err
	}
	if err := c.show(env, doc); err != nil {
		return err
	}
	if c.HTML != "" {
		write := func(w io.Writer) error { return writePage(w, doc) }
		if c.HTML == "-" {
			return write(env.Stdout)
		}
		if err := durable.WriteFile(c.HTML, 0o644, write); err != nil {
			return fmt.Errorf("write page: %w", err)
		}
	}
	for _, f := range doc.Files {
		if f.Failure != "" {
			return cli.Exit(cli.ExitFailed)
		}
	}
	return nil
}

// checkHTML sees that the page does not take the place of a log.
func (c *Command) checkHTML(inputs []cli.Input) error {
	if c.HTML == "" || c.HTML == "-" {
		return nil
	}
	var names []string
	for _, in := range inputs {
		names = append(names, in.Path)
	}
	if err := (report.Targets{{Format: report.Text, File: c.HTML}}).Check(names); err != nil {
		return cli.Usagef("--html: %w", err)
	}
	return nil
}

// show writes the report in the form that was asked for.
func (c *Command) show(env *cli.Env, doc *inspection) error {
	switch {
	case c.HTML == "-":
		return nil // the page is the report
	case c.Format == "json":
		return writeJSON(env.Stdout, doc, "  ")
	case c.Format == "ndjson":
		for _, f := range doc.Files {
			if err := writeJSON(env.Stdout, f, ""); err != nil {
				return err
			}
		}
		return nil
	case c.Quiet:
		return nil
	}
	t := &text{w: env.Stdout, width: env.Width(), paint: env.Painter(&c.Output)}
	t.document(doc, c.ShowMetrics)
	return t.err
}

func writeJSON(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(report.SafeJSON(w))
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
