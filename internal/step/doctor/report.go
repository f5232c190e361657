package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/step/repair"
)

// head opens the JSON report. Its members are, in this order: before, what the
// first scan found; retention, what the limits in force leave of each log;
// recovery, what was done; after, what the verification scan found; healthy,
// the verdict at the end; exit_code, that of the process. What there was no
// reason for is null.
type head struct {
	report.Head
	Mode string `json:"mode"`
}

// output shows the report as it grows, on standard output, for it is the data.
type output struct {
	c     *Flags
	env   *cli.Env
	w     *sticky
	paint safetext.Painter
	json  *report.Object // nil for people
	ran   bool           // a recovery

	alarms alarms // what --quiet leaves of a look that a recovery may make void, for people
}

func (c *Flags) output(env *cli.Env) *output {
	o := &output{c: c, env: env, w: &sticky{w: env.Stdout}, paint: env.Painter(&c.Coloring)}
	switch {
	case c.Format != "text":
		o.json = report.NewObject(env.Stdout, head{report.NewHead(env.Prog, cli.Version()), c.Mode})
	case c.Quiet:
		o.w.w = io.Discard
	}
	return o
}

// skipped reports that nothing was looked at.
func (o *output) skipped() error {
	if o.json == nil {
		fmt.Fprintln(o.w, "Persistence check skipped: the mode is ignore, nothing was looked at")
		return o.w.err
	}
	o.json.Member("before", nil)
	return o.close(nil, cli.ExitOK)
}

// document begins the report on one look at the logs.
func (o *output) document(name string) section {
	doc := report.NewDocument(o.env.Prog, cli.Version(), o.c.Strict)
	if o.c.Recursive {
		doc.OfTree()
	}
	options := report.Options{Color: o.paint, Verbose: o.c.Verbose, Next: o.c.Mode != Recover, Summary: o.c.Recursive && !o.c.Verbose, Compact: true, Now: o.env.Now}
	switch {
	case o.json == nil && o.c.Quiet:
		return section{doc, doc.Open(o.loud(name), report.Text, report.Options{Quiet: true})}
	case o.json == nil:
		return section{doc, doc.Open(o.w, report.Text, options)}
	}
	return section{doc, doc.Open(o.json.Within(name), report.JSON, options)}
}

// loud is where the lines go that --quiet leaves of a look: one on each log
// that is not healthy.
func (o *output) loud(name string) io.Writer {
	switch {
	case o.c.Mode == ScanOnly:
		return io.Discard // the exit code is 0
	case o.c.Mode == Recover && name == "before":
		return &o.alarms
	}
	o.alarms = alarms{}
	return o.env.Stderr
}

// alarms holds lines up to a bound, and says so where there were more.
type alarms struct {
	bytes.Buffer
	full bool
}

func (a *alarms) Write(p []byte) (int, error) {
	if a.full = a.full || a.Len()+len(p) > 64<<10; a.full {
		return len(p), nil
	}
	return a.Buffer.Write(p)
}

func (o *output) retention(all iter.Seq[*retained]) {
	if o.json != nil {
		report.Array(o.json, "retention", all)
		return
	}
	for r := range all {
		r.tell(o.w)
	}
}

// recovered shows what was done to each log.
type recovered struct {
	file func(repair.Outcome) error
	end  func() error
}

func (o *output) recovery() recovered {
	o.ran = true
	if o.json != nil {
		s := report.NewStream(o.json.Within("recovery"), report.JSON, "", struct {
			Mode string `json:"mode"`
		}{o.c.RecoveryMode})
		return recovered{func(f repair.Outcome) error { return s.File(f) }, func() error { return s.End(nil) }}
	}
	fmt.Fprintln(o.w, "Recovery completed")
	return recovered{func(f repair.Outcome) error {
		switch {
		case f.Err() != nil:
			fmt.Fprintln(o.w, o.paint.Red("failed: ")+safetext.String(f.Err().Error()))
		case f.Changed():
			f.Tell(o.w)
		}
		return o.w.err
	}, func() error { return o.w.err }}
}

// end tells how it ended; last is the last look at the logs.
func (o *output) end(last section, failed bool, code int) error {
	healthy := !last.doc.Failed() && !last.doc.Unhealthy()
	switch {
	case o.json != nil:
	case !o.ran:
		if code != cli.ExitOK && !last.doc.Failed() {
			fmt.Fprintf(o.w, "Persistence anomalies detected: %d of %d logs are not healthy\n", last.doc.Total.Unhealthy, last.doc.Total.Files)
		}
	case failed || last.doc.Failed():
	case healthy:
		fmt.Fprintln(o.w, o.paint.Green("Recovery successful"))
		return errors.Join(last.Discard(), o.w.err)
	default:
		fmt.Fprintln(o.w, o.paint.Red("Recovery attempted but anomalies still exist"))
	}
	if o.ran {
		if err := last.Close(); err != nil {
			return err
		}
	}
	if o.json != nil {
		return o.close(&healthy, code)
	}
	if code != cli.ExitOK {
		o.env.Stderr.Write(o.alarms.Bytes())
		if o.alarms.full {
			fmt.Fprintln(o.env.Stderr, "more logs are not healthy: scan -q names them all")
		}
	}
	return o.w.err
}

func (o *output) close(healthy *bool, code int) error {
	if !o.ran {
		o.json.Member("recovery", nil)
		o.json.Member("after", nil)
	}
	o.json.Member("healthy", healthy)
	o.json.Member("exit_code", code)
	return o.json.Close()
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
