package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/spool"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// textWriter writes what a person reads: a verdict, the anomalies, and a line
// of facts for each log that is of interest. The verdict comes first and is
// known last, so that the rest is held back.
type textWriter struct {
	paint safetext.Painter
	w     *bufio.Writer
	d     *Document
	o     Options
	// failures come before the verdict, anomalies and facts after it.
	failures, anomalies, facts spool.Spool
	// only is the line of facts that is shown if there is one log alone.
	only string
	next nextStep
	// looks are what logs look like that are not what they were taken for.
	looks []string
}

// maxLooks is of how many logs it is said what they look like.
const maxLooks = 2

func (t *textWriter) file(f *survey.Result) error {
	if t.o.Quiet {
		return t.alarm(f)
	}
	if f.Failure != "" {
		fmt.Fprintln(&t.failures, t.paint.Red("No verdict on "+label(f.Path)+":"), clean(f.Failure))
	}
	var err error
	for i := 0; !t.o.Summary && i < len(f.Anomalies) && err == nil; i++ {
		err = t.line(&f.Anomalies[i], picked{f.Path, f.Anomalies[i]}.path())
	}
	if f.Omitted > 0 && !t.o.Summary {
		_, err = fmt.Fprintf(&t.anomalies, "- and %d more in %s\n", f.Omitted, label(f.Path))
	}
	line := fmt.Sprintf("%s: %s\n", label(f.Path), facts(f))
	if t.o.Summary {
	} else if t.o.Verbose || f.Missing || f.InFlight != nil || f.Unhealthy(t.d.Strict) || f.Failure != "" {
		_, err = io.WriteString(&t.facts, line)
	} else if t.d.Total.Files == 1 {
		t.only = line
	}
	t.next.add(f)
	if l := f.LooksLike; l != nil && len(t.looks) < maxLooks {
		name := "This"
		if t.d.Total.Files > 1 {
			name = label(f.Path)
		}
		t.looks = append(t.looks, fmt.Sprintf("%s looks like %s (%s of %s lines): --profile %[2]s\n", name, l.Profile,
			humanize.Comma(int64(l.Fit)), humanize.Comma(int64(l.Lines))))
	}
	return err
}

// alarm is what is said of a log that needs a person, in one line.
func (t *textWriter) alarm(f *survey.Result) (err error) {
	if f.Failure != "" {
		_, err = fmt.Fprintf(t.w, "%s: no verdict on %s: %s\n", t.d.Tool, label(f.Path), clean(f.Failure))
	} else if f.Unhealthy(t.d.Strict) {
		_, err = fmt.Fprintf(t.w, "%s: found anomalies in %s: %s\n", t.d.Tool, label(f.Path), facts(f))
	}
	return err
}

func (t *textWriter) end() error {
	if t.o.Quiet {
		return nil
	}
	err := t.failures.CopyTo(t.w)
	t.verdict()
	for _, l := range t.looks {
		t.w.WriteString(l)
	}
	err = errors.Join(err, t.anomalies.CopyTo(t.w), t.facts.CopyTo(t.w))
	if t.d.Total.Files == 1 {
		t.w.WriteString(t.only)
	}
	t.totals()
	if t.o.Next {
		t.w.WriteString(t.next.String())
	}
	return err
}

// Close lets go of what was held back.
func (t *textWriter) Close() error {
	return errors.Join(t.failures.Close(), t.anomalies.Close(), t.facts.Close())
}

// verdict writes the words that scripts look for. Health is claimed only if
// there is a verdict on every log.
func (t *textWriter) verdict() {
	w, d, sum := t.w, t.d, &t.d.Total
	switch {
	case sum.Files == 0:
		fmt.Fprintln(w, "No logs to look at")
	case d.Unhealthy(), d.Failed() && sum.Anomalies() > 0:
		fmt.Fprintln(w, t.paint.Red(fmt.Sprintf("Found %d persistence anomalies:", sum.Anomalies())))
	case d.Failed():
	case sum.Warnings > 0:
		fmt.Fprintln(w, t.paint.Green("Persistence is healthy")+t.paint.Yellow(" ("+humanize.Count(sum.Warnings, "warning")+"; --strict counts warnings too):"))
	default:
		fmt.Fprintln(w, t.paint.Green("Persistence is healthy"))
	}
}

func (t *textWriter) line(a *anomaly, path string) error {
	name := strings.ToUpper(a.Type.String())
	if a.Severity == record.Warning {
		name = t.paint.Yellow(name)
	} else {
		name = t.paint.Red(name)
	}
	_, err := fmt.Fprintf(&t.anomalies, "- %s: %s (%s)\n", name, label(path), detail(a, t.o.Verbose))
	return err
}

func (t *textWriter) totals() {
	w, d, sum := t.w, t.d, &t.d.Total
	if sum.Files != 1 {
		fmt.Fprintf(w, "%s: %d healthy", humanize.Count(sum.Files, "log"), sum.Healthy())
		if sum.Missing > 0 {
			fmt.Fprintf(w, " (%d missing)", sum.Missing)
		}
		fmt.Fprintf(w, ", %d unhealthy, %d without a verdict; %s in %s, %s\n",
			sum.Unhealthy, sum.Failures, humanize.Count(sum.Records, "record"), humanize.Count(sum.Lines, "line"), size(sum.Bytes))
	}
	if d.Tree != nil {
		d.Tree.write(w, sum)
	} else if t.o.Verbose || sum.Omitted > 0 {
		for _, c := range byType(sum.Counts) {
			fmt.Fprintf(w, "  %s: %d\n", clean(c.name), c.n)
		}
	}
	if t.o.Verbose && len(d.Settings) > 0 {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(d.Settings)) {
			parts = append(parts, clean(k)+"="+clean(d.Settings[k]))
		}
		fmt.Fprintln(w, t.paint.Dim("settings: "+strings.Join(parts, " ")))
	}
}

// maxNext is how many logs are named in the command that is said to be next.
const maxNext = 5

// nextStep is what somebody who was told of damage does about it.
type nextStep struct {
	paths []string
	flags string // the profile of the logs
	more  int64
	how   string // where there is no file that could be named
}

func (n *nextStep) add(f *survey.Result) {
	switch {
	case f.Errors == 0:
	case f.Path == "-":
		n.how = "pipe the log into papyra-repair --dry-run"
	case f.Compression != "":
		n.how = "papyra-repair --dry-run < " + safetext.Shell(f.Path)
	case len(n.paths) == maxNext:
		n.more++
	default:
		if n.paths = append(n.paths, safetext.Shell(f.Path)); n.flags == "" && f.Profile != "" {
			n.flags = "--profile " + safetext.Shell(f.Profile) + " "
		}
	}
}

// String is a line, or nothing if there is nothing to be done.
func (n *nextStep) String() string {
	how := n.how
	if len(n.paths) > 0 {
		how = "papyra-repair --dry-run " + n.flags + strings.Join(n.paths, " ")
	}
	if how == "" {
		return ""
	}
	if n.more > 0 {
		how += fmt.Sprintf(" (and %s more)", humanize.Count(n.more, "log"))
	}
	return "next: " + how + "\n"
}
