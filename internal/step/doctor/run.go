package doctor

import (
	"errors"
	"fmt"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/internal/step/repair"
)

// run looks, decides, recovers, and looks again.
func (c *Flags) run(env *cli.Env, codes codes) error {
	if err := c.check(); err != nil {
		return err
	}
	inputs, err := c.inputs(env)
	if err != nil {
		return err
	}
	d := &document{Head: report.NewHead(env.Prog, cli.Version()), Mode: c.Mode}
	if c.Mode == ignore {
		return c.show(env, d)
	}
	if d.Before, err = c.look(env, inputs); err != nil {
		return err
	}
	d.Retention = c.retention(env, inputs)
	last, code := d.Before, cli.ExitOK
	if c.Mode == recovery && d.Before.Unhealthy() && !d.Before.Failed() {
		failed := c.recover(env, d)
		if d.After, err = c.look(env, inputs); err != nil {
			return errors.Join(failed, err)
		}
		last, err = d.After, failed
	}
	switch {
	case err != nil:
		code = cli.CodeOf(err)
	case last.Failed():
		code = cli.ExitFailed
	case !last.Unhealthy() || c.Mode == scanOnly:
	case d.After != nil:
		code = codes.remaining
	default:
		code = codes.anomalies
	}
	d.finish(last, code)
	if err := errors.Join(err, c.show(env, d)); err != nil {
		return err
	}
	return cli.Exit(code)
}

// look surveys all logs.
func (c *Flags) look(env *cli.Env, inputs []cli.Input) (*report.Document, error) {
	doc := report.NewDocument(env.Prog, cli.Version(), c.Strict, nil)
	s := c.scanner()
	for _, in := range inputs {
		for _, res := range s.Logs(env, in) {
			doc.Add(res)
		}
		doc.Limit(maxReported)
		if err := env.Ctx.Err(); err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
	}
	return doc, nil
}

// maxReported bounds the anomalies held for a report on very many logs.
const maxReported = 50_000

// recover repairs every log that has anomalies. One that fails does not keep the others from being repaired.
func (c *Flags) recover(env *cli.Env, d *document) error {
	var errs []error
	d.Recovery = &recovered{Mode: c.RecoveryMode, Files: []repair.Outcome{}}
	r := c.repairer()
	for _, f := range d.Before.Files {
		if !f.Unhealthy(c.Strict) {
			continue
		}
		o := r.File(env, f.Path)
		d.Recovery.Files = append(d.Recovery.Files, o)
		if err := o.Err(); err != nil {
			errs = append(errs, fmt.Errorf("recover %s: %w", f.Path, err))
		}
		if env.Ctx.Err() != nil {
			break
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}
