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
	if log.Size() < 0 && o.Rule.Groups() != nil {
		return printSpooled(ctx, log, o, out)
	}
	if o, err = o.WithCuts(ctx, log); err != nil {
		return err
	}
	if !log.Seekable() {
		if o.bounded() || o.Reverse {
			return newHold(log, o, sums{}, out).read(ctx, 0, 0)
		}
		return printForward(ctx, log, 0, 0, 0, o, out)
	}
	if o.Damage == Fail {
		if err := checkAll(ctx, log, o); err != nil {
			return err
		}
		relaxed := *o
		relaxed.Damage = Skip
		o = &relaxed
	}
	if o.Reverse && !o.weighs() {
		return printReverse(ctx, log, o, out)
	}
	if !o.bounded() {
		return printForward(ctx, log, o.Part.From, o.Part.To, o.Part.From, o, out)
	}
	f, err := findStart(ctx, log, o, o.weighs())
	if errors.Is(err, stream.ErrNeedForward) {
		return newHold(log, o, sums{}, out).read(ctx, 0, 0)
	}
	if err != nil {
		return err
	}
	out.sum.Unfinished = f.sum.Unfinished
	if f.to == 0 {
		return nil
	}
	if o.Invert && o.weighs() {
		return newHold(log, o, sums{}, out).read(ctx, 0, f.to)
	}
	if o.Invert {
		return printForward(ctx, log, 0, f.to, f.start, o, out)
	}
	out.sum.From = f.start
	if o.weighs() {
		return newHold(log, o, sums{}, out).read(ctx, f.start, f.to)
	}
	if f.clean {
		return printRange(ctx, log, f, out)
	}
	return printForward(ctx, log, f.start, f.to, f.start, o, out)
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
		if err := out.lines(buf, false, 0, match); err != nil {
			return err
		}
	}
	out.sum.Records = f.window.total.matches
	return nil
}
