package compact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// gone is what is known of the lines that do not stay: they go to the archive
// as they stand, damaged ones among them.
type gone struct {
	Path        string `json:"path"`
	policy.Sum         // before compression
	dated       bool
	first, last float64 // the lowest timestamp and the highest
	out         *output
}

// archive keeps what write writes with the session.
func (c *Command) archive(s *durable.Session, write func(io.Writer) (gone, error)) (*gone, error) {
	a, err := s.Archive(c.Archive)
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewWriter(a, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	g, err := write(z)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	a.Call(g.what())
	return &g, nil
}

// split hands the ranges of a log that stay to keep, and writes the rest to w.
func split(ctx context.Context, log *stream.Log, o *selection.Options, plan *selection.Plan, keep func(selection.Range) error, w io.Writer) (gone, error) {
	if !log.Seekable() { // it goes whole
		return gather(ctx, log.Name(), io.NewSectionReader(log, 0, log.Size()), o, w)
	}
	r, p := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		at, buf := int64(0), make([]byte, 4*smallRange)
		upTo := func(to int64) error {
			_, err := io.CopyBuffer(struct{ io.Writer }{p}, struct{ io.Reader }{io.NewSectionReader(log, at, to-at)}, buf)
			return err
		}
		err := plan.Ranges(ctx, log, o, func(r selection.Range) error {
			err := upTo(r.From)
			at = r.To
			if err != nil {
				return err
			}
			return keep(r)
		})
		if err == nil {
			err = upTo(plan.Tail)
		}
		_ = p.CloseWithError(err)
		ended <- err
	}()
	g, err := gather(ctx, log.Name(), r, o, w)
	_ = r.CloseWithError(err)
	if failed := <-ended; failed != nil && !g.out.failed {
		err = failed
	}
	return g, err
}

// gather writes the text of lines that go to w, and tells what they are. What
// is compressed is archived as the text that it holds.
func gather(ctx context.Context, name string, r io.Reader, o *selection.Options, w io.Writer) (gone, error) {
	g := gone{out: &output{w: w}}
	removed, err := stream.FromReader(name, r)
	if err == nil {
		_, err = stream.Forward(ctx, removed, stream.Options{Checker: o.Checker}, &g)
		err = errors.Join(err, removed.Close())
	}
	if g.out.failed {
		err = fmt.Errorf("write archive: %w", err)
	}
	return g, err
}

// NewPart, Fold, Reset and Line make it a visitor and its part.
func (g *gone) NewPart() stream.Part { return &gone{} }

// Fold takes a block in.
func (g *gone) Fold(b *stream.Block, part stream.Part) error {
	g.Bytes += b.Length
	g.add(*part.(*gone))
	return b.Raw(0, len(b.Data), func(text []byte, zeros int64) error {
		if err := durable.WriteZeros(g.out, zeros); err != nil {
			return err
		}
		_, err := g.out.Write(text)
		return err
	})
}

// Reset forgets the block before.
func (g *gone) Reset() { *g = gone{} }

// Line takes a line in.
func (g *gone) Line(l *stream.Line) {
	if r := &l.Result; r.IsRecord() {
		g.add(gone{Sum: policy.Sum{Records: 1}, dated: r.HasTimestamp, first: r.Timestamp, last: r.Timestamp})
	}
}

func (g *gone) add(h gone) {
	switch {
	case h.dated && g.dated:
		g.first, g.last = min(g.first, h.first), max(g.last, h.last)
	case h.dated:
		g.dated, g.first, g.last = true, h.first, h.last
	}
	g.Records += h.Records
}

// what is the part of an archive's name that says what is in it.
func (g *gone) what() string {
	if !g.dated {
		return "undated"
	}
	return stamp(g.first) + "-" + stamp(g.last)
}

// stamp is a time in UTC, 20240309T160001Z; a number if it is none.
func stamp(unix float64) string {
	const year10000 = 253402300800
	if unix < 0 || unix >= year10000 {
		return fmt.Sprintf("%g", unix)
	}
	return time.Unix(int64(unix), 0).UTC().Format("20060102T150405Z")
}

// wouldArchive tells what a dry run would put into an archive.
func (c *Command) wouldArchive(env *cli.Env, log *stream.Log, plan *selection.Plan) (*gone, error) {
	if c.Archive == "" || !plan.Removes() {
		return nil, nil
	}
	g, err := split(env.Ctx, log, c.options(env, false), plan, func(selection.Range) error { return nil }, io.Discard)
	g.Path = durable.ArchiveName(c.Archive, log.Name(), g.what())
	return &g, err
}
