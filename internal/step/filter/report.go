package filter

import (
	"fmt"

	"github.com/goccy/go-json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
)

// document is the JSON report. The records are the data of this step, so that
// the report goes to standard error.
type document struct {
	Schema  int           `json:"schema"`
	Tool    string        `json:"tool"`
	Version string        `json:"version"`
	Files   []*fileReport `json:"files"`
}

// fileReport tells what was printed of one log.
type fileReport struct {
	Path    string `json:"path"`
	Missing bool   `json:"missing,omitempty"`
	selection.Summary
	Failure string `json:"failure,omitempty"`
}

// showJSON prints the report in a format for programs.
func (c *Command) showJSON(env *cli.Env, doc *document) error {
	var values []any
	switch c.Format {
	case "json":
		values = []any{doc}
	case "ndjson":
		for _, f := range doc.Files {
			values = append(values, struct {
				Schema int `json:"schema"`
				*fileReport
			}{1, f})
		}
	}
	for _, v := range values {
		text, err := json.Marshal(v)
		if err == nil {
			_, err = env.Stderr.Write(append(text, '\n'))
		}
		if err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
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
