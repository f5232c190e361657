// Package pipeline runs the steps on many machines, as Apache Beam pipelines: a
// log is divided into ranges, and the work on each is that of the step itself.
package pipeline

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/cli"
)

// Step is papyra-beam.
var Step = cli.Step{
	Binary:      "papyra-beam",
	Words:       "beam",
	Description: "Scan, inspect and filter logs on many machines, with Apache Beam; change nothing.",
	New:         func() any { return &Command{} },
}

// Command is papyra-beam.
type Command struct {
	Scan    Scan    `cmd:"" help:"Find every damaged line, and print the JSON report of papyra-scan."`
	Inspect Inspect `cmd:"" help:"Count what is in the logs, and print the JSON report of papyra-inspect."`
	Filter  Filter  `cmd:"" help:"Write the records that papyra-filter prints, a file for each part."`
}

// Help is shown below the flags.
func (*Command) Help() string {
	return `Examples:
  papyra-beam scan '/logs/*.ndjson'
  papyra-beam scan --flag=--max-skew=1m --output report.json '/logs/*.ndjson'
  papyra-beam filter --flag=--kind=event --dir selected '/logs/*.ndjson'
  papyra-beam scan 's3://logs/2026-11-20/*.ndjson'
  papyra-beam scan --runner flink --option endpoint=localhost:8099 --output /nfs/report.json '/nfs/*.ndjson'

Exit codes of scan: 0 healthy, 1 no verdict, 2 anomalies found; of inspect and filter: 0 done, 1 failed.`
}

// Common are the flags of all. Names with * and ? are expanded where the
// pipeline begins.
type Common struct {
	cli.RewriteInputs
	Size   cli.Size          `default:"64MiB" placeholder:"SIZE" help:"How many bytes one worker looks at in a go." group:"input"`
	Flag   []string          `sep:"none" placeholder:"FLAG" help:"A flag for the step itself: --flag=--kind=event (repeatable)." group:"selection"`
	Runner string            `default:"prism" placeholder:"NAME" help:"Runner: prism, in this process, or flink, spark, dataflow, universal." group:"beam"`
	Option map[string]string `placeholder:"NAME=VALUE" help:"An option of the runner: endpoint=HOST:PORT (repeatable)." group:"beam"`
}

// Report is a command that makes one report.
type Report struct {
	Common
	Output string `placeholder:"FILE" help:"Write the report to this file, which the workers can reach, and not to standard output." group:"output"`
}

// Scan is papyra-beam scan.
type Scan struct{ Report }

// Inspect is papyra-beam inspect.
type Inspect struct{ Report }

// Filter is papyra-beam filter.
type Filter struct {
	Common
	Dir string `required:"" placeholder:"DIR" help:"Write the records into this new directory, which the workers can reach, and the names of the files, in order, into its file MANIFEST." group:"output"`
}

// Run runs the pipeline and shows the report.
func (c *Scan) Run(env *cli.Env) error { return c.report(env, "scan") }

// Run runs the pipeline and shows the report.
func (c *Inspect) Run(env *cli.Env) error { return c.report(env, "inspect") }

func (c *Report) report(env *cli.Env, step string) error {
	output := c.Output
	if output == "" {
		dir, err := os.MkdirTemp("", "papyra-beam-")
		if err != nil {
			return fmt.Errorf("hold the report: %w", err)
		}
		defer os.RemoveAll(dir)
		output = filepath.Join(dir, "report")
	}
	if err := c.run(env, &Work{Step: step, Flags: c.Flag}, Fold{Step: step, Flags: mergeFlags(c.Flag)}, output); err != nil {
		return err
	}
	text, err := os.ReadFile(output)
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	if c.Output == "" {
		if _, err := env.Stdout.Write(text); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	var r struct {
		Total   struct{ Failures, Unhealthy int64 }
		Metrics struct {
			Failures int64 `json:"scan_errors"`
		}
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	switch {
	case r.Total.Failures > 0, r.Metrics.Failures > 0:
		return cli.Exit(cli.ExitFailed)
	case r.Total.Unhealthy > 0:
		return cli.Exit(cli.ExitAnomalies)
	}
	return nil
}

// mergeFlags are the flags of a scan that its merge needs too.
func mergeFlags(all []string) (out []string) {
	for _, f := range all {
		if name, _, _ := strings.Cut(f, "="); name == "--max-anomalies" || name == "--strict" {
			out = append(out, f)
		}
	}
	return out
}

// Run runs the pipeline.
func (c *Filter) Run(env *cli.Env) error {
	if err := os.Mkdir(c.Dir, 0o777); err != nil {
		return fmt.Errorf("make the directory: %w", err)
	}
	return c.run(env, &Work{Step: "filter", Flags: c.Flag, Dir: c.Dir}, Fold{Step: "filter"}, filepath.Join(c.Dir, "MANIFEST"))
}

// run builds the pipeline and waits for its end. work is a *Work.
func (c *Common) run(env *cli.Env, work any, fold Fold, output string) error {
	if c.Size <= 0 {
		return cli.Usagef("--size must be at least 1 byte")
	}
	if err := flag.Set("runner", c.Runner); err != nil {
		return cli.Usagef("--runner: %w", err)
	}
	for name, value := range c.Option {
		if err := flag.Set(name, value); err != nil {
			return cli.Usagef("--option %s: %w", name, err)
		}
	}
	inputs, err := cli.List(c.Each(env))
	if err != nil {
		return err
	}
	d := &Find{Step: int64(c.Size)}
	for _, in := range inputs {
		if in.Stdin {
			return cli.Usagef("standard input cannot be divided: name a file")
		}
		d.Patterns = append(d.Patterns, in.Path)
	}
	p, s := beam.NewPipelineWithRoot()
	logs := beam.ParDo(s, d, beam.Impulse(s))
	found := beam.ParDo(s, work, beam.Reshuffle(s, logs))
	folded := beam.ParDo(s, &fold, beam.GroupByKey(s, found))
	beam.ParDo0(s, &Gather{fold, output}, beam.GroupByKey(s, folded))
	if err := beamx.Run(env.Ctx, p); err != nil {
		return fmt.Errorf("run the pipeline: %w", err)
	}
	return nil
}
