package report

import (
	"bufio"
	"fmt"
	"maps"
	"strings"

	"github.com/papyra-tools/papyra/pkg/record"
)

// brush paints text, or not. What it is given is escaped already.
type brush bool

func (b brush) red(s string) string    { return b.paint("31", s) }
func (b brush) green(s string) string  { return b.paint("32", s) }
func (b brush) yellow(s string) string { return b.paint("33", s) }
func (b brush) dim(s string) string    { return b.paint("2", s) }

func (b brush) paint(code, s string) string {
	if !b || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// writeText writes what a person reads: a verdict, the anomalies, and a line of facts for each log that is of interest.
func writeText(w *bufio.Writer, d *Document, o Options) error {
	if o.Quiet {
		return nil
	}
	b := brush(o.Color)
	for _, f := range d.Files {
		if f.Failure != "" {
			fmt.Fprintln(w, b.red("No verdict on "+label(f.Path)+":"), clean(f.Failure))
		}
	}
	verdict(w, d, b)
	for _, f := range d.Files {
		for i := range f.Anomalies {
			line(w, picked{f, &f.Anomalies[i]}, b, o)
		}
		if f.Omitted > 0 {
			fmt.Fprintf(w, "- and %d more in %s\n", f.Omitted, label(f.Path))
		}
	}
	for _, f := range d.Files {
		if o.Verbose || len(d.Files) == 1 || f.Missing || f.InFlight != nil || f.Unhealthy(d.Strict) || f.Failure != "" {
			fmt.Fprintf(w, "%s: %s\n", label(f.Path), facts(f))
		}
	}
	totals(w, d, b, o)
	return nil // the writer keeps its error for Flush
}

// verdict writes the words that scripts look for. Health is claimed only if there is a verdict on every log.
func verdict(w *bufio.Writer, d *Document, b brush) {
	t := &d.Total
	switch {
	case t.Files == 0:
		fmt.Fprintln(w, "No logs to look at")
	case d.Unhealthy(), d.Failed() && t.Anomalies() > 0:
		fmt.Fprintln(w, b.red(fmt.Sprintf("Found %d persistence anomalies:", t.Anomalies())))
	case d.Failed():
	case t.Warnings > 0:
		fmt.Fprintln(w, b.green("Persistence is healthy")+b.yellow(" ("+count(t.Warnings, "warning")+"; --strict counts warnings too):"))
	default:
		fmt.Fprintln(w, b.green("Persistence is healthy"))
	}
}

func line(w *bufio.Writer, p picked, b brush, o Options) {
	name := strings.ToUpper(p.a.Type.String())
	if p.a.Severity == record.Warning {
		name = b.yellow(name)
	} else {
		name = b.red(name)
	}
	fmt.Fprintf(w, "- %s: %s (%s)\n", name, label(p.path()), detail(p.a, o.Verbose))
}

func totals(w *bufio.Writer, d *Document, b brush, o Options) {
	t := &d.Total
	if len(d.Files) != 1 {
		fmt.Fprintf(w, "%s: %d healthy", count(t.Files, "log"), t.Healthy())
		if t.Missing > 0 {
			fmt.Fprintf(w, " (%d missing)", t.Missing)
		}
		fmt.Fprintf(w, ", %d unhealthy, %d without a verdict; %s in %s, %s\n",
			t.Unhealthy, t.Failures, count(t.Records, "record"), count(t.Lines, "line"), size(t.Bytes))
	}
	if o.Verbose || t.Omitted > 0 {
		for _, c := range byType(t.Counts) {
			fmt.Fprintf(w, "  %s: %d\n", clean(c.name), c.n)
		}
	}
	if o.Verbose && len(d.Settings) > 0 {
		var parts []string
		for _, k := range sortedKeys(maps.Keys(d.Settings)) {
			parts = append(parts, clean(k)+"="+clean(d.Settings[k]))
		}
		fmt.Fprintln(w, b.dim("settings: "+strings.Join(parts, " ")))
	}
}
