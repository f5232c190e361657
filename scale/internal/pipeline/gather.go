package pipeline

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/spool"
)

var (
	reflectBatch = reflect.TypeFor[Batch]()
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
	if err != nil {
		return err
	}
	packed, err := pack(text.Bytes())
	emit(0, Found{first, packed})
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
	held := &spool.Spool{What: "the reports"}
	defer held.Close()
	var all []place
	for x := (Found{}); next(&x); x = (Found{}) {
		text, err := gzip.NewReader(bytes.NewReader(x.Packed))
		if err != nil {
			return first, fmt.Errorf("unpack what was found: %w", err)
		}
		at := held.Size()
		n, err := io.Copy(held, text)
		if err != nil {
			return first, err
		}
		all = append(all, place{x.Part, at, n})
	}
	again, err := held.Reader()
	if err != nil {
		return first, err
	}
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.Paths[0], b.Paths[0]), cmp.Compare(a.From, b.From))
	})
	texts := make([]io.Reader, len(all))
	for i, x := range all {
		texts[i] = io.NewSectionReader(again, x.at, x.length)
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

// pack compresses a text. A runner keeps what was found of every part until all
// are done, and reports are much alike.
func pack(text []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err == nil {
		_, err = w.Write(text)
		err = errors.Join(err, w.Close())
	}
	return packed.Bytes(), err
}

// partName is the name of the file with the records of a part: the same however
// often the part is tried.
func partName(p Part) string {
	sum := sha256.Sum256([]byte(p.Paths[0]))
	return fmt.Sprintf("part-%s-%020d.ndjson", hex.EncodeToString(sum[:6]), p.From)
}
