package appender

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/internal/durable"
)

// ack is a number of records that belong together.
type ack struct {
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"`
	// Offset is where the first of them stood in the log when it was appended.
	Offset int64 `json:"offset"`
}

// count is how much of something there is, newlines included.
type count struct {
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"`
}

func (c *count) add(a ack) {
	c.Records += a.Records
	c.Bytes += a.Bytes
}

// tally is what became of the input.
type tally struct {
	// Lines of the input that were judged.
	Lines int64 `json:"lines"`
	// Acknowledged is what is on the disk for sure: fsync returned success.
	Acknowledged count `json:"acknowledged"`
	// Unsynced was handed to the operating system by --sync never.
	Unsynced count `json:"written_without_fsync"`
	// Unknown is what may be in the log or not, after an fsync that failed.
	Unknown count `json:"unknown_durability"`
	// NotWritten counts records that were found good and are not in the log;
	// lines behind them were not looked at.
	NotWritten int64 `json:"records_not_appended"`
	// Torn bytes of a line stayed in the log when a write failed part way.
	Torn int `json:"torn_bytes"`
	// Unfinished bytes of a last line had come when the run was stopped.
	Unfinished int `json:"unfinished_bytes"`
	// Completed records had a kind or timestamp inserted into them.
	Completed int64 `json:"records_completed"`
	Syncs     int64 `json:"fsyncs"`
	BOM       bool  `json:"-"` // a byte order mark at the start of the input was left out
}

// write appends the batch, and makes it durable unless that has time.
func (e *engine) write() error {
	data := e.batch.data()
	if len(data) == 0 {
		return nil
	}
	if e.log == nil {
		var err error
		if e.log, err = e.open(); err != nil {
			e.tally.NotWritten += e.batch.records
			return err
		}
	}
	off, err := e.log.Append(data)
	if err != nil {
		return e.failed(data, err)
	}
	e.appended(off, e.batch.records, int64(len(data)))
	e.batch.begin(e.frames.buf)
	if e.sync.word == "batch" || e.sync.word == "always" {
		return e.commit()
	}
	return nil
}

func (e *engine) appended(off, records, bytes int64) {
	if e.pending.Records == 0 {
		e.pending.Offset, e.since = off, time.Now()
	}
	e.pending.Records += records
	e.pending.Bytes += bytes
	if e.bar != nil {
		e.bar(bytes)
	}
}

// failed sorts what is in the log from what is not.
func (e *engine) failed(data []byte, err error) error {
	records := e.batch.records
	var part *durable.AppendError
	switch {
	case poisoned(err):
		// The error does not tell how much of the batch was written.
		e.pending.Records += records
		e.pending.Bytes += int64(len(data))
		e.lost()
		return err
	case errors.As(err, &part):
		e.tally.Torn = part.Torn
		if whole := newlines(data[:part.Written]); whole > 0 {
			e.appended(part.Offset, whole, int64(part.Written))
			records -= whole
		}
	}
	e.tally.NotWritten += records
	return err
}

// commit makes what is pending durable, and only then speaks of it.
func (e *engine) commit() error {
	e.tally.Syncs++
	if err := e.log.Sync(); err != nil {
		e.lost()
		return err
	}
	done := e.pending
	e.pending = ack{}
	e.tally.Acknowledged.add(done)
	if e.ack == nil {
		return nil
	}
	if err := e.ack(done); err != nil {
		return fmt.Errorf("write acknowledgement: %w", err)
	}
	return nil
}

// lost gives up what is pending: nobody knows whether it is on the disk.
func (e *engine) lost() {
	e.tally.Unknown.add(e.pending)
	e.pending = ack{}
}

func poisoned(err error) bool {
	var d *durable.DurabilityError
	return errors.As(err, &d)
}

func newlines(p []byte) int64 { return int64(bytes.Count(p, []byte{'\n'})) }
