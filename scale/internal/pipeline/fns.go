package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/scan"
	"github.com/papyra-tools/papyra/pkg/stream"
)

func init() {
	register.DoFn3x1[context.Context, []byte, func(Part), error](&Divide{})
	register.DoFn3x1[context.Context, Part, func(string, Found), error](&Work{})
	register.DoFn3x1[context.Context, string, func(*Found) bool, error](&Gather{})
	register.Emitter1[Part]()
	register.Emitter2[string, Found]()
	register.Iter1[Found]()
	beam.RegisterType(reflectPart)
	beam.RegisterType(reflectFound)
}

// Part is a range of a log, which one worker looks at.
type Part struct {
	Path     string
	From, To int64 // To 0 means the end
}

func (p Part) rangeFlag() string {
	if p.To == 0 {
		return fmt.Sprintf("%d:", p.From)
	}
	return fmt.Sprintf("%d:%d", p.From, p.To)
}

// Found is what became of a part: the report on it, or the name of a file with
// its records.
type Found struct {
	Part Part
	Text []byte
}

// Divide turns the names of logs, patterns among them, into parts.
type Divide struct {
	Patterns []string
	Size     int64
}

// ProcessElement is called once.
func (d *Divide) ProcessElement(_ context.Context, _ []byte, emit func(Part)) error {
	paths, err := expand(d.Patterns)
	if err != nil {
		return err
	}
	for _, path := range paths {
		log, err := stream.Open(path)
		if err != nil {
			return err
		}
		size, whole := log.Size(), !log.Seekable()
		if err := log.Close(); err != nil {
			return err
		}
		if size < 0 {
			return fmt.Errorf("%s: %w", path, stream.ErrNoParts)
		}
		for from := int64(0); ; from += d.Size {
			if whole || from >= size-d.Size {
				emit(Part{path, from, 0})
				break
			}
			emit(Part{path, from, from + d.Size})
		}
	}
	return nil
}

// expand returns the logs that patterns mean, by name, each once. A pattern that
// means none is an error, as is a log that does not exist.
func expand(patterns []string) ([]string, error) {
	var all []string
	for _, p := range patterns {
		if !strings.ContainsAny(p, `*?[`) {
			all = append(all, p)
			continue
		}
		found, err := filepath.Glob(p)
		if err != nil {
			return nil, fmt.Errorf("expand %q: %w", p, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%q means no log", p)
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// Work runs a step on a part.
type Work struct {
	Filter bool
	Flags  []string
	Dir    string // where the records of a part go
}

// ProcessElement may run several times on one part, of which the last one counts.
func (w *Work) ProcessElement(ctx context.Context, p Part, emit func(string, Found)) error {
	args := append(slices.Clone(w.Flags), "--range", p.rangeFlag(), "--", p.Path)
	if w.Filter {
		text, err := w.print(ctx, p, args)
		if err == nil {
			emit("", Found{p, text})
		}
		return err
	}
	var report bytes.Buffer
	code, said := run(ctx, scan.Step, &report, append([]string{"--json"}, args...))
	if report.Len() == 0 || code == cli.ExitUsage {
		return fmt.Errorf("scan bytes %s of %s: exit code %d: %s", p.rangeFlag(), p.Path, code, said)
	}
	emit("", Found{p, report.Bytes()})
	return nil
}

// print writes what filter prints of a part into a file of its own, which
// appears when it is whole.
func (w *Work) print(ctx context.Context, p Part, args []string) (name []byte, err error) {
	f, err := os.CreateTemp(w.Dir, ".part-")
	if err != nil {
		return nil, fmt.Errorf("make a part: %w", err)
	}
	defer os.Remove(f.Name())
	code, said := run(ctx, filter.Step, f, args)
	if err := f.Sync(); err != nil {
		return nil, fmt.Errorf("write a part: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("write a part: %w", err)
	}
	if code != cli.ExitOK {
		return nil, fmt.Errorf("filter bytes %s of %s: exit code %d: %s", p.rangeFlag(), p.Path, code, said)
	}
	target := partName(p)
	if err := os.Rename(f.Name(), filepath.Join(w.Dir, target)); err != nil {
		return nil, fmt.Errorf("name a part: %w", err)
	}
	return []byte(target), nil
}

// run runs a step in this process, with no settings but its flags.
func run(ctx context.Context, step cli.Step, stdout io.Writer, args []string) (code int, said string) {
	var stderr bytes.Buffer
	env := &cli.Env{Ctx: ctx, Stdout: stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: time.Now}
	code = cli.Run(env, step.Binary, step.Description, step.New(), args)
	return code, strings.TrimSpace(stderr.String())
}
