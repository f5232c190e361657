package durable

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// Outcome is what whoever had a log replaced is told, in every report.
type Outcome struct {
	// Guarantee is the one that held: Raced, too, if the kernel took the lease
	// away because this process stood still for longer than a lease lasts. ""
	// if nothing was replaced.
	Guarantee Guarantee     `json:"guarantee,omitempty"`
	Held      time.Duration `json:"longest_wait_ns,omitempty"` // the longest that a writer may have had to wait
	// Late is how many of the bytes that others appended came after writers
	// were let go: they may stand behind younger records.
	Late int64 `json:"bytes_late,omitempty"`
	// Unseen is how many processes there were whose mounts this user may not
	// see. One of them may have the file mounted by itself.
	Unseen    int        `json:"processes_unseen,omitempty"`
	Recovered []Recovery `json:"recovered,omitempty"`
}

// Recovery says what was done about a killed run.
type Recovery struct {
	// Action is "removed" (an unfinished new file), "undone" (the log had not
	// been replaced, or its replacement was taken back), "finished" (it had
	// been replaced) or "set aside" (none of the files is one that the journal
	// knows, as after a copy of the directory: Left has what was there).
	Action  string   `json:"action"`
	Carried int64    `json:"bytes_carried"`  // appended bytes that were brought over
	Left    []string `json:"left,omitempty"` // files of that run that stay, and are not in the way
}

// Tell writes it for a person, a line for each thing that there is to say.
func (o Outcome) Tell(w io.Writer) {
	for _, r := range o.Recovered {
		fmt.Fprintf(w, "an interrupted rewrite was %s", safetext.String(r.Action))
		if r.Carried > 0 {
			fmt.Fprintf(w, "; %d bytes that others had appended were brought over", r.Carried)
		}
		if len(r.Left) > 0 {
			fmt.Fprintf(w, "; left: %s", safetext.String(strings.Join(r.Left, ", ")))
		}
		fmt.Fprintln(w)
	}
	if o.Guarantee == "" {
		return
	}
	fmt.Fprintf(w, "guarantee: %s\n", o.Guarantee)
	if o.Held > 0 {
		fmt.Fprintf(w, "longest wait of a writer: at most %s\n", o.Held.Round(10*time.Microsecond))
	}
	if o.Late > 0 {
		fmt.Fprintf(w, "appended late: %d bytes, which may stand behind younger records\n", o.Late)
	}
	if o.Unseen > 0 {
		fmt.Fprintf(w, "mount tables of processes that could not be read: %d\n", o.Unseen)
	}
}
