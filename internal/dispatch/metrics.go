package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/opening"
	"github.com/papyra-tools/papyra/internal/report"
)

var metricsStep = cli.Step{
	Words:       "metrics persistence",
	Description: "Show the persistence counters of a textfile, or of this run.",
	New:         func() any { return &MetricsCommand{} },
}

// MetricsCommand shows the counters that the steps keep.
type MetricsCommand struct {
	Textfile string `setting:"textfile" file:"read" placeholder:"FILE" help:"Prometheus textfile that the steps write with --textfile."`
	JSON     bool   `name:"json" help:"Print one JSON object." group:"output"`
}

// Help is shown by --help.
func (*MetricsCommand) Help() string {
	return `Each step is a process of its own, so its counters last only if it writes them to a textfile; this command reads them
from there. Without a textfile, or before there is one, it shows the counters of this run, which are all zero.

Examples:

  papyra persistence scan --textfile papyra.prom events.ndjson
  papyra metrics persistence --textfile papyra.prom
  papyra metrics persistence --textfile papyra.prom --json | jq .anomalies_detected`
}

// Run prints the counters.
func (c *MetricsCommand) Run(env *cli.Env) error {
	doc := counters{Head: report.NewHead(env.Prog, cli.Version()), Source: "this run"}
	if c.Textfile != "" {
		metrics, err := readTextfile(env.Ctx, c.Textfile)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			doc.Source, doc.Metrics = c.Textfile, metrics
		}
	}
	if c.JSON {
		return report.WriteObject(env.Stdout, doc)
	}
	if _, err := fmt.Fprintln(env.Stdout, "Persistence Metrics"); err != nil {
		return err
	}
	return doc.WriteText(env.Stdout, "")
}

// counters are the JSON form: the counters, and where they come from.
type counters struct {
	report.Head
	Source string `json:"source"`
	report.Metrics
}

func readTextfile(ctx context.Context, name string) (report.Metrics, error) {
	f, err := opening.Read(ctx, name)
	if err != nil {
		return report.Metrics{}, fmt.Errorf("read counters: %w", err)
	}
	defer f.Close()
	t, err := report.ParseTextfile(f)
	if err != nil {
		return report.Metrics{}, fmt.Errorf("%s: %w", name, err)
	}
	return t.Metrics, nil
}
