package survey

import (
	"fmt"
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
)

// sumUp says once what would have to be said of every record: that a member is
// nowhere in the log. Of Papyra's own logs it is said line by line, as scripts
// expect it.
func (s *surveyor) sumUp() {
	r := s.res
	if s.o.Checker.Profile() == record.Papyra() || r.Records < 2 {
		return
	}
	for kind, n := range s.absent {
		if n < r.Records {
			continue
		}
		one := record.Anomaly{Type: kind, Severity: kind.Severity(), Path: r.Path, Length: r.Bytes, ErrorOffset: -1,
			Reason: fmt.Sprintf("none of %d records has what the profile %s requires", n, s.o.Checker.Profile().Name)}
		of := func(a record.Anomaly) bool { return a.Type == kind }
		if i := slices.IndexFunc(r.Anomalies, of); i >= 0 {
			one.Reason += ": " + r.Anomalies[i].Reason
		}
		if r.Anomalies = slices.DeleteFunc(r.Anomalies, of); s.o.MaxAnomalies > 0 {
			r.Anomalies = slices.Insert(r.Anomalies, 0, one)
		}
		r.Errors -= n - 1
		r.Counts[kind.String()] = 1
		r.Omitted = r.Total() - int64(len(r.Anomalies))
	}
}
