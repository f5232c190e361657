package doctor

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/internal/selection"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// retained tells what the retention in force leaves of a log, as a reader sees
// it. Anomalies are reported wherever they stand.
type retained struct {
	Path           string `json:"path"`
	RecordsKept    int64  `json:"records_kept"`
	RecordsExpired int64  `json:"records_expired"`
	BytesKept      int64  `json:"bytes_kept"`
	BytesExpired   int64  `json:"bytes_expired"`
	// Refused says why the limits can't be applied: the clock or the unit of
	// the timestamps looks wrong, say.
	Refused string `json:"refused,omitempty"`
}

// retention applies the limits to each log, if there are any. That they can't
// be applied is told, but no matter of health.
func (c *Flags) retention(env *cli.Env, inputs []cli.Input) iter.Seq[*retained] {
	return func(yield func(*retained) bool) {
		if !c.Limited() {
			return
		}
		for _, in := range inputs {
			if _, err := os.Stat(in.Path); err != nil {
				continue // the scan tells
			}
			r := &retained{Path: in.Path}
			if err := c.retain(env, r); err != nil {
				r.Refused = err.Error()
			}
			if !yield(r) {
				return
			}
		}
	}
}

func (c *Flags) retain(env *cli.Env, r *retained) error {
	if err := c.Decide(env, cli.Input{Path: r.Path}, true); err != nil {
		return err
	}
	time, kind := c.Retention.Flags()
	if err := c.Needs(cli.Given(time), cli.Given(kind)); err != nil {
		return err
	}
	log, err := stream.Open(env.Ctx, r.Path)
	if err != nil {
		return err
	}
	defer log.Close()
	if !log.Seekable() {
		return fmt.Errorf("limits are not applied to a %s log here", cmp.Or(log.Compression(), "streamed"))
	}
	o := &selection.Options{Rule: c.Retention.Policy().At(env.Now()), Checker: c.Checker(env.Now), Damage: selection.Pass, Force: c.Force,
		Settle: c.Settle.Std()}
	plan, err := selection.MakePlan(env.Ctx, log, o, true)
	if err != nil {
		return err
	}
	r.RecordsKept, r.BytesKept = plan.Kept.Records, plan.Kept.Bytes
	for _, kinds := range plan.Removed {
		for _, s := range kinds {
			r.RecordsExpired += s.Records
			r.BytesExpired += s.Bytes
		}
	}
	return nil
}

func (r *retained) tell(w io.Writer) {
	name := safetext.String(r.Path)
	if r.Refused != "" {
		fmt.Fprintf(w, "retention of %s: %s\n", name, safetext.String(r.Refused))
		return
	}
	fmt.Fprintf(w, "retention of %s: %d records stay (%d bytes), %d have expired (%d bytes)\n",
		name, r.RecordsKept, r.BytesKept, r.RecordsExpired, r.BytesExpired)
}
