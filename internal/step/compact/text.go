package compact

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/policy"
)

// say tells a person what became of one log. Errors are said with --quiet and
// in every format.
func (c *Command) say(env *cli.Env, in cli.Input, f *fileReport) error {
	if c.onStderr || f.Err != nil && env.Ctx.Err() != nil {
		return nil // whoever stopped the run is told so at the end
	}
	if f.Err != nil {
		var err error
		if c.DryRun && f.emptied && c.Format == "text" {
			err = c.sayDryRun(env, f, safetext.String(f.Path))
		}
		fmt.Fprintf(env.Stderr, "%s: error: %s\n", env.Prog, safetext.String(f.Failure))
		return err
	}
	if f.Guard != "" {
		fmt.Fprintf(env.Stderr, "%s: warning: %s\n", env.Prog, safetext.String(f.Guard))
	}
	if c.Format != "text" {
		return nil
	}
	w := env.Notes(&c.Output)
	name := safetext.String(f.Path)
	switch {
	case f.Missing:
		fmt.Fprintf(w, "%s does not exist: nothing to compact\n", name)
	case f.Unlimited && !in.Stdin:
		fmt.Fprintf(w, "Compaction completed: %s: nothing to apply: no --max-records, --max-age or --max-total-bytes is given; the file is left alone\n", name)
	case in.Stdin:
		c.sayPiped(env, w, f)
	case c.DryRun:
		return c.sayDryRun(env, f, name)
	case !f.Changed:
		fmt.Fprintf(w, "Compaction completed: %s: nothing to remove; the file is left alone\n", name)
		c.sayLines(w, f)
		f.sayFiles(w)
	default:
		c.sayDone(env, w, f, name)
	}
	f.Tell(w)
	return nil
}

func (c *Command) sayDone(env *cli.Env, w io.Writer, f *fileReport, name string) {
	fmt.Fprintf(w, "Compaction completed: %s\n", name)
	fmt.Fprintf(w, "retention: %s\n", c.Understood(env))
	fmt.Fprintf(w, "records: %s -> %s\n", counted(f.RecordsBefore), counted(f.RecordsAfter))
	fmt.Fprintf(w, "bytes: %s -> %s (%s)\n", humanize.Comma(f.BytesBefore), humanize.Comma(f.BytesAfter), share(f.BytesBefore, f.BytesAfter-f.Appended))
	if f.Kinds != nil {
		fmt.Fprintf(w, "removed per kind: %s\n", list(f.Kinds))
		fmt.Fprintf(w, "removed by limit: %s\n", list(f.Removed))
	}
	c.sayLines(w, f)
	f.sayFiles(w)
	f.sayArchived(w, "archived")
	if f.Appended > 0 {
		fmt.Fprintf(w, "appended meanwhile and kept: %s bytes\n", humanize.Comma(f.Appended))
	}
}

func counted(n *int64) string {
	if n == nil {
		return "not counted"
	}
	return humanize.Comma(*n)
}

func (f *fileReport) sayArchived(w io.Writer, what string) {
	if g := f.Archived; g != nil {
		fmt.Fprintf(w, "%s: %s as %s\n", what, said(g.Sum), safetext.String(g.Path))
	}
}

// sayLines tells of lines that are no records.
func (c *Command) sayLines(w io.Writer, f *fileReport) {
	if f.LinesKept > 0 {
		fmt.Fprintf(w, "damaged or blank lines carried over: %s\n", humanize.Comma(f.LinesKept))
	}
	if f.LinesRemoved > 0 {
		fmt.Fprintf(w, "damaged or blank lines removed: %s\n", humanize.Comma(f.LinesRemoved))
	}
	if f.Unfinished > 0 {
		fmt.Fprintf(w, "unfinished last line carried over: %s bytes\n", humanize.Comma(f.Unfinished))
	}
}

func (c *Command) sayPiped(env *cli.Env, w io.Writer, f *fileReport) {
	if f.Output != "" {
		fmt.Fprintf(w, "Compaction completed: %s\n", safetext.String(f.Output))
		if c.Limited() {
			fmt.Fprintf(w, "retention: %s\n", c.Understood(env))
		}
		fmt.Fprintf(w, "records: %s\nbytes: %s\n", humanize.Comma(*f.RecordsAfter), humanize.Comma(f.BytesAfter))
	}
	if c.DryRun {
		fmt.Fprintf(w, "Dry run: %s records, %s bytes would stay\n", humanize.Comma(*f.RecordsAfter), humanize.Comma(f.BytesAfter))
	}
	if f.Unlimited {
		fmt.Fprintf(w, "nothing to apply: no limit is given; every record passed\n")
	}
	if f.LinesRemoved > 0 {
		fmt.Fprintf(w, "damaged or blank lines removed: %s\n", humanize.Comma(f.LinesRemoved))
	}
	if f.Unfinished > 0 {
		fmt.Fprintf(w, "unfinished last line left out: %s bytes\n", humanize.Comma(f.Unfinished))
	}
}

// sayDryRun shows what would go. It is what was asked for: it goes to standard
// output.
func (c *Command) sayDryRun(env *cli.Env, f *fileReport, name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Dry run of %s: nothing was changed\n", name)
	fmt.Fprintf(&b, "retention: %s\n", c.Understood(env))
	if !f.Changed && !f.emptied {
		fmt.Fprintf(&b, "nothing would be removed\n")
	} else {
		fmt.Fprintf(&b, "%s\n", strings.Join(f.table(env.TableWidth()), "\n"))
		fmt.Fprintf(&b, "records: %s -> %s\n", counted(f.RecordsBefore), counted(f.RecordsAfter))
		fmt.Fprintf(&b, "bytes: %s -> %s (%s)\n", humanize.Comma(f.BytesBefore), humanize.Comma(f.BytesAfter), share(f.BytesBefore, f.BytesAfter))
	}
	c.sayLines(&b, f)
	f.sayFiles(&b)
	f.sayArchived(&b, "would be archived")
	_, err := io.WriteString(env.Stdout, b.String())
	return err
}

// table has a row for each kind and a column for each limit.
func (f *fileReport) table(width int) []string {
	var limits []string
	footer := []string{"all"}
	for l := policy.ByAge; l < policy.NumLimits; l++ {
		if a, ok := f.Removed[l.String()]; ok {
			limits = append(limits, l.String())
			footer = append(footer, said(a))
		}
	}
	header := append(append([]string{"would go"}, limits...), "all")
	var rows [][]string
	var all policy.Sum
	for _, kind := range slices.Sorted(maps.Keys(f.Kinds)) {
		row := []string{safetext.Clip(kind, 40)}
		for _, l := range limits {
			row = append(row, said(f.Details[l][kind]))
		}
		rows = append(rows, append(row, said(f.Kinds[kind])))
		all = all.Add(f.Kinds[kind])
	}
	return safetext.Fit("l"+strings.Repeat("r", len(limits)+1), header, append(rows, append(footer, said(all))), width)
}

// said is the number of records and their bytes; a dash for none.
func said(a policy.Sum) string {
	if a == (policy.Sum{}) {
		return "-"
	}
	return fmt.Sprintf("%s (%s bytes)", humanize.Comma(a.Records), humanize.Comma(a.Bytes))
}

func list(m map[string]policy.Sum) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s %s", safetext.Clip(name, 40), said(m[name])))
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
}

func share(before, after int64) string {
	if before == 0 {
		return "empty"
	}
	return fmt.Sprintf("%.1f %% kept", 100*float64(after)/float64(before))
}
