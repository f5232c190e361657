package repair

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// file repairs a log.
func (c *Command) file(env *cli.Env, in cli.Input) *fileReport {
	f := newFileReport(in.Path)
	if in.Found() { // it must be the file that was found, and no link to another one
		log, _, err := env.OpenLog(in, false, 0)
		if err != nil {
			f.fail(err)
			return f
		}
		log.Close()
	}
	f.fail(c.within(in.Folder()).repair(env, in.Path, f))
	return f
}

// within is the command for a log that was found in a folder, which no symbolic
// link may lead out of; for "" any other one.
func (c *Command) within(folder string) *Command {
	one := *c
	one.folder = folder
	return &one
}

// repair looks first and locks only if there is something to do, so that a
// healthy log is not touched, wherever it lies.
func (c *Command) repair(env *cli.Env, path string, f *fileReport) error {
	refused := refuseCompressed(env, path)
	if refused != nil && !c.Rotated && c.folder == "" {
		return refused
	}
	before, err := survey.File(env.Ctx, path, c.survey(env))
	f.Before, f.Remaining = before, before
	var changed *stream.ChangedError
	if errors.As(err, &changed) && !c.DryRun {
		// Another run replaced it just now: look again once it has let go of
		// the lock.
		return c.rewrite(env, path, f)
	}
	if err != nil {
		return err
	}
	f.Missing = before.Missing
	if t := before.InFlight; t != nil {
		f.InFlight = &stream.Tail{Offset: t.Offset, Length: t.Length}
	}
	leftovers, err := durable.Leftovers(path)
	if err != nil {
		return fmt.Errorf("look for interrupted rewrites: %w", err)
	}
	if before.Missing {
		return c.Absent(path)
	}
	if !c.needed(before.Faults) && (len(leftovers) == 0 || refused != nil) {
		return nil
	}
	if refused != nil {
		return refused
	}
	if c.DryRun {
		return c.dryRun(env, path, f)
	}
	return c.rewrite(env, path, f)
}

