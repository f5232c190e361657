package appender

import (
	"fmt"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
)

// SyncMode says when what was appended is made durable.
//
// Written batch (one fsync for all that was waiting), always (one for each
// record), interval=DURATION (one at most that long after a record was written)
// or never (the operating system writes when it likes, and nothing is
// acknowledged).
type SyncMode struct {
	word  string
	every time.Duration // for interval
}

var syncWords = []string{"batch", "always", "interval", "never"}

// UnmarshalText reads a mode; upper and lower case are the same.
func (m *SyncMode) UnmarshalText(text []byte) error {
	name, span, given := strings.Cut(strings.TrimSpace(string(text)), "=")
	word, err := cli.Word(name, syncWords)
	if err != nil {
		return fmt.Errorf("bad sync mode: %w", err)
	}
	if word != "interval" {
		if given {
			return fmt.Errorf("bad sync mode %q: %s takes no value", text, word)
		}
		*m = SyncMode{word: word}
		return nil
	}
	if !given {
		return fmt.Errorf("bad sync mode %q: say how often, as in interval=1s", text)
	}
	every, err := cli.ParseDuration(span)
	if err != nil {
		return fmt.Errorf("bad sync mode %q: %w", text, err)
	}
	if every == 0 {
		return fmt.Errorf("bad sync mode %q: for no delay at all say always or batch", text)
	}
	*m = SyncMode{word: word, every: every.Std()}
	return nil
}

// String is the spelling that UnmarshalText reads.
func (m SyncMode) String() string {
	if m.word == "interval" {
		return "interval=" + cli.Duration(m.every).String()
	}
	return m.word
}
