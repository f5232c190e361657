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
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/rtrackers/offsetrange"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/step/filter"
	"github.com/papyra-tools/papyra/internal/step/inspect"
	"github.com/papyra-tools/papyra/internal/step/scan"
	"github.com/papyra-tools/papyra/pkg/stream"
)

func init() {
	register.DoFn3x1[context.Context, []byte, func(Batch), error](&Find{})
	register.DoFn4x1[context.Context, *sdf.LockRTracker, Batch, func(int64, Found), error](&Work{})
	register.DoFn4x1[context.Context, int64, func(*Found) bool, func(int64, Found), error](&Fold{})
	register.DoFn3x1[context.Context, int64, func(*Found) bool, error](&Gather{})
	register.Emitter1[Batch]()
	register.Emitter2[int64, Found]()
	register.Iter1[Found]()
	beam.RegisterType(reflectBatch)
	beam.RegisterType(reflectFound)
}

// Part is a range of a log, or of each of several, which one worker looks at.
type Part struct {
	Paths    []string
	From, To int64 // To 0 means the end
}

func (p Part) String() string {
	return fmt.Sprintf("bytes %s of %s", p.rangeFlag(), strings.Join(p.Paths, ", "))
}

func (p Part) rangeFlag() string {
	if p.To == 0 {
		return fmt.Sprintf("%d:", p.From)
	}
	return fmt.Sprintf("%d:%d", p.From, p.To)
}

// Found is what became of a part, and perhaps of others behind it: the report on
// it, or the name of a file with its records, compressed with gzip.
type Found struct {
	Part   Part
	Packed []byte
}

// Batch is a log that is looked at in parts of Step bytes, or several small ones
// whose names follow each other, which are one part: a runner's bookkeeping on an
// element takes longer than to read a small log.
type Batch struct {
	Paths      []string
	Size, Step int64
	Group      int64 // of logs that follow each other, whose reports are put together first
}

// groupLogs is how many logs are in a group.
const groupLogs = 64

// unpacked is how many bytes a compressed one may stand for.
const unpacked = 8

// parts is how many there are, one at least.
func (b *Batch) parts() int64 { return max(1, (b.Size+b.Step-1)/b.Step) }

func (b *Batch) part(i int64) Part {
	if i == b.parts()-1 {
		return Part{b.Paths, i * b.Step, 0}
	}
	return Part{b.Paths, i * b.Step, (i + 1) * b.Step}
}

// Find turns the names of logs, patterns among them, into batches.
type Find struct {
	Patterns []string
	Step     int64

	store store
}

// ProcessElement is called once.
func (d *Find) ProcessElement(ctx context.Context, _ []byte, emit func(Batch)) error {
	paths, err := d.expand(ctx)
	if err != nil {
		return err
	}
	var b Batch
	for i, path := range paths {
		log, err := d.store.open(ctx, path)
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
		step := d.Step
		if whole {
			size *= unpacked
			step = max(step, size)
		}
		if i > 0 && (i%groupLogs == 0 || b.Size+size > d.Step) {
			emit(b)
			b = Batch{}
		}
		b = Batch{append(b.Paths, path), b.Size + size, max(b.Step, step), int64(i / groupLogs)}
	}
	emit(b)
	return nil
}

