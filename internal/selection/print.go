package selection

import (
	"context"
	"errors"
	"io"

	"github.com/papyra-tools/papyra/internal/oldwalk"
)

// Print writes what is selected of a log to w: each record as the bytes that
// were found, and a newline.
//
// The summary counts what was done up to an error. Errors are those of reading,
// which say where they struck, and of w; a *CorruptError with Damage Fail, for a
// log with At before anything is written; a *policy.ClockError; and a
// *stream.ChangedError if the log changed other than by appending.
func Print(ctx context.Context, log *Log, o *Options, w io.Writer) (Summary, error) {
	var sum Summary
	out := newSink(w, &sum)
	err := print(ctx, log, o, out)
	if flushed := out.w.Flush(); err == nil {
		err = flushed
	}
	if err == nil {
		err = log.verify()
	}
	return sum, err
}

func print(ctx context.Context, log *Log, o *Options, out *sink) error {
	if log.At == nil {
		if o.bounded() || o.Reverse {
			return newHold(ctx, log, o, sums{}, out).read(log.whole(ctx, o))
		}
		return printForward(ctx, log, log.whole(ctx, o), 0, o, out)
	}
	if o.Damage == Fail {
		if err := checkAll(ctx, log, o); err != nil {
			return err
		}
		relaxed := *o
		relaxed.Damage = Skip
		o = &relaxed
	}
	if o.Reverse {
		return printReverse(ctx, log, o, out)
	}
	if !o.bounded() {
		return printForward(ctx, log, log.whole(ctx, o), 0, o, out)
	}
	f, err := findStart(ctx, log, o, false)
	if errors.Is(err, oldwalk.ErrNeedForward) {
		return newHold(ctx, log, o, sums{}, out).read(log.whole(ctx, o))
	}
	if err != nil {
		return err
	}
	if o.Invert {
		return printForward(ctx, log, log.whole(ctx, o), f.start, o, out)
	}
	out.sum.From = f.start
	if f.clean {
		return printRange(ctx, log, f, out)
	}
	return printForward(ctx, log, log.from(ctx, f.start, o), f.start, o, out)
}

// checkAll fails if there is a damaged line.
func checkAll(ctx context.Context, log *Log, o *Options) error {
	p := newPass(ctx, log, o, &Summary{})
	j := newJudge(o)
	j.match = newMatcher(&Fields{})
	return oldwalk.Each(ctx, log.whole(ctx, o), o.each(), j.work, p.take)
}

// printRange prints the log from the start on as it is.
func printRange(ctx context.Context, log *Log, f *finder, out *sink) error {
	r := &region{ctx: ctx, log: log, off: f.start, end: log.Size}
	buf := make([]byte, oldwalk.DefaultBlockBytes)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if err := out.lines(buf[:n], false, 0, match); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			out.sum.Records = f.window.total.matches
			return nil
		}
		if err != nil {
			return err
		}
	}
}
