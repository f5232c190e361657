package survey

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// DefaultMaxAnomalies is how many anomalies a Result holds in full.
const DefaultMaxAnomalies = 1000

// Options say how a log is looked at.
type Options struct {
	// Checker judges the lines; nil means one with the default limits.
	Checker *record.Checker
	// MaxSkew is how much older than its predecessor a record may be.
	MaxSkew time.Duration
	// Settle is how long an unfinished last line may take to grow.
	Settle time.Duration
	// MaxAnomalies bounds Result.Anomalies; 0 means DefaultMaxAnomalies, a
	// negative value none at all.
	MaxAnomalies int
	// Verbose fills in Anomaly.Also.
	Verbose bool
	// OnAnomaly is called for every anomaly of the log, in file order.
	OnAnomaly func(record.Anomaly)
	// OnProgress is called with the number of bytes of each block of text.
	OnProgress func(bytes int64)
	// After is the timestamp of the record before the first one, if the log
	// continues another: see Result.LastInOrder.
	After *float64
	// NewPart returns a collector of statistics of the caller's own; see Part.
	NewPart func() Part
	// FoldPart is handed each part in file order, after the part has seen the
	// records of its block. The part is used again once it returns.
	FoldPart func(Part)
	// Workers is how many cores are used; 0 means all.
	Workers int
}

// Part collects what its caller wants to know of the records of one block.
// Different parts are used at the same time by different goroutines; one part
// is not. The text of a line is valid during Observe only.
type Part interface {
	// Reset forgets what was observed.
	Reset()
	// Observe sees a record: it is not called for damaged and blank lines,
	// nor for an unfinished last line that a writer is in the middle of.
	Observe(l stream.Line, r record.Result)
}

// File looks at the log at path. A missing file in an existing directory gives
// a healthy result that says so. On an error the result tells what was found
// up to there, and its Failure is set; the result is never nil.
func File(ctx context.Context, path string, o Options) (*Result, error) {
	src, err := stream.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		r := Empty(path)
		r.Missing, r.Healthy = true, true
		return r, nil
	}
	if err != nil {
		r := Empty(path)
		r.Failure = err.Error()
		return r, err
	}
	defer src.Close()
	return Source(ctx, src, o)
}

// Source looks at an open log. See File for what it returns.
func Source(ctx context.Context, src *stream.Source, o Options) (*Result, error) {
	if o.Checker == nil {
		o.Checker = record.NewChecker(record.Options{})
	}
	if o.MaxAnomalies == 0 {
		o.MaxAnomalies = DefaultMaxAnomalies
	}
	s := &surveyor{o: o, src: src, ctx: ctx, res: Empty(src.Name())}
	s.res.SizeBytes = src.Size()
	if c := src.Compression(); c != stream.Plain {
		s.res.Compression = c.String()
	}
	if o.After != nil {
		s.previous, s.dated = *o.After, true
	}
	started := time.Now()
	reader := stream.NewReader(src, stream.ReaderOptions{MaxLineBytes: o.Checker.MaxLineBytes()})
	err := stream.Each(ctx, reader, stream.EachOptions{Workers: o.Workers}, s.work, s.fold)
	if s.oversized != nil {
		s.res.Lines++
		s.endOversized()
	} else if s.openNUL {
		s.res.Lines++
	}
	if err == nil {
		err = src.Verify()
	}
	s.finish(err, reader.Offset(), time.Since(started))
	return s.res, err
}

// Empty returns the result on a log of which nothing is known yet.
func Empty(path string) *Result {
	return &Result{Path: path, SizeBytes: -1, Kinds: map[string]int64{}, Counts: map[string]int64{},
		Anomalies: []record.Anomaly{}}
}

// surveyor is one pass over one log. Its fields belong to the fold.
type surveyor struct {
	o   Options
	src *stream.Source
	ctx context.Context
	res *Result

	kinds    [record.NumKinds]int64
	previous float64 // timestamp of the last dated record
	dated    bool    // there was one
	min, max float64
	anyTime  bool
	// openNUL says that the last block was a NUL run without newline.
	openNUL bool
	// oversized is the line at hand, of which more is to come.
	oversized *record.Anomaly
}

func (s *surveyor) finish(err error, offset int64, took time.Duration) {
	r := s.res
	for k, n := range s.kinds {
		if kind := record.Kind(k); n > 0 && kind >= record.Event && kind <= record.Metric {
			r.Kinds[kind.String()] += n
		}
	}
	if n := s.kinds[record.NoKind]; n > 0 {
		r.Kinds[noKindName] = n
	}
	if s.anyTime {
		first, last := s.min, s.max
		r.First, r.Last = &first, &last
	}
	if s.dated {
		last := s.previous
		r.LastInOrder = &last
	}
	r.Bytes, r.Elapsed = offset, took
	if err != nil {
		r.Failure = err.Error()
		var changed *stream.ChangedError
		if errors.As(err, &changed) {
			r.Add(record.Anomaly{Type: record.ChangedDuringScan, Path: r.Path, Offset: changed.Offset,
				ErrorOffset: -1, Reason: "the file " + changed.What + " while it was read"}, s.o.MaxAnomalies)
		}
	}
	r.Healthy = err == nil && r.Errors == 0
}

// Add counts an anomaly and keeps it if there are fewer than max already. It
// sets the anomaly's severity.
func (r *Result) Add(a record.Anomaly, max int) {
	a.Severity = a.Type.Severity()
	if a.Severity == record.Error {
		r.Errors++
		r.Healthy = false
	} else {
		r.Warnings++
	}
	r.Counts[a.Type.String()]++
	if len(r.Anomalies) < max {
		r.Anomalies = append(r.Anomalies, a)
	} else {
		r.Omitted++
	}
}
