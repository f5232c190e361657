package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// maxShown is how many anomalies of a log are reported one by one.
const maxShown = 1000

// document looks at all inputs, one after the other.
func (c *Command) document(env *cli.Env, inputs []cli.Input) (*inspection, error) {
	now := env.Now()
	doc := &inspection{Schema: schema, Tool: env.Prog, Version: cli.Version(), Generated: now.UTC().Format(time.RFC3339),
		Backend: backend, Retention: c.retention(), Files: []*logReport{}}
	if c.Limit != nil {
		n := int64(*c.Limit)
		doc.Limit = &n
	}
	rule := c.Policy().At(now)
	for _, in := range inputs {
		f := c.inspect(env, in, rule)
		if err := env.Ctx.Err(); err != nil {
			return nil, fmt.Errorf("inspect: %w", err)
		}
		doc.Files = append(doc.Files, f)
		doc.Metrics.Scans++
		doc.Metrics.Reads += f.Records
		doc.Metrics.AnomaliesDetected += f.Total()
		if f.Failure != "" {
			doc.Metrics.ScanErrors++
		}
	}
	return doc, nil
}

func (c *Command) retention() retention {
	r := retention{Undated: c.Undated}
	if c.MaxRecords != nil {
		n := int64(*c.MaxRecords)
		r.MaxRecords = &n
	}
	if c.MaxAge != nil {
		s := c.MaxAge.Seconds()
		r.MaxAgeSeconds = &s
	}
	if c.MaxTotalBytes != nil {
		n := int64(*c.MaxTotalBytes)
		r.MaxTotalBytes = &n
	}
	return r
}

// options are how each file is looked at.
func (c *Command) options() survey.Options {
	return survey.Options{
		Checker: c.Checker(),
		MaxSkew: time.Duration(c.MaxSkew), Settle: time.Duration(c.Settle), MaxAnomalies: maxShown,
	}
}

// inspect looks at one log. What goes wrong stands in the report's Failure.
func (c *Command) inspect(env *cli.Env, in cli.Input, rule policy.Rule) *logReport {
	o := c.options()
	if in.Stdin {
		return c.stdin(env, rule, o)
	}
	paths := []string{in.Path}
	r := &logReport{}
	var rotated stream.RotatedSet
	if c.Rotated {
		set, err := stream.Rotated(in.Path, c.MaxFiles)
		if err != nil {
			return failed(in.Path, err)
		}
		if paths = set.Files; len(paths) > 1 {
			r.Members = paths
		}
		rotated = set
	}
	once := slices.ContainsFunc(paths, isPipe)
	col := newCollector(rule, once)
	written := time.Time{}
	bounds := make([]int64, 0, len(paths))
	for _, path := range paths {
		res := c.file(env, path, col.options(o))
		bounds = append(bounds, res.Bytes)
		if res.InFlight != nil {
			bounds[len(bounds)-1] = res.InFlight.Offset
		}
		col.next(res.Bytes)
		if info, err := os.Stat(path); err == nil && info.ModTime().After(written) {
			written = info.ModTime()
		}
		if o.After = res.LastInOrder; o.After == nil && r.Result != nil {
			o.After = r.LastInOrder
		}
		r.Result = join(r.Result, res, in.Path)
		if res.Failure != "" {
			break
		}
	}
	again := func(s span, end int64, yield func(record.Kind, policy.Record)) error {
		if end < 0 {
			end = bounds[s.file]
		}
		return readAgain(env.Ctx, paths[s.file], o.Checker, rule, s, end, yield)
	}
	if once {
		again = nil
	}
	for _, a := range rotated.Anomalies() {
		r.Add(a, maxShown)
	}
	c.complete(r, col, written, again)
	return r
}

// isPipe reports whether a path names what can be read only once.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// complete fills in what follows from the collector.
func (c *Command) complete(r *logReport, col *collector, written time.Time, again reread) {
	var limit *int64
	if c.Limit != nil {
		n := int64(*c.Limit)
		limit = &n
	}
	r.fill(col, limit)
	var t tally
	if err := col.judge(&t, again); err != nil && r.Failure == "" {
		r.Failure, r.Healthy = fmt.Sprintf("preview retention: %v", err), false
	}
	var records int64
	for k := range col.expired {
		records += col.expired[k].Bytes + col.survivors[k].Bytes
	}
	damaged := r.Bytes - records
	if r.InFlight != nil {
		damaged -= r.InFlight.Length
	}
	r.Preview = t.form(col.rule.Policy(), max(damaged, 0))
	if err := col.rule.CheckClock(col.seen, written); err != nil && !c.Force {
		r.Preview.Refused = err.Error()
	}
}

