package repair

import (
	"fmt"
	"io"
	"strings"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/mend"
)

// lister shows the changes of a dry run to a person, with the fault marked.
type lister struct {
	w       io.Writer
	path    string
	width   int
	paint   cli.Painter
	verbose bool
}

func (c *Command) lister(env *cli.Env, w io.Writer, path string) *lister {
	return &lister{w: w, path: safetext.String(path), width: max(env.Width(), 20), paint: env.Painter(&c.Output), verbose: c.Verbose}
}

// show is an observer.
func (l *lister) show(c mend.Change) error {
	if c.Continues {
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
	_, err := fmt.Fprintf(l.w, "%s: %s%s: would be %s%s\n", place, upper(c.Type), also, c.Action, reason)
	if err != nil || c.Raw == nil {
		return err
	}
	text, mark := excerpt(c.Raw, c.At, l.width-4)
	if _, err := fmt.Fprintf(l.w, "    %s\n", text); err != nil || mark < 0 {
		return err
	}
	_, err = fmt.Fprintf(l.w, "    %s%s\n", strings.Repeat(" ", mark), l.paint.Red("^"))
	return err
}

// excerpt returns the part of a line around the byte at, escaped and cut to a
// width, and the column of that byte; -1 if at is.
func excerpt(raw []byte, at, width int) (text string, mark int) {
	raw = []byte(strings.TrimSuffix(string(clipRaw(&raw, &at, width)), "\n"))
	if at < 0 {
		return safetext.Clip(string(raw), width), -1
	}
	at = min(at, len(raw))
	before, after := safetext.String(string(raw[:at])), safetext.String(string(raw[at:]))
	// The fault stands at two thirds of the width at most.
	if over := safetext.Width(before) - width*2/3; over > 0 {
		runes := []rune(before)
		for over > -1 && len(runes) > 0 {
			over -= safetext.Width(string(runes[0]))
			runes = runes[1:]
		}
		before = "…" + string(runes)
	}
	return before + safetext.Clip(after, width-safetext.Width(before)), safetext.Width(before)
}

// clipRaw narrows a long line to what can be seen at all, so that a line of
// megabytes is not escaped for the sake of eighty columns.
func clipRaw(raw *[]byte, at *int, width int) []byte {
	b := *raw
	if *at > width {
		b = b[*at-width:]
		*at = width
	}
	return b[:min(len(b), max(*at, 0)+width)]
}
