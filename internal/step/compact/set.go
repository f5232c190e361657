package compact

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/humanize"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// rotations is how often a set is looked at again of which nothing could be
// changed, since it was rotated meanwhile.
const rotations = 10

// errRotated says that a file has another name than when the set was looked at.
var errRotated = errors.New("the set was rotated while it was compacted")

// The fates of a file of a set, unless it is kept as it is.
const (
	removed   = "removed"
	emptied   = "emptied" // would be removed, but an older file stays, or somebody has it open
	rewritten = "rewritten"
	keptWhole = "kept whole" // compressed, and the limit falls within
)

// member is a file of a rotated set that is not kept as it is.
type member struct {
	Path        string `json:"path"`
	Fate        string `json:"fate"`
	BytesBefore int64  `json:"bytes_before"` // of text
	BytesAfter  int64  `json:"bytes_after"`
	Archived    *gone  `json:"archived,omitempty"`
	durable.Outcome

	log  *stream.Log
	plan *selection.Plan
	end  []byte // what it ended with
}

// set compacts a log and the files that it was rotated into, as one log.
//
// Each file is changed by a session of its own, the oldest first. One that goes
// whole is emptied like that, so that what somebody appends to it late is kept,
// and removed when it is empty. All of it is safe to stop and to begin anew at
// any moment: limits that were applied in part are applied once more, to what
// is there. So that is what is done when a file turns out to have another name
// by now, or the set has to be read again of which a file was replaced already.
func (c *Command) set(env *cli.Env, f *fileReport) error {
	for idle := 0; idle < rotations; idle++ {
		before := len(f.Files)
		err := c.setOnce(env, f)
		var changed *stream.ChangedError
		if c.DryRun || !errors.Is(err, errRotated) && !errors.As(err, &changed) {
			return err
		}
		if err := env.Ctx.Err(); err != nil {
			return err
		}
		if len(f.Files) > before {
			idle = 0
		}
	}
	return fmt.Errorf("%s: %w, again and again", f.Path, errRotated)
}

func (c *Command) setOnce(env *cli.Env, f *fileReport) error {
	if !c.DryRun && c.Limited() {
		if err := c.recoverSet(env, f); err != nil {
			return err
		}
	}
	log, _, err := stream.OpenSet(env.Ctx, f.Path, 0)
	if errors.Is(err, fs.ErrNotExist) {
		f.Missing = true
		return c.Absent(f.Path)
	}
	if log != nil {
		defer log.Close()
	}
	if err != nil {
		return err
	}
	f.BytesAfter = log.Size()
	if f.BytesAfter < 0 {
		return fmt.Errorf("%s is a pipe and can't be rewritten: read it from standard input", f.Path)
	}
	if f.Unlimited = !c.Limited(); f.Unlimited {
		f.BytesBefore = f.BytesAfter
		return nil
	}
	o := c.options(env, false)
	// A last line without its newline may be one that a writer is in the middle
	// of.
	o.Held = func(stream.Tail) (bool, error) { return true, nil }
	plan, err := c.plan(env, log, o, f)
	if err != nil {
		return err
	}
	if len(f.Files) == 0 {
		f.take(plan)
		f.Changed = false
	}
	f.BytesAfter, f.RecordsAfter = plan.BytesKept, new(plan.Kept.Records)
	members, err := c.fates(env, log, o, plan)
	if err != nil {
		return err
	}
	for _, m := range members {
		switch {
		case m.Fate == keptWhole:
			f.BytesAfter += m.BytesBefore - m.BytesAfter
			f.RecordsAfter = nil // of the file that is kept whole they were not counted
			m.BytesAfter = m.BytesBefore
		case c.DryRun:
			f.Changed = true
			if m.Archived, err = c.wouldArchive(env, m.log, m.plan); err != nil {
				return err
			}
		default:
			if err := c.change(env, o, m); err != nil {
				return err
			}
			f.changed(m)
		}
		f.Files = append(f.Files, m)
	}
	return nil
}

