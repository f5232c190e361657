package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/papyra-tools/papyra/internal/durable"
)

var (
	reflectLog   = reflect.TypeFor[Log]()
	reflectFound = reflect.TypeFor[Found]()
)

// Gather puts together what became of all parts: one report, or the manifest of
// the files with records.
type Gather struct {
	Step   string
	Flags  []string
	Output string
}

// ProcessElement is called with everything at once.
func (g *Gather) ProcessElement(ctx context.Context, _ string, next func(*Found) bool) error {
	var all []Found
	for f := (Found{}); next(&f); f = (Found{}) {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Part.Path, b.Part.Path), cmp.Compare(a.Part.From, b.Part.From))
	})
	return durable.WriteFile(g.Output, 0o644, func(w io.Writer) error {
		if g.Step == "filter" {
			return manifest(w, all)
		}
		return g.merge(ctx, w, all)
	})
}

// manifest lists the files in the order of the logs: put one after the other
// they are what filter prints.
func manifest(w io.Writer, all []Found) error {
	for _, f := range all {
		if _, err := fmt.Fprintf(w, "%s\n", f.Text); err != nil {
			return err
		}
	}
	return nil
}

// merge is the step's own --merge.
func (g *Gather) merge(ctx context.Context, w io.Writer, all []Found) error {
	dir, err := os.MkdirTemp("", "papyra-")
	if err != nil {
		return fmt.Errorf("hold the reports: %w", err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "reports")
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("hold the reports: %w", err)
	}
	defer f.Close()
	for _, x := range all {
		if _, err := f.Write(x.Text); err != nil {
			return fmt.Errorf("hold the reports: %w", err)
		}
	}
	var text strings.Builder
	code, said := run(ctx, step(g.Step), &text, append([]string{"--json", "--merge", name}, g.Flags...))
	if !strings.HasSuffix(text.String(), "}\n") || said != "" {
		return fmt.Errorf("merge the reports: exit code %d: %s", code, said)
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// partName is the name of the file with the records of a part: the same however
// often the part is tried.
func partName(p Part) string {
	sum := sha256.Sum256([]byte(p.Path))
	return fmt.Sprintf("part-%s-%020d.ndjson", hex.EncodeToString(sum[:6]), p.From)
}
