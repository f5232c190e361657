package repair

import (
	"fmt"
	"io"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
)

// lister shows the changes of a dry run to a person, with the fault marked.
type lister struct {
	report.Lines
	path          string
	verbose, diff bool
}

func (c *Command) lister(env *cli.Env, w io.Writer, path string) *lister {
	return &lister{Lines: report.Lines{W: w, Width: env.Width(), Red: env.Painter(&c.Coloring).Red}, path: safetext.String(path),
		verbose: c.Verbose, diff: c.Diff}
}

// show is an observer.
func (l *lister) show(c mend.Change) error {
	if c.Continues {
		if l.diff && c.Type != record.OversizedLine { // of which each piece is dropped
			return l.Pieces(c.Pieces)
		}
		return nil
	}
	also := ""
	if rest := (c.Faults &^ (1 << c.Type)).Types(); l.verbose && len(rest) > 0 {
		var names []string
		for _, t := range rest {
			names = append(names, t.String())
		}
		also = ", also " + strings.Join(names, ", ")
	}
	place := fmt.Sprintf("%s:%d: byte %d", l.path, c.Line, c.Offset)
	if c.At >= 0 {
		place += fmt.Sprintf(", fault at byte %d", c.Offset+int64(c.At))
	}
	reason := ""
	if c.Reason != "" {
		reason = " (" + safetext.String(c.Reason) + ")"
	}
	_, err := fmt.Fprintf(l.W, "%s: %s%s: would be %s%s\n", place, upper(c.Type), also, c.Action, reason)
	if err == nil && c.Raw != nil {
		err = l.Marked("    ", c.Raw, c.At)
	}
	if err == nil && l.diff {
		err = l.Pieces(c.Pieces)
	}
	return err
}
