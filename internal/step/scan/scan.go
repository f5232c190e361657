package scan

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/durable"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// scan looks at one input, which is several files if it was rotated.
func (c *Command) scan(env *cli.Env, in cli.Input) []*survey.Result {
	o := c.options()
	if in.Stdin {
		return []*survey.Result{c.stdin(env, o)}
	}
	if !c.Rotated {
		return []*survey.Result{c.file(env, in.Path, o)}
	}
	set, err := stream.Rotated(in.Path, c.MaxFiles)
	if err != nil {
		return []*survey.Result{failure(in.Path, err)}
	}
	var all []*survey.Result
	for _, path := range set.Files {
		if len(set.Files) > 1 && path == in.Path {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				continue // rotated a moment ago: the producer makes it anew
			}
		}
		res := c.file(env, path, o)
		all = append(all, res)
		if res.LastInOrder != nil {
			o.After = res.LastInOrder
		}
	}
	report := all[len(all)-1]
	for _, a := range set.Anomalies() {
		report.Add(a, o.MaxAnomalies)
	}
	return all
}

// file looks at the log at path and at what stands beside it.
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
		return res
	}
	for _, l := range leftovers {
		res.Add(l.Anomaly(), o.MaxAnomalies)
	}
	return res
}

// stdin looks at the standard input.
func (c *Command) stdin(env *cli.Env, o survey.Options) *survey.Result {
	src, err := stream.FromReader("-", env.Stdin)
	if err != nil {
		return failure("-", err)
	}
	defer src.Close()
	bar := env.Progress(&c.Output, "standard input", max(src.Size(), 0))
	defer bar.Close()
	o.OnProgress = bar.Add
	res, _ := survey.Source(env.Ctx, src, o) // the result tells of the error
	return res
}

func failure(path string, err error) *survey.Result {
	res := survey.Empty(path)
	res.Failure = err.Error()
	return res
}

// merge sums the reports of earlier scans.
func (c *Command) merge(env *cli.Env, inputs []cli.Input) (*report.Document, error) {
	var paths []string
	for _, in := range inputs {
		paths = append(paths, in.Path)
	}
	return report.Merge(env.Prog, cli.Version(), c.Strict, paths, func(name string) (io.ReadCloser, error) {
		if name == "-" {
			return io.NopCloser(env.Stdin), nil
		}
		return os.Open(name)
	})
}