// expand returns the logs that patterns mean, by name, each once. A pattern that
// means none is an error, as is a log that does not exist.
func (d *Find) expand(ctx context.Context) ([]string, error) {
	var all []string
	for _, p := range d.Patterns {
		if !strings.ContainsAny(p, metas) {
			all = append(all, p)
			continue
		}
		found, err := d.store.glob(ctx, p)
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

// Work runs a step on batches, part by part. A runner may divide what is left of a
// log at any time: parts are claimed one by one, by their number.
type Work struct {
	Step  string // scan, inspect or filter
	Flags []string
	Dir   string // where filter puts the records of a part

	store store
}

// step returns the step itself.
func step(name string) cli.Step {
	return map[string]cli.Step{"scan": scan.Step, "inspect": inspect.Step, "filter": filter.Step}[name]
}

// CreateInitialRestriction is all parts of a batch.
func (*Work) CreateInitialRestriction(b Batch) offsetrange.Restriction {
	return offsetrange.Restriction{End: b.parts()}
}

// partsAtOnce is how many parts a worker is given to start with.
const partsAtOnce = 4

// SplitRestriction divides a log before any work is done.
func (*Work) SplitRestriction(_ Batch, r offsetrange.Restriction) []offsetrange.Restriction {
	return r.SizedSplits(partsAtOnce)
}

// RestrictionSize is how many bytes some parts have.
func (*Work) RestrictionSize(b Batch, r offsetrange.Restriction) float64 {
	return float64(min(r.End*b.Step, b.Size) - min(r.Start*b.Step, b.Size))
}

// CreateTracker keeps count of the parts that are claimed.
func (*Work) CreateTracker(r offsetrange.Restriction) *sdf.LockRTracker {
	return sdf.NewLockRTracker(offsetrange.NewTracker(r))
}

// ProcessElement looks at the parts that can be claimed.
func (w *Work) ProcessElement(ctx context.Context, rt *sdf.LockRTracker, b Batch, emit func(int64, Found)) error {
	for i := rt.GetRestriction().(offsetrange.Restriction).Start; rt.TryClaim(i); i++ {
		found, err := w.part(ctx, b.part(i))
		if err != nil {
			return err
		}
		emit(b.Group, found)
	}
	return rt.GetError()
}

// part may run several times on one part, of which the last one counts.
func (w *Work) part(ctx context.Context, p Part) (Found, error) {
	ctx, done := context.WithCancel(ctx)
	defer done() // with what was asked for of an object
	args := slices.Concat(w.Flags, []string{"--range", p.rangeFlag(), "--"}, p.Paths)
	look := w.report
	if w.Step == "filter" {
		look = w.print
	}
	text, err := look(ctx, p, args)
	if err != nil {
		return Found{}, err
	}
	packed, err := pack(text)
	return Found{p, packed}, err
}

// report returns the step's report on a part.
func (w *Work) report(ctx context.Context, p Part, args []string) ([]byte, error) {
	var report bytes.Buffer
	code, said := run(ctx, w.store.open, step(w.Step), nil, &report, append([]string{"--json"}, args...))
	if report.Len() == 0 || code == cli.ExitUsage {
		return nil, fmt.Errorf("%s %s: exit code %d: %s", w.Step, p, code, said)
	}
	return report.Bytes(), nil
}

// print writes what filter prints of a part into a file of its own, which
// appears when it is whole.
func (w *Work) print(ctx context.Context, p Part, args []string) (name []byte, err error) {
	f, err := os.CreateTemp(w.Dir, ".part-")
	if err != nil {
		return nil, fmt.Errorf("make a part: %w", err)
	}
	defer os.Remove(f.Name())
	code, said := run(ctx, w.store.open, filter.Step, nil, f, args)
	if err := f.Sync(); err != nil {
		return nil, fmt.Errorf("write a part: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("write a part: %w", err)
	}
	if code != cli.ExitOK {
		return nil, fmt.Errorf("filter %s: exit code %d: %s", p, code, said)
	}
	target := partName(p)
	if err := os.Rename(f.Name(), filepath.Join(w.Dir, target)); err != nil {
		return nil, fmt.Errorf("name a part: %w", err)
	}
	return []byte(target + "\n"), nil
}

// opener opens a log by its name.
type opener func(context.Context, string) (*stream.Log, error)

// run runs a step in this process, with no settings but its flags.
func run(ctx context.Context, open opener, step cli.Step, stdin io.Reader, stdout io.Writer, args []string) (code int, said string) {
	var stderr bytes.Buffer
	env := &cli.Env{Ctx: ctx, Stdin: stdin, Stdout: stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: time.Now, Open: open}
	code = cli.Run(env, step.Binary, step.Description, step.New(), args)
	return code, strings.TrimSpace(stderr.String())
}
