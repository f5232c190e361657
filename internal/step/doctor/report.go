package doctor

import (
	"fmt"
	"io"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/step/repair"
)

// document is the JSON report.
type document struct {
	report.Head
	Mode string `json:"mode"`
	// Healthy is the verdict at the end; null if nothing was looked at.
	Healthy *bool `json:"healthy"`
	// ExitCode is that of the process.
	ExitCode int `json:"exit_code"`
	// Before is what the first scan found.
	Before *report.Document `json:"before"`
	// Recovery is what was done.
	Recovery *recovered `json:"recovery"`
	// After is what the verification scan found.
	After *report.Document `json:"after"`
	// Retention tells what the limits in force leave of each log.
	Retention []*retained `json:"retention,omitempty"`
}

type recovered struct {
	Mode  string           `json:"mode"`
	Files []repair.Outcome `json:"files"`
}

func (d *document) finish(last *report.Document, code int) {
	healthy := !last.Failed() && !last.Unhealthy()
	d.Healthy, d.ExitCode = &healthy, code
}

// show writes the report to standard output, for it is the data.
func (c *Flags) show(env *cli.Env, d *document) error {
	if c.Format != "text" {
		return report.WriteObject(env.Stdout, d)
	}
	if c.Quiet {
		return nil
	}
	return c.text(env, d)
}

func (c *Flags) text(env *cli.Env, d *document) error {
	w := &sticky{w: env.Stdout}
	paint := env.Painter(&c.Output)
	if d.Before == nil {
		fmt.Fprintln(w, "Persistence check skipped: the mode is ignore, nothing was looked at")
		return w.err
	}
	o := report.Options{Color: paint.On(), Verbose: c.Verbose, Now: env.Now()}
	if err := report.Write(w, report.Text, d.Before, o); err != nil {
		return err
	}
	for _, r := range d.Retention {
		r.tell(w)
	}
	if d.Recovery == nil {
		return w.err
	}
	fmt.Fprintln(w, "Recovery completed")
	for _, f := range d.Recovery.Files {
		switch {
		case f.Err() != nil:
			fmt.Fprintln(w, paint.Red("failed: ")+safetext.String(f.Err().Error()))
		case f.Changed():
			f.Tell(w)
		}
	}
	failed := false
	for _, f := range d.Recovery.Files {
		failed = failed || f.Err() != nil
	}
	switch {
	case failed || d.After.Failed():
	case *d.Healthy:
		fmt.Fprintln(w, paint.Green("Recovery successful"))
	default:
		fmt.Fprintln(w, paint.Red("Anomalies remain after recovery"))
	}
	if !*d.Healthy {
		return report.Write(w, report.Text, d.After, o)
	}
	return w.err
}

// sticky remembers the first error.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(p)
	if err != nil {
		s.err = fmt.Errorf("write report: %w", err)
	}
	return n, s.err
}
