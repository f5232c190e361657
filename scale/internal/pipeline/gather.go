package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
)

var (
	reflectLog   = reflect.TypeFor[Log]()
	reflectFound = reflect.TypeFor[Found]()
)

// Fold puts together what became of parts that follow each other. It can be done
// in groups, and to what became of groups: the last worker then has little to do.
// What it is given waits in a temporary file, and only its places in memory.
type Fold struct {
	Step  string
	Flags []string
}

// ProcessElement folds a group of logs.
func (f *Fold) ProcessElement(ctx context.Context, _ int64, next func(*Found) bool, emit func(int64, Found)) error {
	var text bytes.Buffer
	first, err := f.fold(ctx, next, &text)
	if err == nil {
		emit(0, Found{first, text.Bytes()})
	}
	return err
}

// Gather folds all groups into the report, or into the manifest of the files with
// records: put one after the other, they are what filter prints.
type Gather struct {
	Fold
	Output string
}

// ProcessElement is called once.
func (g *Gather) ProcessElement(ctx context.Context, _ int64, next func(*Found) bool) error {
	return durable.WriteFile(g.Output, 0o644, func(w io.Writer) error {
		_, err := g.fold(ctx, next, w)
		return err
	})
}

// place is where the text that was found of some parts waits.
type place struct {
	Part
	at, length int64
}

// fold writes the report on all, or the list of all names, and returns the first
// of the parts.
func (f *Fold) fold(ctx context.Context, next func(*Found) bool, w io.Writer) (first Part, err error) {
	held, err := os.CreateTemp("", "papyra-")
	if err != nil {
		return first, fmt.Errorf("hold the reports: %w", err)
	}
	defer os.Remove(held.Name())
	defer held.Close()
	var all []place
	var size int64
	for x := (Found{}); next(&x); x = (Found{}) {
		if _, err := held.Write(x.Text); err != nil {
			return first, fmt.Errorf("hold the reports: %w", err)
		}
		all = append(all, place{x.Part, size, int64(len(x.Text))})
		size += int64(len(x.Text))
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.From, b.From))
	})
	texts := make([]io.Reader, len(all))
	for i, x := range all {
		texts[i] = io.NewSectionReader(held, x.at, x.length)
	}
	in := io.MultiReader(texts...)
	if f.Step == "filter" {
		if _, err := io.Copy(w, in); err != nil {
			return first, fmt.Errorf("list the files: %w", err)
		}
		return all[0].Part, nil
	}
	// The step's own merge. It says nothing unless it fails.
	code, said := run(ctx, nil, step(f.Step), in, w, append([]string{"--json", "--merge", "-"}, f.Flags...))
	if code == cli.ExitUsage || said != "" {
		return first, fmt.Errorf("merge the reports: exit code %d: %s", code, said)
	}
	return all[0].Part, nil
}

// partName is the name of the file with the records of a part: the same however
// often the part is tried.
func partName(p Part) string {
	sum := sha256.Sum256([]byte(p.Path))
	return fmt.Sprintf("part-%s-%020d.ndjson", hex.EncodeToString(sum[:6]), p.From)
}
