package selection

import (
	"context"
	"errors"
	"io"

	"github.com/papyra-tools/papyra/pkg/stream"
)

// Print writes what is selected of a log to w: each record as the bytes that
// were found, and a newline.
//
// The summary counts what was done up to an error. Errors are those of reading,
// which say where they struck, and of w; a *CorruptError with Damage Fail, for
// a log that is Seekable before anything is written; a *policy.ClockError; and
// a *stream.ChangedError if the log changed other than by appending.
func Print(ctx context.Context, log *stream.Log, o *Options, w io.Writer) (Summary, error) {
	var sum Summary
	out := newSink(w, &sum)
	err := print(ctx, log, o, out)
	if flushed := out.w.Flush(); err == nil {
		err = flushed
	}
	if err == nil {
		err = log.Verify()
	}
	return sum, err
}

func print(ctx context.Context, log *stream.Log, o *Options, out *sink) (err error) {
	seekable := log.Seekable()
	if !seekable && (o.bounded() || o.Reverse || o.Rule.Groups() != nil) {
		return printHeld(ctx, log, o, out)
	}
	if seekable && o.Damage == Fail {
		if err := checkAll(ctx, log, o); err != nil {
			return err
		}
		relaxed := *o
		relaxed.Damage = Skip
		o = &relaxed
	}
	uncut := o
	if o, err = o.WithCuts(ctx, log); err != nil {
		return err
	}
	part, start := o.Part, o.Part.From
	if o.bounded() {
		f, err := findStart(ctx, log, o, false)
		if errors.Is(err, stream.ErrNeedForward) {
			return printHeld(ctx, log, uncut, out)
		}
		if err != nil {
			return err
		}
		out.sum.Unfinished = f.sum.Unfinished
		if f.to == 0 {
			return nil
		}
		start = f.start
		part = stream.Range{To: f.to}
		if !o.Invert {
			part.From, out.sum.From = start, start
		}
		if f.clean && !o.Invert && !o.Reverse {
			return printRange(ctx, log, f, out)
		}
	}
	return printPart(ctx, log, part, start, o, out)
}

// checkAll fails if there is a damaged line.
func checkAll(ctx context.Context, log *stream.Log, o *Options) error {
	relaxed := *o
	relaxed.Fields = Fields{}
	_, err := stream.Forward(ctx, log, o.walk(o.Part.From, o.Part.To), &checker{newPass(log, &relaxed, &Summary{})})
	return err
}

// checker is a visitor that only takes blocks in.
type checker struct{ *pass }

func (c *checker) Fold(b *stream.Block, p stream.Part) error { return c.take(b, p.(*part)) }

// printRange prints the log from the start on as it is.
func printRange(ctx context.Context, log *stream.Log, f *finder, out *sink) error {
	buf := make([]byte, stream.DefaultBlockBytes)
	for off := f.start; off < f.to; off += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		buf = buf[:min(int64(len(buf)), f.to-off)]
		if _, err := log.ReadAt(buf, off); err != nil {
			return err
		}
		if err := out.lines(buf, false, 0, match, false); err != nil {
			return err
		}
	}
	out.sum.Records = f.newer.matches
	return nil
}
