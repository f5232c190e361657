package scan

import (
	"errors"
	"io/fs"
	"iter"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// scan looks at one input, which is several files if it was rotated.
func (c *Command) scan(env *cli.Env, in cli.Input, o survey.Options) []*survey.Result {
	if err := c.Decide(env, in, c.Quiet); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return []*survey.Result{failure(in.Path, err)}
	}
	peek := c.peek(env, in)
	o.Checker = c.Checker(env.Now)
	log, set, err := env.OpenLog(in, c.Rotated, c.MaxFiles)
	if log == nil {
		res := failure(in.Path, err)
		if errors.Is(err, fs.ErrNotExist) {
			res.Missing, res.Healthy, res.Failure = true, true, ""
			if err := c.Absent(in.Path); err != nil && !in.Found() { // which was there a moment ago
				res.Healthy, res.Failure = false, err.Error()
			}
			durable.Beside(res, o.MaxAnomalies)
		}
		return []*survey.Result{res.With(set.Anomalies(), o.MaxAnomalies)}
	}
	defer log.Close()
	var all []*survey.Result
	var series survey.Series
	for _, file := range log.Members() { // one that cannot be opened says so
		var bar *cli.Progress
		if !c.Recursive {
			bar = env.Progress(&c.Output, file.Name(), file.Size())
			o.OnProgress = bar.Add
		}
		var res *survey.Result
		if c.Range != nil {
			res, err = survey.Part(env.Ctx, file, o, c.Range.Shard(&c.Checking))
		} else {
			res, err = series.Next(env.Ctx, file, o)
		}
		bar.Close()
		if err == nil && !in.Stdin && (res.Shard == nil || res.Shard.To == res.SizeBytes) {
			durable.Beside(res, o.MaxAnomalies)
		}
		if c.Record() != record.Papyra() {
			res.Profile = c.Record().Name
		}
		c.hint(env, in, res, peek)
		all = append(all, res)
	}
	all[len(all)-1].With(set.Anomalies(), o.MaxAnomalies)
	return all
}

func failure(path string, err error) *survey.Result {
	res := survey.Empty(path)
	res.Failure = err.Error()
	return res
}

// merge sums the reports of earlier scans.
func (c *Command) merge(env *cli.Env, doc *report.Document, inputs iter.Seq2[cli.Input, error]) error {
	var paths []string
	for in, err := range inputs {
		if err != nil {
			return err
		}
		paths = append(paths, in.Path)
	}
	return doc.Merge(paths, env.OpenReport, c.options(env).MaxAnomalies)
}