// recoverSet finishes what killed runs had begun with any file of a set.
func (c *Command) recoverSet(env *cli.Env, f *fileReport) error {
	if err := durable.Unhide(f.Path, c.durable()); err != nil {
		return err
	}
	set, _ := stream.FindSet(f.Path, 0) // an error comes again when it is opened
	for _, name := range set.Files {
		if left, err := durable.Leftovers(name); err != nil || len(left) == 0 {
			continue // likewise
		}
		s, err := durable.Begin(env.Ctx, name, c.durable())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		f.Recovered = append(f.Recovered, s.Recovered()...)
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// fates says what becomes of the files of a set that are not kept as they are.
func (c *Command) fates(env *cli.Env, log *stream.Log, o *selection.Options, plan *selection.Plan) (out []*member, err error) {
	from, stays := int64(0), false
	all := log.Members()
	for i, one := range all {
		to, newest := from+one.TextSize(), i == len(all)-1
		if newest {
			to = plan.Size // the text before a line in flight, and that line
		}
		part, err := plan.Part(env.Ctx, log, o, from, to)
		if err != nil {
			return nil, err
		}
		from = to
		m := &member{Path: one.Name(), Fate: rewritten, BytesBefore: part.Size, BytesAfter: part.BytesKept, log: one, plan: part}
		switch {
		case !part.Removes() && (part.Size > 0 || newest || stays):
			stays = true
			continue
		case part.BytesKept == 0 && !newest && !stays:
			m.Fate = removed
		case part.BytesKept == 0 && !newest:
			m.Fate = emptied // a gap in the set would look like a loss
		case !one.Seekable():
			m.Fate = keptWhole
		}
		stays = stays || m.Fate != removed
		if m.end, err = lastBytes(one, one.Size()); err != nil {
			return nil, fmt.Errorf("read %s: %w", m.Path, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// change does to a file of a set what is its fate. Its name may be that of
// another file by now.
func (c *Command) change(env *cli.Env, o *selection.Options, m *member) (err error) {
	s, err := durable.Begin(env.Ctx, m.Path, c.durable())
	if errors.Is(err, fs.ErrNotExist) {
		return errRotated
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if !appendedOnly(m.log, m.end, s) {
		return errRotated
	}
	done, archived, err := c.replace(env, s, m.log, m.log, o, m.plan)
	if err != nil {
		var refused *durable.RefusedError
		now, serr := os.Stat(m.Path)
		moved := serr != nil || !os.SameFile(now, m.log.Info())
		if errors.Is(err, os.ErrClosed) || moved && (errors.As(err, &refused) || errors.Is(err, fs.ErrNotExist)) {
			return errRotated
		}
		return err
	}
	m.Archived, m.Outcome, m.BytesAfter = archived, done.Outcome, done.BytesAfter
	if m.Fate != removed {
		return nil
	}
	gone, err := false, error(nil)
	if link, lerr := os.Lstat(m.Path); lerr == nil && link.Mode().IsRegular() {
		gone, err = s.RemoveEmptied(env.Ctx)
	}
	if !gone {
		m.Fate = emptied
	}
	return err
}

// changed takes in that a file of a set was changed.
func (f *fileReport) changed(m *member) {
	f.Changed = true
	f.Appended += m.BytesAfter - m.plan.BytesKept
	f.BytesAfter += m.BytesAfter - m.plan.BytesKept
	if f.Guarantee != durable.Raced {
		f.Guarantee = m.Guarantee
	}
	f.Held, f.Unseen = max(f.Held, m.Held), max(f.Unseen, m.Unseen)
	f.Late += m.Late
	f.Recovered = append(f.Recovered, m.Recovered...)
}

// sayFiles tells what became of the files of a set, or would.
func (f *fileReport) sayFiles(w io.Writer) {
	for _, m := range f.Files {
		what := fmt.Sprintf("%s, %s bytes", m.Fate, humanize.Comma(m.BytesBefore))
		switch m.Fate {
		case rewritten:
			what += " -> " + humanize.Comma(m.BytesAfter)
		case keptWhole:
			what += ": the limit falls within, and it is compressed"
		}
		fmt.Fprintf(w, "  %s: %s\n", safetext.String(filepath.Base(m.Path)), what)
		if m.Archived != nil {
			fmt.Fprintf(w, "    archived: %s as %s\n", said(m.Archived.Sum), safetext.String(m.Archived.Path))
		}
	}
}
