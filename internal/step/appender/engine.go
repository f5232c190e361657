package appender

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
)

// appendLog is what the engine needs of a durable.Appender.
type appendLog interface {
	Append(p []byte) (offset int64, err error)
	Sync() error
}

// engine moves lines from the input to the log. It is used once.
type engine struct {
	judge  *judge
	frames *framer
	open   func() (appendLog, error) // called before the first append
	sync   SyncMode
	skip   bool                                // refused lines are skipped; otherwise the first one ends the run
	reject func(piece []byte, last bool) error // gets refused lines, those that are too long in pieces; may be nil
	refuse func(line int64, why refusal)       // told of each refused line
	ack    func(ack) error                     // told of what was made durable; may be nil
	bar    func(bytes int64)                   // told of what was appended; may be nil

	log     appendLog
	batch   batch
	pending ack       // appended since the last good fsync
	since   time.Time // when the first of it was
	tally   tally
}

// errRefused ends a run at the first bad line.
var errRefused = errors.New("line refused")

// run works until the input ends, ctx does, or something fails. Whatever ends
// it, the lines before that are appended and made durable as far as that is
// possible.
func (e *engine) run(ctx context.Context, input io.Reader) error {
	in := newIntake(input)
	defer in.close()
	err := e.loop(ctx, in)
	if e.pending.Records > 0 && e.sync.word != "never" && !poisoned(err) {
		err = errors.Join(err, e.commit())
	}
	e.tally.Unsynced.add(e.pending)
	return err
}

func (e *engine) loop(ctx context.Context, in *intake) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var due <-chan time.Time
		if e.sync.every > 0 && e.pending.Records > 0 {
			timer.Reset(time.Until(e.since.Add(e.sync.every)))
			due = timer.C
		}
		select {
		case <-in.more:
		case <-due:
		case <-ctx.Done():
		}
		ended := e.frames.fill(in.take)
		if err := e.lines(false); err != nil {
			return err
		}
		if errors.Is(ended, io.EOF) {
			return e.lines(true)
		}
		if err := e.onTime(); err != nil {
			return err
		}
		if ended == nil {
			ended = context.Cause(ctx)
		}
		if ended != nil {
			e.tally.Unfinished = len(e.frames.buf) - e.frames.start
			return fmt.Errorf("read records: %w", ended)
		}
	}
}

// onTime fsyncs at the end of the interval.
func (e *engine) onTime() error {
	if e.sync.every == 0 || e.pending.Records == 0 || time.Since(e.since) < e.sync.every {
		return nil
	}
	return e.commit()
}

// lines appends the whole lines at hand; at the end of the input also a last
// one without newline.
func (e *engine) lines(end bool) error {
	e.batch.begin(e.frames.buf)
	for {
		p, more := e.frames.next()
		pos := record.Position(0)
		if !more && end {
			end, pos = false, record.Unterminated
			p, more = e.frames.rest()
			e.batch.buf = e.frames.buf // it has grown by a newline
		}
		if !more {
			return e.write()
		}
		if err := e.line(p, pos); err != nil {
			return err
		}
	}
}

// line judges one line and puts it into the batch. A bad one that ends the run
// does so after the lines before it were written.
func (e *engine) line(p piece, pos record.Position) error {
	if p.first {
		e.tally.Lines++
	}
	if p.over {
		return e.bad(p, refusal{record.OversizedLine, record.OversizedLine.Info().Reason})
	}
	text := e.frames.buf[p.start : p.end-1]
	if p.line == 1 {
		pos |= record.First
	}
	start, at, insert, bad := e.judge.line(text, pos)
	if bad != nil {
		return e.bad(p, *bad)
	}
	// A second copy of a long line is not worth a larger batch.
	if len(text) > chunkBytes && e.batch.copies(p.start+start) {
		if err := e.write(); err != nil {
			return err
		}
	}
	if insert == nil {
		e.batch.add(p.start+start, p.end)
	} else if bad = e.complete(&p, start, at, insert); bad != nil {
		return e.bad(p, *bad)
	} else {
		e.tally.Completed++
	}
	e.tally.BOM = e.tally.BOM || start > 0
	if e.sync.word == "always" || len(e.batch.own) >= intakeBytes {
		return e.write()
	}
	return nil
}

// complete puts the line into the batch with what was missing in it, or says
// why the line is bad even so.
func (e *engine) complete(p *piece, start, at int, insert []byte) (bad *refusal) {
	ok := func(whole []byte) bool {
		_, _, _, bad = e.judge.line(whole, 0)
		return bad == nil
	}
	if p.end-p.start <= chunkBytes {
		e.batch.insert(p.start+start, p.end, p.start+at, insert, ok)
		return bad
	}
	e.frames.insert(p, p.start+at, insert)
	if e.batch.buf = e.frames.buf; ok(e.frames.buf[p.start+start : p.end-1]) {
		e.batch.add(p.start+start, p.end)
		return nil
	}
	e.frames.remove(p, p.start+at, len(insert))
	return bad
}

// bad refuses a line, or a piece of one that is too long.
func (e *engine) bad(p piece, why refusal) error {
	if p.first {
		e.refuse(p.line, why)
	}
	if e.reject != nil {
		if err := e.reject(e.frames.buf[p.start:p.end], p.last); err != nil {
			return errors.Join(err, e.write())
		}
	}
	// What is to be kept of a long line is kept whole.
	if !e.skip && (p.last || e.reject == nil) {
		return errors.Join(errRefused, e.write())
	}
	return nil
}
