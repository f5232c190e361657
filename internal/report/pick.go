package report

import (
	"github.com/papyra-tools/papyra/internal/survey"
	"github.com/papyra-tools/papyra/pkg/record"
)

// picked is an anomaly and the log it was found in.
type picked struct {
	f *survey.Result
	a *anomaly
}

// path is the file that the anomaly is about, which may be one beside the log.
func (p picked) path() string {
	if p.a.Path != "" {
		return p.a.Path
	}
	return p.f.Path
}

// pick returns the n anomalies that are worth showing where there is little room: errors before warnings, and of each log in
// turn, so that one bad log does not hide the others.
func pick(d *Document, n int) []picked {
	var all []picked
	for _, severity := range []record.Severity{record.Error, record.Warning} {
		var queues [][]picked
		for _, f := range d.Files {
			if len(queues) >= n-len(all) {
				break
			}
			if q := first(f, severity, n-len(all)); len(q) > 0 {
				queues = append(queues, q)
			}
		}
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

// first returns the first n anomalies of that severity.
func first(f *survey.Result, severity record.Severity, n int) []picked {
	var q []picked
	for i := 0; i < len(f.Anomalies) && len(q) < n; i++ {
		if a := &f.Anomalies[i]; a.Severity == severity {
			q = append(q, picked{f, a})
		}
	}
	return q
}
