package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/papyra-tools/papyra/internal/opening"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Range is a part of a log: the lines that start at byte From or behind it and
// before byte To, which is 0 for the end of the log.
type Range struct{ From, To int64 }

// UnmarshalText reads A:B, both sizes; B may be left out.
func (r *Range) UnmarshalText(text []byte) error {
	a, b, ok := strings.Cut(string(text), ":")
	if !ok {
		return fmt.Errorf("bad range %q: want A:B, in bytes, or A: for the rest of the log", text)
	}
	from, err := ParseSize(a)
	if err != nil {
		return fmt.Errorf("bad range %q: %w", text, err)
	}
	to := Size(0)
	if b != "" {
		if to, err = ParseSize(b); err != nil {
			return fmt.Errorf("bad range %q: %w", text, err)
		}
		if to <= from {
			return fmt.Errorf("bad range %q: it ends before it begins", text)
		}
	}
	*r = Range{int64(from), int64(to)}
	return nil
}

// Shard says what part of a log is looked at, and how.
func (r *Range) Shard(c *Checking) survey.Shard {
	settings := fmt.Sprintf("--max-line-bytes %s --max-skew %s --reader %s", c.MaxLineBytes, c.MaxSkew, c.Reader)
	for _, kind := range c.AllowKind {
		settings += " --allow-kind " + kind
	}
	return survey.Shard{From: r.From, To: r.To, Host: Host(), Settings: settings}
}

// Host is the name of this machine as reports tell it to people, or empty.
func Host() string {
	name, _ := os.Hostname()
	return name
}

// OpenReport opens a report that is to be merged; "-" is standard input.
func (e *Env) OpenReport(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(e.Stdin), nil
	}
	return opening.Read(e.Ctx, name)
}
