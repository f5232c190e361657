package report

import (
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// picked is an anomaly and the path of the log it was found in.
type picked struct {
	log string
	a   anomaly
}

// path is the file that the anomaly is about, which may be one beside the log.
func (p picked) path() string {
	if p.a.Path != "" {
		return p.a.Path
	}
	return p.log
}

// picker picks the n anomalies that are worth showing where there is little
// room: errors before warnings, and of each log in turn, so that one bad log
// does not hide the others. It holds n anomalies of n logs at most, of each
// severity.
type picker struct {
	n      int
	queues [2][][]picked
}

// add takes in the anomalies of one more log.
func (p *picker) add(f *survey.Result) {
	for i, severity := range []record.Severity{record.Error, record.Warning} {
		var q []picked
		for j := 0; j < len(f.Anomalies) && len(q) < p.n && len(p.queues[i]) < p.n; j++ {
			if a := f.Anomalies[j]; a.Severity == severity {
				q = append(q, picked{f.Path, a})
			}
		}
		if len(q) > 0 {
			p.queues[i] = append(p.queues[i], q)
		}
	}
}

// pick returns the first n of those that are worth most.
func (p *picker) pick(n int) (all []picked) {
	for _, queues := range p.queues {
		queues = slices.Clone(queues)
		for len(queues) > 0 && len(all) < n {
			left := queues[:0]
			for _, q := range queues {
				if len(all) < n {
					all = append(all, q[0])
				}
				if len(q) > 1 {
					left = append(left, q[1:])
				}
			}
			queues = left
		}
	}
	return all
}
