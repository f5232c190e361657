package doctor

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// run looks, decides, recovers, and looks again.
func (c *Flags) run(env *cli.Env, codes codes) error {
	if err := cmp.Or(c.Check(), c.scanner().CheckLinks()); err != nil {
		return err
	}
	inputs, err := c.inputs(env)
	if err != nil {
		return err
	}
	out := c.output(env)
	if c.Mode == Ignore {
		return out.skipped()
	}
	run := c.Flag.Run(env, "doctor")
	run.Strict = c.Strict
	before, damaged, err := c.look(env, inputs, out.document("before"), run)
	if err == nil {
		err = before.Close()
	}
	if err != nil {
		return err
	}
	out.retention(c.retention(env, inputs))
	last, code, failed := before, cli.ExitOK, error(nil)
	if c.Mode == Recover && before.doc.Unhealthy() && !before.doc.Failed() {
		run.Again()
		failed = c.recover(env, damaged, out.recovery(), run)
		last, _, err = c.look(env, inputs, out.document("after"), run)
		if err != nil {
			return errors.Join(failed, err)
		}
	}
	switch {
	case failed != nil:
		code = cli.CodeOf(failed)
	case last.doc.Failed():
		code = cli.ExitFailed
	case !last.doc.Unhealthy() || c.Mode == ScanOnly:
	case last != before:
		code = codes.remaining
	default:
		code = codes.anomalies
	}
	if err := errors.Join(failed, out.end(last, failed != nil, code), c.Tell(run)); err != nil {
		return err
	}
	return cli.Exit(code)
}

// section is the report on one look at all logs.
type section struct {
	doc *report.Document
	*report.Form
}

// look surveys all logs and returns those that are damaged.
func (c *Flags) look(env *cli.Env, inputs []cli.Input, s section, run *report.Run) (_ section, damaged []cli.Input, err error) {
	byPath := map[string]cli.Input{} // of files of a set, which have other names, none
	for _, in := range inputs {
		if in.Found() {
			byPath[in.Path] = in
		}
	}
	err = c.scanner().Each(env, cli.Listed(inputs), func(f *survey.Result) {
		s.doc.Add(f)
		run.Look(f)
		if f.Unhealthy(c.Strict) {
			in, ok := byPath[f.Path]
			if !ok {
				in = cli.Input{Path: f.Path}
			}
			damaged = append(damaged, in)
		}
	})
	if err != nil {
		err = errors.Join(err, s.Discard())
	}
	return s, damaged, err
}

// recover repairs every damaged log. One that fails does not keep the others
// from being repaired.
func (c *Flags) recover(env *cli.Env, damaged []cli.Input, done recovered, run *report.Run) error {
	var errs []error
	r := c.Repairer(cli.Inputs{RewriteInputs: cli.RewriteInputs{Missing: c.Missing}}, c.Output)
	for _, in := range damaged {
		o := r.File(env, in)
		o.Count(run)
		if err := o.Err(); err != nil {
			errs = append(errs, fmt.Errorf("recover %s: %w", in.Path, err))
		}
		if err := done.file(o); err != nil {
			errs = append(errs, err)
		}
		if env.Ctx.Err() != nil {
			break
		}
	}
	if err := done.end(); err != nil {
		errs = append(errs, err)
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
