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
	// Repair fills in Result.Repair, for which damaged lines are looked at
	// again.
	Repair bool
	// Links looks for ids that come twice and references that lead nowhere, of
	// which the profile says where they stand; LinksBytes bounds the memory for
	// that, 0 means LinksLimit.
	Links      bool
	LinksBytes int64
	// OnAnomaly is called for every anomaly of the log, in file order, also for
	// those that the result sums up in one, but not for those of links.
	OnAnomaly func(record.Anomaly)
	// OnProgress is called with the number of bytes of each block of text.
	OnProgress func(bytes int64)
	// Visitors see the same lines, for statistics of the caller's own.
	Visitors []stream.Visitor
	// BlockBytes and Workers are those of the walk.
	BlockBytes, Workers int

	after *float64 // the timestamp of the record before the first one
}

// File looks at the log at path. A missing file in an existing directory gives
// a healthy result that says so. On an error the result tells what was found
// up to there, and its Failure is set; the result is never nil.
func File(ctx context.Context, path string, o Options) (*Result, error) {
	log, err := stream.Open(ctx, path)
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
	defer log.Close()
	return Log(ctx, log, o)
}

// Log looks at an open log. See File for what it returns.
func Log(ctx context.Context, log *stream.Log, o Options) (*Result, error) {
	return newSurveyor(log, o).look(ctx, log, stream.Range{})
}

func newSurveyor(log *stream.Log, o Options) *surveyor {
	if o.Checker == nil {
		o.Checker = record.NewChecker(record.Options{})
	}
	if o.MaxAnomalies == 0 {
		o.MaxAnomalies = DefaultMaxAnomalies
	}
	s := &surveyor{o: o, res: Empty(log.Name()), absent: map[record.Type]int64{}}
	s.split.Checker = o.Checker
	s.res.SizeBytes = log.Size()
	s.res.Compression = log.Compression()
	if o.Repair {
		s.res.Repair = &Repair{}
	}
	if o.after != nil {
		s.previous, s.dated = *o.after, true
	}
	return s
}

// look walks the lines of a range.
func (s *surveyor) look(ctx context.Context, log *stream.Log, r stream.Range) (*Result, error) {
	started := time.Now()
	visitors := append([]stream.Visitor{s}, s.o.Visitors...)
	var l *links
	if s.o.Links && s.o.Checker.Profile().ID != "" {
		l = newLinks(s.o.Checker, s.o.LinksBytes)
		defer l.Close()
		visitors = append(visitors, l)
	}
	end, err := stream.Forward(ctx, log, stream.Options{Checker: s.o.Checker, From: r.From, To: r.To, Settle: s.o.Settle, Progress: s.o.OnProgress,
		BlockBytes: s.o.BlockBytes, Workers: s.o.Workers}, visitors...)
	if err == nil && r.To > 0 && len(s.split.held) > 0 {
		err = s.trail(ctx, log, r.To)
	}
	s.apart()
	if err == nil && l != nil {
		err = l.report(s.res, s.o.MaxAnomalies)
	}
	s.finish(end, err)
	s.res.Elapsed = time.Since(started)
	return s.res, err
}

// Series looks at the files of a rotated set, the oldest first: the first
// record of each is compared with the last one before it. The zero value is
// ready.
type Series struct{ last *float64 }

// Next looks at the next file, as Log does.
func (s *Series) Next(ctx context.Context, log *stream.Log, o Options) (*Result, error) {
	o.after = s.last
	r, err := Log(ctx, log, o)
	if r.LastInOrder != nil {
		s.last = r.LastInOrder
	}
	return r, err
}

// Empty returns the result on a log of which nothing is known yet.
func Empty(path string) *Result {
	return &Result{Path: path, SizeBytes: -1, Kinds: map[string]int64{}, Counts: map[string]int64{},
		Anomalies: []record.Anomaly{}}
}

// Add counts an anomaly and keeps it if there are fewer than max already. Its
// severity is that of its type, unless it is an error to the reader at hand.
func (r *Result) Add(a record.Anomaly, max int) {
	if a.Severity == record.Warning {
		a.Severity = a.Type.Severity()
	}
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

// With adds anomalies, as Add does, and returns the result.
func (r *Result) With(all []record.Anomaly, max int) *Result {
	for _, a := range all {
		r.Add(a, max)
	}
	return r
}
