package compact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// file compacts the log at a path.
//
// The long reading is done before the log is locked, so that appenders, which
// take the same lock, need not wait for it. What was found out about the first
// bytes of the log stays true when more is appended. If the log was replaced in
// between, it is read again under the lock.
func (c *Command) file(env *cli.Env, f *fileReport) error {
	src, err := stream.Open(env.Ctx, f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		f.Missing = true
		return c.Absent(f.Path)
	}
	if err != nil {
		return err
	}
	defer src.Close()
	switch {
	case src.Compression() != "":
		return fmt.Errorf("%s is compressed (%s) and can't be rewritten: decompress it, or pipe it through", f.Path, src.Compression())
	case src.Size() < 0:
		return fmt.Errorf("%s is a pipe and can't be rewritten: read it from standard input", f.Path)
	}
	f.BytesBefore, f.BytesAfter = src.Size(), src.Size()
	if !c.Limited() && c.Through == "" {
		f.Unlimited = true
		return nil
	}
	leftovers, err := durable.Leftovers(f.Path)
	if err != nil {
		return fmt.Errorf("look for interrupted rewrites: %w", err)
	}
	var plan *selection.Plan
	end, err := lastBytes(src, src.Size())
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	if c.DryRun || len(leftovers) == 0 {
		plan, err = c.plan(env, src, c.options(env, false), f)
		var changed *stream.ChangedError
		if errors.As(err, &changed) && !c.DryRun {
			// Another run replaced it just now: read it again once that has let
			// go of the lock.
			return c.rewrite(env, src, nil, nil, f)
		}
		if err != nil {
			return err
		}
		if c.DryRun || !c.changes(plan) {
			f.take(plan)
			if err := c.tryThrough(env, src, plan); err != nil {
				return err
			}
			f.Archived, err = c.wouldArchive(env, src, plan)
			return err
		}
	}
	for range throughTries {
		if err = c.rewrite(env, src, end, plan, f); !errors.Is(err, durable.ErrLate) {
			return err
		}
		plan = nil // and once more, from the start
	}
	return err
}

// plan finds out what stays.
func (c *Command) plan(env *cli.Env, log *stream.Log, o *selection.Options, f *fileReport) (*selection.Plan, error) {
	bar := env.Progress(&c.Output, f.Path, log.Size())
	defer bar.Close()
	o.OnProgress = bar.Add
	plan, err := selection.MakePlan(env.Ctx, log, o, c.DryRun || c.Count)
	if err != nil {
		return nil, explain(f.Path, err)
	}
	if plan.Removes() && plan.Kept.Records == 0 && !c.Force {
		f.take(plan)
		f.emptied = true
		return nil, c.empties(env, f.Path, plan.Size)
	}
	return plan, nil
}

// rewrite replaces the log. If plan is nil or made of another file, it is made
// again; if nothing goes any more, the log is left alone. end is what src ended
// with before the plan was made.
func (c *Command) rewrite(env *cli.Env, src *stream.Log, end []byte, plan *selection.Plan, f *fileReport) (err error) {
	s, err := durable.Begin(env.Ctx, f.Path, c.durable())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	f.Recovered = s.Recovered()
	log, o := stream.FromReaderAt(f.Path, s, s.Size()), c.options(env, false)
	o.Held = func(stream.Tail) (bool, error) { return s.Held() }
	if plan == nil || unfinished(end) || !appendedOnly(src, end, s) {
		if plan, err = c.plan(env, log, o, f); err != nil {
			return err
		}
	}
	f.BytesBefore = s.Size()
	f.take(plan)
	f.Changed = false
	if !c.changes(plan) {
		return nil
	}
	done, archived, err := c.replace(env, s, src, log, o, plan)
	if err != nil {
		return err
	}
	f.Archived = archived
	f.committed(plan, done)
	if c.Through != "" { // what it made of the lines was not counted by kind
		f.RecordsAfter, f.KeptKinds, f.Appended = nil, nil, done.Carried
	}
	return nil
}

// changes reports whether the log would not be as it is.
func (c *Command) changes(plan *selection.Plan) bool { return plan.Removes() || c.Through != "" }

// replace puts what stays in the place of the log of a session. src is what was
// opened to read the log before.
func (c *Command) replace(env *cli.Env, s *durable.Session, src, log *stream.Log, o *selection.Options, plan *selection.Plan) (_ durable.Report, g *gone, err error) {
	out, err := s.CreateFor(plan.BytesKept + max(0, s.Size()-plan.Size))
	if err != nil {
		return durable.Report{}, nil, err
	}
	bar := env.Progress(&c.Output, "copying", plan.BytesKept)
	copied := newCopier(s, out, bar.Add)
	upTo := plan.Tail
	if !log.Seekable() {
		upTo = log.Size() // a compressed file of a set: it goes whole
	}
	switch {
	case c.Through != "":
		g, err = c.passThrough(env, s, log, o, plan, out)
	case c.Archive != "" && upTo > 0:
		g, err = c.archive(s, func(w io.Writer) (gone, error) { return split(env.Ctx, log, o, plan, copied.add, w) })
	case log.Seekable():
		err = plan.Ranges(env.Ctx, log, o, copied.add)
	}
	bar.Close()
	if err == nil {
		err = src.Close() // or the log could not be replaced, on Windows
	}
	if err != nil {
		return durable.Report{}, nil, err
	}
	done, err := s.Commit(env.Ctx, upTo)
	if g != nil {
		g.Path = done.Account
	}
	return done, g, err
}

// appendedOnly reports whether the session holds the file that was read before,
// and all that happened to it since is that it grew. An appender may cut back
// what it could not write whole, and write again: the end of what was read
// tells.
func appendedOnly(src *stream.Log, end []byte, s *durable.Session) bool {
	if s.File() == nil || s.Size() < src.Size() || src.Verify() != nil {
		return false
	}
	b, err := s.File().Stat()
	if err != nil || !os.SameFile(src.Info(), b) {
		return false
	}
	now, err := lastBytes(s, src.Size())
	return err == nil && bytes.Equal(now, end)
}

// lastBytes returns what the first size bytes of a log end with.
func lastBytes(r io.ReaderAt, size int64) ([]byte, error) {
	end := make([]byte, min(size, 4096))
	n, err := r.ReadAt(end, size-int64(len(end)))
	if n == len(end) {
		err = nil
	}
	return end, err
}

// unfinished reports whether a log that ends like this ends within a line. What
// is to become of it is decided under the lock only, where it can be asked
// whether a writer is in the middle of it.
func unfinished(end []byte) bool { return len(end) > 0 && end[len(end)-1] != '\n' }
