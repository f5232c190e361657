package survey

import (
	"context"
	"fmt"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// Shard says which part of a log a result is about: the lines that start within
// a range of bytes. It also holds what is needed to put the results on all
// parts of a log together, as Join does.
type Shard struct {
	// From and To are the range, To at most the size of the log.
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// Host is the machine on which the part was looked at.
	Host string `json:"host"`
	// Modified is when the log was last written to, and Head the SHA-256 of how
	// it begins: with its size they tell whether two parts are of one log.
	Modified time.Time `json:"modified"`
	Head     string    `json:"head"`
	// Settings are the limits of the check.
	Settings string `json:"settings"`
	// Profile is the name of the profile that the log was taken to be of.
	Profile string `json:"profile"`
	// Looks is what the log seems to be if hardly any of its records is one.
	Looks *Look `json:"looks_like,omitempty"`
	// Absent counts the records by the member that they have not at all.
	Absent map[record.Type]int64 `json:"absent,omitempty"`
	// MaxSkew is the limit for times that go back, in seconds.
	MaxSkew float64 `json:"max_skew_seconds"`
	// First is the first dated record, nil if there is none.
	First *Border `json:"first_dated,omitempty"`
	// Last is the timestamp of the last dated record.
	Last *float64 `json:"last_dated,omitempty"`
}

// Border is the first dated record of a shard. Whether time went back there is
// for the shard before to say.
type Border struct {
	Timestamp float64 `json:"timestamp"`
	// Before is how many anomalies of the shard stand before it.
	Before int64 `json:"anomalies_before"`
	// Instead is the anomaly that it has anyway, if any.
	Instead *Fault `json:"instead_of,omitempty"`
	// Regression is the anomaly that it has if time went back.
	Regression record.Anomaly `json:"regression"`
}

// Fault is an anomaly of which only the kind matters.
type Fault struct {
	Type     record.Type     `json:"type"`
	Severity record.Severity `json:"severity"`
}

// Part looks at the lines of a log that start within a range, as Log does. sh
// says who looks, and by which settings; a To of 0 means the end of the log.
func Part(ctx context.Context, log *stream.Log, o Options, sh Shard) (*Result, error) {
	fail := func(err error) (*Result, error) {
		r := Empty(log.Name())
		r.Failure = err.Error()
		return r, err
	}
	size := log.Size()
	if size < 0 || sh.From > 0 && sh.From >= size {
		return fail(fmt.Errorf("%s: the range begins at byte %d, but the log has %d bytes", log.Name(), sh.From, size))
	}
	if sh.To <= 0 || sh.To > size {
		sh.To = size
	}
	sh.Modified, sh.Head, sh.MaxSkew = log.ModTime().UTC(), log.Head(), o.MaxSkew.Seconds()
	lines := stream.Range{To: size}
	if sh.From > 0 || sh.To < size {
		var err error
		if lines, err = log.LinesIn(ctx, stream.Range{From: sh.From, To: sh.To}); err != nil {
			return fail(err)
		}
	}
	s := newSurveyor(log, o)
	s.res.Shard = &sh
	sh.Profile = s.o.Checker.Profile().Name
	if lines.From == lines.To && size > 0 {
		s.finish(stream.End{Offset: lines.From}, log.Verify())
		s.res.Bytes = 0
		return s.res, nil
	}
	if lines.To == size {
		lines.To = 0 // the end, where the walk decides about the last line
	}
	if lines.From > 0 {
		if err := s.lead(ctx, log, lines.From); err != nil {
			return fail(err)
		}
	}
	r, err := s.look(ctx, log, lines)
	r.Bytes -= lines.From
	if r.LastInOrder != nil {
		sh.Last = r.LastInOrder
	}
	return r, err
}

// border notes the first dated record of a shard, which stands in the block at
// hand, when the findings before it were reported.
func (s *surveyor) border(b *stream.Block, p *part) {
	f := p.first
	f.Verdict = f.With(record.TimestampRegression)
	x := &Border{Timestamp: p.firstTime, Before: s.res.Total(), Regression: s.anomaly(b, p, f, true)}
	if i := p.firstIndex; i < len(p.findings) && p.findings[i].offset == p.first.offset {
		t := p.findings[i].Fault
		x.Instead = &Fault{t, s.o.Checker.Severity(t)}
	}
	s.res.Shard.First = x
}
