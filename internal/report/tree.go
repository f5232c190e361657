package report

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// Tree sums up the logs of folders, of which there may be too many to look at
// each.
type Tree struct {
	// Profiles counts the logs by profile, other than Papyra's.
	Profiles map[string]int64 `json:"profiles,omitempty"`
	// Worst are those with the most errors, up to ten.
	Worst []Worst `json:"worst"`
	// Repair is what a repair of all would save.
	Repair survey.Repair `json:"repair"`
}

// Worst is a log with anomalies.
type Worst struct {
	Path     string           `json:"path"`
	Errors   int64            `json:"errors"`
	Warnings int64            `json:"warnings"`
	Counts   map[string]int64 `json:"counts"`
}

// maxWorst is how many logs are named.
const maxWorst = 10

// OfTree has the document sum up the logs as those of folders.
func (d *Document) OfTree() { d.Tree = &Tree{Worst: []Worst{}} }

func (t *Tree) add(f *survey.Result) {
	if f.Profile != "" {
		t.Profiles = sum(t.Profiles, map[string]int64{f.Profile: 1}, maxKinds)
	}
	if f.Repair != nil {
		t.Repair.Add(f.Repair)
	}
	if f.Total() == 0 {
		return
	}
	w := Worst{f.Path, f.Errors, f.Warnings, f.Counts}
	i, _ := slices.BinarySearchFunc(t.Worst, w, func(a, b Worst) int {
		// One as bad as those before it comes behind them.
		return cmp.Or(cmp.Compare(b.Errors, a.Errors), cmp.Compare(b.Warnings, a.Warnings), -1)
	})
	if t.Worst = slices.Insert(t.Worst, i, w); len(t.Worst) > maxWorst {
		t.Worst = t.Worst[:maxWorst]
	}
}

// write is what a person reads below the totals.
func (t *Tree) write(w *bufio.Writer, total *Total) {
	list := func(counts map[string]int64) string {
		var parts []string
		for _, c := range byType(counts) {
			parts = append(parts, fmt.Sprintf("%s %s", clean(c.name), humanize.Comma(c.n)))
		}
		return strings.Join(parts, ", ")
	}
	if len(t.Profiles) > 0 {
		fmt.Fprintln(w, "profiles:", list(t.Profiles))
	}
	if len(total.Counts) > 0 {
		fmt.Fprintln(w, "damage:", list(total.Counts))
	}
	if len(t.Worst) > 0 {
		fmt.Fprintln(w, "worst:")
	}
	for _, f := range t.Worst {
		fmt.Fprintf(w, "  %s: %s, %s (%s)\n", label(f.Path), humanize.Count(f.Errors, "error"), humanize.Count(f.Warnings, "warning"), list(f.Counts))
	}
	if r := t.Repair; r.Damaged > 0 {
		fmt.Fprintf(w, "a repair would keep %s and save %s more from %s; on %s there is none\n", humanize.Count(total.Records, "record"),
			humanize.Comma(r.Saved), humanize.Count(r.Damaged, "damaged line"), humanize.Comma(r.Lost))
		if r.Rejoined > 0 {
			fmt.Fprintf(w, "with --rejoin it would save %s more, each cut into several of these lines\n", humanize.Count(r.Rejoined, "record"))
		}
	}
}
