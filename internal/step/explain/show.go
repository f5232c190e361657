package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
)

// document is the report as JSON.
type document struct {
	report.Head
	Path string `json:"path"`
	neighbour
	Type     *record.Type     `json:"type"` // null for a healthy line
	Severity *record.Severity `json:"severity"`
	// ErrorOffset is where the fault is, or -1.
	ErrorOffset int64         `json:"error_offset"`
	Reason      string        `json:"reason,omitempty"`
	Also        []record.Type `json:"also,omitempty"`
	Repair      mended        `json:"repair"`
	Before      *neighbour    `json:"before"`
	After       *neighbour    `json:"after"`
}

// neighbour says where a line stands.
type neighbour struct {
	Line   int64 `json:"line"`
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// mended says what a repair makes of the line.
type mended struct {
	Action string  `json:"action"`
	Pieces []piece `json:"pieces"`
	// More says that there are more pieces than are told.
	More bool `json:"more,omitempty"`
}

type piece struct {
	Fate   mend.Fate `json:"fate"`
	Offset int64     `json:"offset"`
	Length int64     `json:"length"`
	Text   string    `json:"text,omitempty"` // of what is added; the rest stands in the log
}

func (o *line) place() *neighbour {
	if o == nil {
		return nil
	}
	return &neighbour{o.Line, o.Offset, o.Length}
}

func (c *Command) show(env *cli.Env, path string, l *look) error {
	if c.Format == "text" {
		return c.text(env, path, l)
	}
	o := l.line
	d := document{Head: report.NewHead(env.Prog, cli.Version()), Path: path, neighbour: *o.place(), ErrorOffset: -1, Reason: o.reason,
		Repair: mended{"kept", []piece{}, len(l.pieces) > report.MaxPieces}, Before: l.before.place(), After: l.after.place()}
	if o.Faults != 0 {
		d.Type, d.Severity = &o.Fault, new(l.o.Checker.Severity(o.Fault))
		d.Also = (o.Faults &^ (1 << o.Fault)).Types()
		if o.At >= 0 {
			d.ErrorOffset = o.mark
		}
	}
	if l.action != nil {
		d.Repair.Action = l.action.String()
	}
	for _, p := range l.pieces[:min(len(l.pieces), report.MaxPieces)] {
		one := piece{p.Fate, p.Offset, p.Length, ""}
		if p.Fate == mend.Add {
			one.Text = string(p.Text)
		}
		d.Repair.Pieces = append(d.Repair.Pieces, one)
	}
	return report.WriteObject(env.Stdout, d)
}

// text shows the line to a person.
func (c *Command) text(env *cli.Env, path string, l *look) error {
	o, w, paint := l.line, env.Stdout, env.Painter(&c.Coloring)
	lines := report.Lines{W: w, Width: env.Width(), Red: paint.Red}
	fmt.Fprintf(w, "%s:%d: byte %d, %d bytes", safetext.String(path), o.Line, o.Offset, o.Length)
	if o.At >= 0 && o.Faults != 0 {
		fmt.Fprintf(w, ", fault at byte %d", o.mark)
	}
	fmt.Fprintf(w, ": %s\n", verdict(l))
	if o.reason != "" {
		fmt.Fprintf(w, "  %s\n", safetext.String(o.reason))
	}
	fmt.Fprintln(w)
	wide := len(fmt.Sprint(o.Line + 1))
	for _, one := range []*line{l.before, o, l.after} {
		if one == nil {
			continue
		}
		if err := lines.Marked(fmt.Sprintf("%*d | ", wide, one.Line), one.around, one.at); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	if info := o.Fault.Info(); o.Faults != 0 {
		fmt.Fprintf(w, "what:   %s\ncause:  %s\nrepair: %s\n", info.What, info.Cause, info.Remedy)
	}
	if l.action == nil {
		_, err := fmt.Fprintln(w, "A repair keeps the line as it is.")
		return err
	}
	fmt.Fprintf(w, "The line would be %s:\n", *l.action)
	return lines.Pieces(slices.Values(l.pieces))
}

// verdict names the faults.
func verdict(l *look) string {
	o := l.line
	if o.Faults == 0 {
		return "healthy"
	}
	text := fmt.Sprintf("%s (%s)", strings.ToUpper(o.Fault.String()), l.o.Checker.Severity(o.Fault))
	for _, t := range (o.Faults &^ (1 << o.Fault)).Types() {
		text += ", " + t.String()
	}
	return text
}