// file looks at the file at path and at what stands beside it.
func (c *Command) file(env *cli.Env, path string, o survey.Options) *survey.Result {
	size := int64(0)
	if info, err := os.Stat(path); err == nil {
		size = info.Size()
	}
	bar := env.Progress(&c.Output, filepath.Base(path), size)
	o.OnProgress = bar.Add
	res, err := survey.File(env.Ctx, path, o)
	bar.Close()
	if err != nil {
		return res
	}
	leftovers, err := durable.Interrupted(path)
	if err != nil {
		res.Failure, res.Healthy = fmt.Sprintf("look for interrupted rewrites: %v", err), false
	}
	for _, l := range leftovers {
		res.Add(l.Anomaly(), o.MaxAnomalies)
	}
	return res
}

func (c *Command) stdin(env *cli.Env, rule policy.Rule, o survey.Options) *logReport {
	src, err := stream.FromReader("-", env.Stdin)
	if err != nil {
		return failed("-", err)
	}
	defer src.Close()
	bar := env.Progress(&c.Output, "standard input", 0)
	defer bar.Close()
	col := newCollector(rule, true)
	o.OnProgress = bar.Add
	res, _ := survey.Source(env.Ctx, src, col.options(o)) // the result tells of the error
	col.next(res.Bytes)
	r := &logReport{Result: res}
	c.complete(r, col, time.Time{}, nil)
	return r
}

func failed(path string, err error) *logReport {
	r := &logReport{Result: survey.Empty(path)}
	r.Failure = err.Error()
	r.fill(newCollector(policy.Rule{}, false), nil)
	r.Preview = (&tally{}).form(policy.Policy{}, 0)
	return r
}

// join adds up the results on the files of one log.
func join(sum, next *survey.Result, path string) *survey.Result {
	if sum == nil {
		sum = next
		if sum.Path != path {
			sum.Path, sum.Compression = path, ""
		}
		return sum
	}
	if next.Missing {
		return sum // rotated a moment ago: the producer makes it anew
	}
	sum.SizeBytes += next.SizeBytes
	sum.Bytes += next.Bytes
	sum.Lines += next.Lines
	sum.Records += next.Records
	for k, n := range next.Kinds {
		sum.Kinds[k] += n
	}
	for k, n := range next.Counts {
		sum.Counts[k] += n
	}
	sum.First = lower(sum.First, next.First, 1)
	sum.Last = lower(sum.Last, next.Last, -1)
	sum.LongestLine = max(sum.LongestLine, next.LongestLine)
	sum.Healthy = sum.Healthy && next.Healthy
	sum.Errors += next.Errors
	sum.Warnings += next.Warnings
	sum.Omitted += next.Omitted
	for _, a := range next.Anomalies {
		if len(sum.Anomalies) < maxShown {
			sum.Anomalies = append(sum.Anomalies, a)
		} else {
			sum.Omitted++
		}
	}
	if next.LastInOrder != nil {
		sum.LastInOrder = next.LastInOrder
	}
	sum.InFlight, sum.Failure = next.InFlight, next.Failure
	return sum
}

// lower returns the lower one of two numbers, the higher one for sign -1.
func lower(a, b *float64, sign float64) *float64 {
	if a == nil || b != nil && *b*sign < *a*sign {
		return b
	}
	return a
}

// readAgain reads the records of one span of a file that was read before.
func readAgain(ctx context.Context, path string, checker *record.Checker, rule policy.Rule, s span, end int64, yield func(record.Kind, policy.Record)) error {
	src, err := stream.Open(path)
	if err != nil {
		return err
	}
	defer src.Close()
	var text io.Reader
	if f := src.File(); f != nil {
		text = io.NewSectionReader(f, s.offset, end-s.offset)
	} else {
		if _, err := io.CopyN(io.Discard, src, s.offset); err != nil {
			return fmt.Errorf("read %s again: %w", path, err)
		}
		text = io.LimitReader(src, end-s.offset)
	}
	r := stream.NewReader(text, stream.ReaderOptions{MaxLineBytes: checker.MaxLineBytes()})
	var b stream.Block
	var found policy.Sum
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Next(&b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("read %s again: %w", path, err)
		}
		if b.Kind != stream.Lines {
			continue
		}
		for l := range b.Lines {
			if s.offset > 0 {
				l.Pos &^= record.First
			}
			res := checker.Check(l.Text, l.Pos)
			if !res.IsRecord() {
				continue
			}
			rec := policy.Record{Timestamp: res.Timestamp, Dated: res.HasTimestamp, Bytes: l.Size()}
			if rule.Survives(rec.Timestamp, rec.Dated) {
				found = found.Add(policy.Sum{Records: 1, Bytes: rec.Bytes})
			}
			yield(res.Kind, rec)
		}
	}
	if found != s.sum {
		return &stream.ChangedError{Path: path, What: "was changed", Offset: s.offset}
	}
	return nil
}