// refuseCompressed names a compressed log, which can't be changed in place.
func refuseCompressed(env *cli.Env, path string) error {
	src, err := stream.Open(env.Ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer src.Close()
	switch {
	case src.Compression() != "":
		return fmt.Errorf("%s is compressed (%s): decompress it first, or pipe it through", path, src.Compression())
	case src.Size() < 0:
		return fmt.Errorf("%s is a pipe and can't be rewritten: read it from standard input instead", path)
	}
	return nil
}

// needed reports whether a log with these faults would be changed.
func (c *Command) needed(faults record.Set) bool {
	return faults&(&mend.Options{FixNumbers: c.FixNumbers, DropUnknown: c.DropUnknown}).Changes() != 0
}

// dryRun shows what would happen.
func (c *Command) dryRun(env *cli.Env, path string, f *fileReport) error {
	src, err := stream.Open(env.Ctx, path)
	if err != nil {
		return err
	}
	defer src.Close()
	return c.show(env, src, f)
}

// show runs the repair without a result.
func (c *Command) show(env *cli.Env, src *stream.Log, f *fileReport) error {
	t := c.job(env, src, mend.NewSink(io.Discard))
	flush := c.listing(env, src.Name(), t)
	g := watch(t)
	err := t.run()
	f.take(&t.Summary)
	if err == nil {
		err = c.stop(g, f, src.Name() == "-")
	}
	f.Remaining = remaining(src.Name(), &t.Summary, t.Checker.Severity)
	return errors.Join(err, flush())
}

// stop fails if the repair cannot be meant, unless it is forced. As a pipe
// nothing is at stake, so that it is only said.
func (c *Command) stop(g *guard, f *fileReport, pipe bool) error {
	why := g.unmeant(f)
	switch {
	case why == "" || c.Force:
		return nil
	case pipe:
		f.Guard = why
		return nil
	}
	return errors.New(why)
}

// listing has the changes shown to a person, in a dry run for one. What it
// returns ends the list.
func (c *Command) listing(env *cli.Env, path string, t *job) (flush func() error) {
	if c.Format != "text" || c.Quiet {
		return func() error { return nil }
	}
	w := bufio.NewWriterSize(env.Stdout, 64<<10)
	t.observe = append(t.observe, c.lister(env, w, path).show)
	return w.Flush
}

// rewrite replaces the log.
func (c *Command) rewrite(env *cli.Env, path string, f *fileReport) (err error) {
	s, err := durable.Begin(env.Ctx, path, c.durable())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	f.Recovered = s.Recovered()
	if f.Before.Failure != "" {
		if f.Before, err = survey.File(env.Ctx, path, c.survey(env)); err != nil {
			return err
		}
	}
	src := stream.FromReaderAt(path, s, s.Size())
	held := heldOr(f.InFlight, s.Held)
	if c.Rejects != "" { // nothing goes there of a repair that is stopped
		t := c.job(env, src, mend.NewSink(io.Discard))
		t.Held = held
		g := watch(t)
		if err := t.run(); err != nil {
			return err
		}
		f.take(&t.Summary)
		if err := c.stop(g, f, false); err != nil {
			return err
		}
	}
	out, err := s.Create()
	if err != nil {
		return err
	}
	t := c.job(env, src, &fileSink{out: out})
	t.Held = held
	bar := env.Progress(&c.Output, path, src.Size())
	t.Progress = bar.Add
	g := watch(t)
	ledger := c.Ledger
	if ledger == "" && !c.NoLedger {
		ledger = newLedgerName(s.Path(), env.Now())
	}
	err = c.withEvidence(env, s.Path(), ledger, t, func(name string, write func(io.Writer) error) error {
		a, err := s.Account(name)
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		return write(a)
	})
	bar.Close()
	if err != nil {
		return err
	}
	f.take(&t.Summary)
	if err := c.stop(g, f, false); err != nil {
		return err
	}
	if t.Lines > 0 {
		upTo := src.Size()
		if t.InFlight != nil {
			upTo = t.InFlight.Offset
		}
		done, err := s.Commit(env.Ctx, upTo)
		if err != nil {
			return err
		}
		f.committed(done)
		f.Ledger = ledger
	}
	// What is there now is looked at again, by the same eyes.
	if f.Remaining, err = survey.File(env.Ctx, path, c.survey(env)); err != nil {
		return fmt.Errorf("check the result: %w", err)
	}
	return nil
}

// pipe repairs standard input to standard output.
func (c *Command) pipe(env *cli.Env) *fileReport {
	f := newFileReport("-")
	src, err := stream.FromReader("-", env.Stdin)
	if err != nil {
		f.fail(err)
		return f
	}
	defer src.Close()
	if c.DryRun {
		f.fail(c.show(env, src, f))
		return f
	}
	// Nobody can read again what went into a pipe: what remains is told by the
	// check of each line that was kept or salvaged.
	t := c.job(env, src, mend.NewSink(env.Stdout))
	g := watch(t)
	err = c.withEvidence(env, "-", c.Ledger, t, func(name string, write func(io.Writer) error) error {
		return durable.WriteFile(name, 0o600, write)
	})
	f.take(&t.Summary)
	f.Remaining = remaining("-", &t.Summary, t.Checker.Severity)
	if err == nil {
		err = c.stop(g, f, true)
	}
	f.fail(err)
	return f
}

// newLedgerName is where the ledger of a repair goes if nothing is said.
func newLedgerName(path string, now time.Time) string {
	for {
		name := durable.AccountName(path, now)
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		now = now.Add(time.Millisecond)
	}
}

// remaining puts what was counted in the form in which a survey tells it.
func remaining(path string, t *mend.Summary, severity func(record.Type) record.Severity) *survey.Result {
	r := survey.Empty(path)
	r.Bytes = t.BytesOut()
	for kind, n := range t.Remaining {
		r.Counts[kind.String()] = n
		if severity(kind) == record.Error {
			r.Errors += n
		} else {
			r.Warnings += n
		}
	}
	r.Healthy = r.Errors == 0
	return r
}

// withEvidence runs the repair and has the ledger and the rejects complete on
// the disk when it returns; a ledger that belongs to a rewrite is once that is
// done.
func (c *Command) withEvidence(env *cli.Env, path, ledger string, t *job, create func(string, func(io.Writer) error) error) error {
	run := t.run
	if c.Rejects != "" {
		next := run
		run = func() error { return withRejects(env.Ctx, c.Rejects, t, next) }
	}
	if ledger == "" {
		return run()
	}
	if _, err := os.Lstat(ledger); err == nil {
		return fmt.Errorf("ledger %s exists: it may be the only evidence of an earlier repair", ledger)
	}
	return create(ledger, func(w io.Writer) error {
		l := newLedger(w)
		t.observe = append(t.observe, l.record)
		t.Visitors = append(t.Visitors, l.in)
		t.sink = hashSink{t.sink, l.out}
		if err := run(); err != nil {
			return err
		}
		return l.close(env.Prog, path, &t.Summary)
	})
}

// withRejects appends what is dropped to the file of that name.
func withRejects(ctx context.Context, name string, t *job, run func() error) (err error) {
	f, err := durable.OpenAppend(ctx, name)
	if err != nil {
		return fmt.Errorf("open rejects: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	t.observe = append(t.observe, rejects{f}.take)
	if err := run(); err != nil {
		return err
	}
	if info, serr := f.Stat(); serr == nil && info.Mode().IsRegular() {
		if err := f.Sync(); err != nil {
			return fmt.Errorf("fsync rejects: %w", err)
		}
	}
	return nil
}

type rejects struct{ w io.Writer }

// take writes the line that was changed, whole, as it was.
func (r rejects) take(c mend.Change) error {
	if c.Action == mend.Terminated {
		return nil
	}
	if c.Raw == nil {
		return durable.WriteZeros(r.w, c.Length)
	}
	_, err := r.w.Write(c.Raw)
	return err
}
