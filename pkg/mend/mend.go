// Package mend repairs a log: it passes on the records that are whole, saves
// those that can be saved from damaged lines, and drops the rest, as
// papyra-repair does when it is used as a pipe.
//
// A record that stays is the bytes that it was, in the order of the log. To
// repair what was repaired changes nothing. Every byte is accounted for: see
// Summary, and Options.OnChange for what was dropped. Memory is bounded,
// however long the log or a line of it is.
//
// What is not guaranteed: a record that is whole may still have faults that a
// repair keeps, such as a kind that is not known; Summary.Remaining counts
// them. Whether the input is a log at all is for the caller to see: of a text
// that holds no record nothing is left, and that is not an error. And nothing
// here changes a file in place, which papyra-repair does beside other writers.
package mend

import (
	"context"
	"io"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Options say how a log is repaired. The zero value means the defaults.
type Options struct {
	// Checker judges the lines; nil means one with the default limits.
	Checker *record.Checker
	// FixNumbers writes null in the place of NaN and Infinity.
	FixNumbers bool
	// Rejoin joins the lines into which raw newlines inside a string cut a
	// record, and writes \n where the newlines were; see [record.Joiner].
	Rejoin bool
	// DropUnknown drops records whose kind or timestamp is missing or not
	// known.
	DropUnknown bool
	// OnChange is called for every line that is not kept as it was, in file
	// order, and more than once for a line that no buffer holds. Its error ends
	// the repair.
	OnChange func(Change) error
	// Settle, Held and Progress are those of the walk.
	Settle   time.Duration
	Held     func(stream.Tail) (bool, error)
	Progress func(bytes int64)
	// Visitors see the lines as they were.
	Visitors []stream.Visitor
	// Workers is how many cores are used; 0 means all, but no more than four.
	Workers int
}

// Changes returns the types on which a repair with these options acts.
func (o *Options) Changes() record.Set {
	return record.Where(func(i *record.Info) bool {
		return i.Repair == record.RepairAlways || o.FixNumbers && i.Repair == record.RepairNumbers || o.DropUnknown && i.Repair == record.RepairUnknown
	})
}

// Summary is what a repair came to.
type Summary struct {
	// The balance of bytes: in = kept + dropped, and kept + added is what was
	// written.
	BytesIn, BytesKept, BytesDropped, BytesAdded int64
	// Lines is how many lines were changed, and Actions and Types say how, and
	// what was wrong with them.
	Lines   int64
	Actions map[Action]int64
	Types   map[record.Type]int64
	// Remaining counts what is still wrong with the lines that were kept, each
	// by itself: not what concerns a line and its neighbour.
	Remaining map[record.Type]int64
	// InFlight is an unfinished last line that a writer is in the middle of. It
	// is no part of the result, nor of BytesIn.
	InFlight *stream.Tail
}

// BytesOut is how many bytes were written.
func (s *Summary) BytesOut() int64 { return s.BytesKept + s.BytesAdded }

// Repair writes the repaired log to w. It stops at the first error, of reading,
// of w, of ctx, or a *stream.ChangedError if the log changed other than by
// appending. With an error w may have got a part of the result, and the summary
// tells of that part; w is not synced or closed.
func Repair(ctx context.Context, log *stream.Log, w io.Writer, o Options) (Summary, error) {
	return Into(ctx, log, NewSink(w), o)
}

// Into is Repair for a sink that knows better than to write each byte: one that
// shares with the log what is kept, for one.
func Into(ctx context.Context, log *stream.Log, s Sink, o Options) (Summary, error) {
	if o.Checker == nil {
		o.Checker = record.NewChecker(record.Options{})
	}
	t := &transformer{o: &o, split: split{Joiner: record.Joiner{Checker: o.Checker}}, sink: s, Summary: Summary{Actions: map[Action]int64{}, Types: map[record.Type]int64{},
		Remaining: map[record.Type]int64{}}}
	err := t.run(ctx, log)
	return t.Summary, err
}
