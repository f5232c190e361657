package report

import (
	"errors"
	"fmt"
	"io"

	"encoding/json"

	"github.com/papyra-tools/papyra/pkg/survey"
)

// Merge adds the findings of the JSON reports of the given names to the
// document: see [Merger]. The document becomes strict if one of the reports is,
// and takes over their settings. Totals do not depend on the order in which
// reports are read, nor on whether they are merged at once or step by step; the
// files come in the order of reading. At most so many anomalies of a log that
// came in shards are listed as most says.
func (d *Document) Merge(names []string, open func(name string) (io.ReadCloser, error), most int) error {
	h := &heads{strict: d.Strict, settings: map[string]string{}}
	m := &Merger[*survey.Result]{
		New:    func() (*survey.Result, *survey.Result) { r := &survey.Result{}; return r, r },
		Report: h.report,
		Join:   func(whole, next *survey.Result) { whole.Join(next, most) },
		Whole:  func(r *survey.Result) { r.Whole(most) },
	}
	defer m.Close()
	if err := m.Read(names, open); err != nil {
		return err
	}
	d.Strict, d.Settings, d.Host = h.strict, h.settings, m.Host
	return m.Each(func(f *survey.Result) error {
		d.Add(f)
		return nil
	})
}

// heads is what the heads of the reports said so far.
type heads struct {
	strict   bool
	settings map[string]string
}

// report takes one report. Only its head says whether it is strict, and that
// may come after the files: they are summed both ways.
func (h *heads) report() (file func(*survey.Result) error, end func([]byte) error) {
	sums := map[bool]*Document{false: NewDocument("", "", false), true: NewDocument("", "", true)}
	return func(f *survey.Result) error {
			sums[false].Add(f)
			sums[true].Add(f)
			return nil
		}, func(text []byte) error {
			in := &headIn{}
			if err := json.Unmarshal(text, in); err != nil {
				return fmt.Errorf("it is no report: %w", err)
			}
			if in.Total == nil {
				return errors.New("not a report of a scan: it has no total")
			}
			h.strict = h.strict || in.Strict
			if err := h.set(in.Settings); err != nil {
				return err
			}
			return in.check(sums[in.Strict])
		}
}

// headIn is a head that tells what is absent.
type headIn struct {
	Total *Total `json:"total"`

	Strict   bool              `json:"strict"`
	Healthy  bool              `json:"healthy"`
	Settings map[string]string `json:"settings"`
}

// check holds what a report says of its files against their sum.
func (h *headIn) check(got *Document) error {
	said := h.Total
	for _, c := range []struct {
		what      string
		sum, said int64
	}{
		{"files", got.Total.Files, said.Files},
		{"failures", got.Total.Failures, said.Failures},
		{"unhealthy", got.Total.Unhealthy, said.Unhealthy},
		{"errors", got.Total.Errors, said.Errors},
		{"warnings", got.Total.Warnings, said.Warnings},
		{"records", got.Total.Records, said.Records},
	} {
		if c.sum != c.said {
			return fmt.Errorf("it contradicts itself: total.%s is %d, but its files sum up to %d", c.what, c.said, c.sum)
		}
	}
	if got.Healthy != h.Healthy {
		return fmt.Errorf("it contradicts itself: healthy is %t, but its files say %t", h.Healthy, got.Healthy)
	}
	return nil
}
