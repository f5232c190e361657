// Package scan is the step that finds anomalies in logs and changes nothing.
package scan

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/textfile"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Step is papyra-scan, and papyra persistence scan.
var Step = cli.Step{
	Binary:      "papyra-scan",
	Words:       "persistence scan",
	Description: "Find every damaged line of a log and say where it is; change nothing.",
	New:         func() any { return &Command{} },
}

// Command is papyra-scan, and papyra persistence scan.
type Command struct {
	cli.TreeInputs
	cli.Output
	cli.Coloring
	cli.Checking
	textfile.Flag

	Strict       bool           `setting:"strict" help:"Count warnings as anomalies that make the exit code 2." group:"checking"`
	Links        bool           `help:"Report ids that come twice, and references to ids that are not in the log, as warnings; the profile says where they stand." group:"checking"`
	MaxFiles     int            `setting:"max_files" placeholder:"N" help:"How many files the producer's rotation keeps; with --rotated, higher numbers are orphans." group:"checking"`
	MaxAnomalies cli.Count      `default:"1000" placeholder:"N" help:"Report at most N anomalies of each log; all are counted." group:"output"`
	Verbose      bool           `short:"v" help:"Name every fault of a line, not only the one that decides." group:"output"`
	Report       report.Targets `sep:"none" file:"write" placeholder:"FORMAT=FILE" help:"Write a report too: text, json, ndjson, github, sarif, junit, markdown or prometheus; - is standard output (repeatable)." group:"output"`
	MinRecords   cli.Count      `default:"0" placeholder:"N" help:"Fail if a log holds fewer than N records." group:"checking"`
	Range        *cli.Range     `placeholder:"A:B" help:"Look only at the lines that start in this range of bytes; B may be left out. See papyra shards." group:"input"`
	Merge        bool           `help:"Read JSON reports of earlier scans instead of logs, and sum them." group:"input"`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Examples:
  papyra-scan events.ndjson
  papyra-scan --json events.ndjson | jq '.files[].counts'
  zcat old.ndjson.gz | papyra-scan
  papyra-scan --rotated --strict events.ndjson
  producer --dump | papyra-scan --min-records 1
  papyra-scan --report github=- --report sarif=scan.sarif logs/*.ndjson
  papyra-scan -r --profile transcript --links transcripts/
  papyra-scan -r --profile auto --glob '*.log' transcripts/

  papyra shards big.ndjson | parallel --colsep '\t' papyra-scan --json --range {1} {2} | papyra-scan --merge -

Exit codes: 0 healthy, 1 no verdict (unreadable, changed while it was read), 2 anomalies found.`
}

// Run scans the logs and reports on them.
func (c *Command) Run(env *cli.Env) error {
	switch {
	case c.Range != nil && (c.Rotated || c.Recursive || c.Merge || c.MinRecords > 0):
		return cli.Usagef("--range cannot be combined with --rotated, --recursive, --merge and --min-records")
	case c.Merge && c.Recursive:
		return cli.Usagef("--merge cannot be combined with --recursive")
	}
	if err := c.CheckLinks(); err != nil {
		return err
	}
	inputs, err := cli.Ahead(c.TreeInputs.Each(env))
	if err != nil {
		return err
	}
	o := report.Options{Color: env.Painter(&c.Coloring), Verbose: c.Verbose, Next: true, Now: env.Now,
		Run: func() *report.Run { return c.Flag.Run(env, "scan") }}
	doc := report.NewDocument(env.Prog, cli.Version(), c.Strict)
	if c.Recursive {
		doc.OfTree()
	}
	var alarm *report.Form // of what --quiet leaves unsaid
	if c.Quiet && c.Format == "text" {
		alarm = doc.Open(env.Stderr, report.Text, report.Options{Quiet: true})
	}
	err = c.targets().Run(env.Stdout, doc, o, writeFile, func() error {
		if c.Merge {
			return c.merge(env, doc, inputs)
		}
		doc.Host = cli.Host()
		doc.Settings = map[string]string{"max_line_bytes": c.MaxLineBytes.String(), "max_skew": c.MaxSkew.String(), "reader": c.Reader, "profile": c.Profile}
		return c.Each(env, inputs, doc.Add)
	})
	c.Flag.Done()
	if alarm != nil {
		err = errors.Join(err, alarm.Close())
	}
	switch {
	case err != nil:
		return err
	case doc.Failed():
		return cli.Exit(cli.ExitFailed)
	case doc.Unhealthy():
		return cli.Exit(cli.ExitAnomalies)
	}
	return nil
}

// CheckLinks refuses what --links cannot be combined with.
func (c *Command) CheckLinks() error {
	switch {
	case !c.Links:
	case c.Range != nil || c.Rotated || c.Merge:
		return cli.Usagef("--links cannot be combined with --range, --rotated and --merge: a reference may lead to any line of a log")
	case c.Profile != "auto" && c.Record().ID == "":
		return cli.Usagef("--links requires records with an id, and those of the profile %s have none", c.Record().Name)
	}
	return nil
}

// targets are where the reports go.
func (c *Command) targets() report.Targets {
	targets := append(report.Targets(nil), c.Report...)
	if c.Textfile != "" {
		targets = append(targets, report.Target{Format: report.Prometheus, File: c.Textfile})
	}
	if !targets.Stdout() && !(c.Quiet && c.Format == "text") {
		targets = append(report.Targets{{Format: report.Format(c.Format), File: "-"}}, targets...)
	}
	return targets
}

// Each looks at each log in turn, which is several files if it was rotated, as
// Run does, and hands on what it finds. A log on which no verdict was possible
// has a result with a failure.
func (c *Command) Each(env *cli.Env, inputs iter.Seq2[cli.Input, error], take func(*survey.Result)) error {
	atOnce, o := 1, c.options(env)
	if c.Recursive {
		atOnce = min(cli.AtOnce(), max(1, maxReported/max(1, o.MaxAnomalies)))
		if c.Format == "text" {
			bar := env.Progress(&c.Output, "logs", 0)
			defer bar.Close()
			o.OnProgress = bar.Add
		}
	}
	err := cli.InOrder(env.Ctx, inputs, atOnce, func(in cli.Input, small bool) []*survey.Result {
		one, o := *c, o // each log may have a profile of its own
		if small {
			o.Workers, o.LinksBytes = 1, survey.LinksLimit/int64(atOnce)
		}
		return one.scan(env, in, o)
	}, func(results []*survey.Result) error {
		c.checkRecords(results)
		for _, res := range results {
			take(res)
		}
		return nil
	})
	if env.Ctx.Err() != nil && err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	return err
}

// checkRecords fails a log that holds less than was asked for: an empty pipe is
// healthy otherwise, whatever became of the program that should have filled it.
func (c *Command) checkRecords(results []*survey.Result) {
	var n int64
	for _, res := range results {
		n += res.Records
	}
	last := results[len(results)-1]
	if n < int64(c.MinRecords) && last.Failure == "" {
		last.Failure, last.Healthy = fmt.Sprintf("%d records, fewer than --min-records %s", n, c.MinRecords), false
	}
}

// maxReported bounds the anomalies held of one log.
const maxReported = 50_000

// options are how each log is looked at.
func (c *Command) options(env *cli.Env) survey.Options {
	most := int(min(c.MaxAnomalies, maxReported))
	if most == 0 {
		most = -1
	}
	return survey.Options{
		Checker: c.Checker(env.Now),
		MaxSkew: time.Duration(c.MaxSkew), Settle: time.Duration(c.Settle),
		MaxAnomalies: most, Verbose: c.Verbose, Repair: c.Recursive, Links: c.Links,
	}
}

// writeFile replaces a report. A new one for a collector is readable for it
// even under the umask of a service; an old one keeps its mode.
func writeFile(name string, perm fs.FileMode, write func(io.Writer) error) error {
	if perm == report.CollectorPerm {
		return durable.Publish(name, perm, write)
	}
	return durable.WriteFile(name, perm, write)
}
