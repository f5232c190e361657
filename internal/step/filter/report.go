package filter

import (
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
)

// fileReport tells what was printed of one log.
type fileReport struct {
	report.Log
	selection.Summary
}

// report says what was not printed for being damaged.
func (c *Command) report(env *cli.Env, path string, sum *selection.Summary) {
	switch n := sum.Damaged; {
	case n == 0 || c.OnCorrupt == "fail":
	case c.OnCorrupt == "pass":
		c.note(env, "%s: %s, of these and blank ones %d printed", path, lines(n, "damaged"), sum.Passed)
	default:
		c.note(env, "%s: skipped %s", path, lines(n, "damaged"))
	}
	if sum.Unfinished > 0 {
		c.note(env, "%s: left out an unfinished last line of %d bytes", path, sum.Unfinished)
	}
}

func lines(n int64, what string) string {
	if n == 1 {
		return "1 " + what + " line"
	}
	return fmt.Sprintf("%d %s lines", n, what)
}

// note says something to a person, on standard error.
func (c *Command) note(env *cli.Env, format string, args ...any) {
	if c.Format != "text" {
		return
	}
	fmt.Fprintf(env.Notes(&c.Output), "%s: %s\n", env.Prog, safetext.String(fmt.Sprintf(format, args...)))
}
