package selection

import (
	"bytes"
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
		if f.clean && !o.Invert {
			err := printRange(ctx, log, start, f.to, out, o.Reverse)
			out.sum.Records = f.newer.matches
			return err
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

// printRange prints the records that a range consists of, which are selected as
// they stand, the last one first if turned.
func printRange(ctx context.Context, log io.ReaderAt, from, to int64, out *sink, turned bool) error {
	buf := make([]byte, stream.DefaultBlockBytes)
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, at := buf[:min(int64(len(buf)), to-from)], from
		if turned {
			at = to - int64(len(text))
		}
		if _, err := log.ReadAt(text, at); err != nil {
			return err
		}
		records := int64(0) // whoever knows what the range is has counted them
		if turned {
			if at > from { // in the middle of a line, most likely, which is left for later
				cut := bytes.IndexByte(text, '\n') + 1
				if cut == len(text) {
					buf = make([]byte, 2*len(buf))
					continue
				}
				at, text = at+int64(cut), text[cut:]
			}
			to, records = at, int64(bytes.Count(text, []byte{'\n'}))
		} else {
			from += int64(len(text))
		}
		if err := out.lines(text, false, records, match, turned); err != nil {
			return err
		}
	}
	return nil
}
