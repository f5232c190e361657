package inspect

import (
	"errors"
	"fmt"
	"reflect"

	"encoding/json"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/report"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// maxState is more than the longest state of a shard takes: the names of all
// keys that are counted, in base64.
const maxState = 6 << 20

// merging puts the reports of earlier runs together. A shard brings along the
// sums of its records, and they add up as those of the blocks of one pass do.
type merging struct {
	report.Merger[*logReport]
	head *head // what the reports agree on, nil before the first one
	logs []cli.Input
	cut  map[string]bool // those of which there are shards
	// whole is the state of the log at hand if of is its report, and next that
	// of one more shard.
	of          *logReport
	whole, next state
}

func newMerging() *merging {
	m := &merging{cut: map[string]bool{}, whole: newState(), next: newState()}
	m.Merger = report.Merger[*logReport]{
		New:     func() (*logReport, *survey.Result) { r := &survey.Result{}; return &logReport{Result: r}, r },
		Report:  m.report,
		Join:    m.join,
		Whole:   m.finish,
		Longest: maxState,
	}
	return m
}

// read reads the reports, has the head say what they say, and returns the logs
// they are on.
func (m *merging) read(env *cli.Env, reports []cli.Input, h *head) ([]cli.Input, error) {
	var names []string
	for _, in := range reports {
		names = append(names, in.Path)
	}
	if err := m.Read(names, env.OpenReport); err != nil {
		return nil, err
	}
	h.Host, h.Profile, h.Retention, h.Limit = m.Host, m.head.Profile, m.head.Retention, m.head.Limit
	return m.logs, nil
}

// report takes one report.
func (m *merging) report() (file func(*logReport) error, end func([]byte) error) {
	var sum closing
	return func(f *logReport) error {
			sum.add(f)
			if f.Shard == nil || !m.cut[f.Path] {
				m.logs = append(m.logs, cli.Input{Path: f.Path})
			}
			if f.Shard == nil {
				return nil
			}
			m.cut[f.Path] = true
			return m.next.decode(f.State, f.Records)
		}, func(text []byte) error {
			var in struct {
				head
				Metrics *report.Metrics `json:"metrics"`
			}
			if err := json.Unmarshal(text, &in); err != nil {
				return fmt.Errorf("it is no report: %w", err)
			}
			switch {
			case in.Metrics == nil:
				return errors.New("not a report of inspect: it has no metrics")
			case *in.Metrics != sum.Metrics:
				return errors.New("it contradicts itself: its metrics are not those of its logs")
			}
			return m.agree(&in.head)
		}
}

// agree takes in what holds for a whole report. It must hold for all of them.
func (m *merging) agree(h *head) error {
	if m.head == nil {
		m.head = h
		return nil
	}
	if !reflect.DeepEqual(m.head.Retention, h.Retention) || !reflect.DeepEqual(m.head.Limit, h.Limit) {
		return errors.New("its retention or --limit is not that of the reports before it")
	}
	if m.head.Profile != h.Profile {
		return fmt.Errorf("it takes logs to be of the profile %s, and a report before it of %s", h.Profile, m.head.Profile)
	}
	return nil
}

// load reads the state of the first shard of a log.
func (m *merging) load(r *logReport) {
	if m.of != r {
		m.of = r
		_ = m.whole.decode(r.State, r.Records) // it was read before
	}
}

func (m *merging) join(whole, next *logReport) {
	m.load(whole)
	_ = m.next.decode(next.State, next.Records) // it was read before
	m.whole.merge(&m.next.sums)
	m.whole.strip.Merge(m.next.strip)
	if back := whole.Result.Join(next.Result, maxShown); back != nil {
		mark := func(s record.Severity, n int64) {
			m.whole.strip.Add(back.Regression.Offset, back.Regression.Length, s == record.Error, n)
		}
		mark(back.Regression.Severity, 1)
		if back.Instead != nil {
			mark(back.Instead.Severity, -1)
		}
	}
}

// finish makes the report on all shards of a log that on the log.
func (m *merging) finish(r *logReport) {
	m.load(r)
	r.Result.Whole(maxShown)
	m.whole.strip.Extend(r.Bytes)
	r.fill(&m.whole, m.head.Limit)
	r.Preview = newPreview(policy.Policy{}, r.damaged(&m.whole))
	r.Preview.putAll(&m.whole.survivors, policy.None)
	r.State = nil
}
