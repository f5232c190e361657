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
	register.DoFn3x1[context.Context, []byte, func(Log), error](&Find{})
	register.DoFn4x1[context.Context, *sdf.LockRTracker, Log, func(int64, Found), error](&Work{})
	register.DoFn4x1[context.Context, int64, func(*Found) bool, func(int64, Found), error](&Fold{})
	register.DoFn3x1[context.Context, int64, func(*Found) bool, error](&Gather{})
	register.Emitter1[Log]()
	register.Emitter2[int64, Found]()
	register.Iter1[Found]()
	beam.RegisterType(reflectLog)
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

// Found is what became of a part, and perhaps of others behind it: the report on
// it, or the name of a file with its records.
type Found struct {
	Part Part
	Text []byte
}

// Log is a log that is looked at in parts of Step bytes.
type Log struct {
	Path       string
	Size, Step int64
	Group      int64 // of logs that follow each other, whose reports are put together first
}

// groupLogs is how many logs are in a group.
const groupLogs = 64

// parts is how many there are, one at least.
func (l Log) parts() int64 { return max(1, (l.Size+l.Step-1)/l.Step) }

func (l Log) part(i int64) Part {
	if i == l.parts()-1 {
		return Part{l.Path, i * l.Step, 0}
	}
	return Part{l.Path, i * l.Step, (i + 1) * l.Step}
}

// Find turns the names of logs, patterns among them, into logs.
type Find struct {
	Patterns []string
	Step     int64

	store store
}

// ProcessElement is called once.
func (d *Find) ProcessElement(ctx context.Context, _ []byte, emit func(Log)) error {
	paths, err := d.expand(ctx)
	if err != nil {
		return err
	}
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
			step = max(size, 1)
		}
		emit(Log{path, size, step, int64(i / groupLogs)})
	}
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

// Work runs a step on logs, part by part. A runner may divide what is left of a
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

// CreateInitialRestriction is all parts of a log.
func (*Work) CreateInitialRestriction(l Log) offsetrange.Restriction {
	return offsetrange.Restriction{End: l.parts()}
}

// partsAtOnce is how many parts a worker is given to start with.
const partsAtOnce = 4

// SplitRestriction divides a log before any work is done.
func (*Work) SplitRestriction(_ Log, r offsetrange.Restriction) []offsetrange.Restriction {
	return r.SizedSplits(partsAtOnce)
}

// RestrictionSize is how many bytes some parts have.
func (*Work) RestrictionSize(l Log, r offsetrange.Restriction) float64 {
	return float64(min(r.End*l.Step, l.Size) - min(r.Start*l.Step, l.Size))
}

// CreateTracker keeps count of the parts that are claimed.
func (*Work) CreateTracker(r offsetrange.Restriction) *sdf.LockRTracker {
	return sdf.NewLockRTracker(offsetrange.NewTracker(r))
}

// ProcessElement looks at the parts that can be claimed.
func (w *Work) ProcessElement(ctx context.Context, rt *sdf.LockRTracker, l Log, emit func(int64, Found)) error {
	for i := rt.GetRestriction().(offsetrange.Restriction).Start; rt.TryClaim(i); i++ {
		found, err := w.part(ctx, l.part(i))
		if err != nil {
			return err
		}
		emit(l.Group, found)
	}
	return rt.GetError()
}

// part may run several times on one part, of which the last one counts.
func (w *Work) part(ctx context.Context, p Part) (Found, error) {
	ctx, done := context.WithCancel(ctx)
	defer done() // with what was asked for of an object
	args := append(slices.Clone(w.Flags), "--range", p.rangeFlag(), "--", p.Path)
	if w.Step == "filter" {
		name, err := w.print(ctx, p, args)
		return Found{p, name}, err
	}
	var report bytes.Buffer
	code, said := run(ctx, w.store.open, step(w.Step), nil, &report, append([]string{"--json"}, args...))
	if report.Len() == 0 || code == cli.ExitUsage {
		return Found{}, fmt.Errorf("%s bytes %s of %s: exit code %d: %s", w.Step, p.rangeFlag(), p.Path, code, said)
	}
	return Found{p, report.Bytes()}, nil
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
		return nil, fmt.Errorf("filter bytes %s of %s: exit code %d: %s", p.rangeFlag(), p.Path, code, said)
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
