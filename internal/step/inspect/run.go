package inspect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxShown is how many anomalies of a log are reported one by one.
const maxShown = 1000

// atOnce bounds how many logs of a folder are looked at at the same time: what
// is gathered on each takes some megabytes.
const atOnce = 4

// each looks at all inputs and hands on what it finds, in their order.
func (c *Command) each(env *cli.Env, inputs []cli.Input, show func(*logReport) error) error {
	rule := c.Policy().At(env.Now())
	n := 1
	if c.Recursive {
		n = min(cli.AtOnce(), atOnce)
	}
	err := cli.InOrder(env.Ctx, cli.Listed(inputs), n, func(in cli.Input, small bool) *logReport {
		one := *c // each log may have a profile of its own
		f := one.inspect(env, in, rule, small)
		f.Words = wordsOf(one.Record())
		return f
	}, func(f *logReport) error {
		if err := env.Ctx.Err(); err != nil {
			return err
		}
		return show(f)
	})
	if err != nil && env.Ctx.Err() != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	return err
}

// options are how each file is looked at.
func (c *Command) options(env *cli.Env) survey.Options {
	return survey.Options{
		Checker: c.Checker(env.Now, members[:]...),
		MaxSkew: time.Duration(c.MaxSkew), Settle: time.Duration(c.Settle), MaxAnomalies: maxShown,
	}
}

// inspect looks at one log. What goes wrong stands in the report's Failure.
func (c *Command) inspect(env *cli.Env, in cli.Input, rule policy.Rule, small bool) *logReport {
	if err := c.Decide(env, in, c.Quiet); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(in.Path, err)
	}
	time, kind := c.Flags()
	if err := c.Needs(cli.Given(time), cli.Given(kind)); err != nil {
		return failed(in.Path, err)
	}
	o := c.options(env)
	if small {
		o.Workers = 1
	}
	r := &logReport{}
	log, set, err := env.OpenLog(in, c.Rotated, c.MaxFiles)
	if log == nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(in.Path, err)
	}
	var files []*stream.Log
	if log != nil {
		defer log.Close()
		files = log.Members()
	}
	if len(files) > 1 {
		r.Members = set.Files
	}
	col := newCollector(rule, c.Record())
	if log != nil && log.Size() >= 0 && !in.Stdin && c.Range == nil {
		retention, err := (&selection.Options{Rule: rule, Checker: o.Checker, Damage: selection.Pass, Force: true}).WithCuts(env.Ctx, log)
		if err != nil {
			return failed(in.Path, err)
		}
		col.planner = selection.NewPlanner(log, retention)
	}
	var series survey.Series
	for _, file := range files {
		res := c.file(env, in, file, &series, col.options(o))
		col.next(res.Bytes)
		r.Result = join(r.Result, res, in.Path)
		if res.Failure != "" {
			break
		}
	}
	if log == nil {
		r.Result = survey.Empty(in.Path)
		r.Missing, r.Healthy = true, true
		if err := c.Absent(in.Path); err != nil && !in.Found() { // which was there a moment ago
			r.Healthy, r.Failure = false, err.Error()
		}
		durable.Beside(r.Result, maxShown)
	}
	r.With(set.Anomalies(), maxShown)
	c.complete(env.Ctx, r, col)
	if r.Shard != nil {
		r.State = col.encode()
	}
	return r
}

// complete fills in what follows from the collector.
func (c *Command) complete(ctx context.Context, r *logReport, col *collector) {
	r.fill(&col.state, (*int64)(c.Limit))
	end := col.base
	if r.InFlight != nil {
		end -= r.InFlight.Length
	}
	r.Preview = newPreview(col.rule.Policy(), r.damaged(&col.state))
	var clock error
	if col.planner != nil {
		plan, err := col.planner.Complete(ctx, end)
		if err == nil {
			// Without a limit the kinds are those that a merge of parts can
			// tell apart.
			r.Preview.take(plan, classes(c.Record(), c.AllowKind, c.Limited()))
		} else if r.Failure == "" {
			r.Failure, r.Healthy = fmt.Sprintf("preview retention: %v", err), false
		}
		clock = col.planner.CheckClock()
	} else {
		if col.rule.Groups() == nil {
			col.judge(&r.Preview)
		} else {
			r.Preview.Refused = "limits by count of single kinds are not previewed for a stream or a part of a log"
		}
		clock = col.rule.CheckClock(col.seen, time.Time{})
	}
	if clock != nil && !c.Force {
		r.Preview.Refused = clock.Error()
	}
}

// damaged is how many bytes are in lines that are no records.
func (r *logReport) damaged(s *state) int64 {
	n := r.Bytes - s.bytes
	if r.InFlight != nil {
		n -= r.InFlight.Length
	}
	return max(n, 0)
}

// file looks at a file and at what stands beside it.
func (c *Command) file(env *cli.Env, in cli.Input, file *stream.Log, series *survey.Series, o survey.Options) *survey.Result {
	var bar *cli.Progress
	if !c.Recursive { // of which several are looked at at once
		bar = env.Progress(&c.Output, file.Name(), file.Size())
		o.OnProgress = bar.Add
	}
	var res *survey.Result
	var err error
	if c.Range != nil {
		res, err = survey.Part(env.Ctx, file, o, c.Range.Shard(&c.Checking))
	} else {
		res, err = series.Next(env.Ctx, file, o)
	}
	bar.Close()
	if err == nil && !in.Stdin && (res.Shard == nil || res.Shard.To == res.SizeBytes) {
		durable.Beside(res, maxShown)
	}
	return res
}

func failed(path string, err error) *logReport {
	r := &logReport{Result: survey.Empty(path)}
	r.Failure = err.Error()
	none := newState()
	r.fill(&none, nil)
	r.Preview = newPreview(policy.Policy{}, 0)
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
	sum.Sum(next)
	sum.Healthy = sum.Healthy && next.Healthy
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
