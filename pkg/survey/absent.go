package survey

import (
	"fmt"
	"maps"
	"slices"

	"github.com/papyra-tools/papyra/pkg/record"
)

// sumUp says once what would have to be said of every record: that a member is
// nowhere in the log. Of Papyra's own logs it is said line by line, as scripts
// expect it. absent counts the records by what they have not at all, and most
// bounds the anomalies that are listed.
func (r *Result) sumUp(absent map[record.Type]int64, profile string, most int) {
	if profile == record.Papyra().Name || r.Records < 2 {
		return
	}
	for _, kind := range slices.Sorted(maps.Keys(absent)) {
		n := absent[kind]
		if n < r.Records {
			continue
		}
		one := record.Anomaly{Type: kind, Severity: kind.Severity(), Path: r.Path, Length: r.Bytes, ErrorOffset: -1,
			Reason: fmt.Sprintf("none of %d records has what the profile %s requires", n, profile)}
		of := func(a record.Anomaly) bool { return a.Type == kind }
		if i := slices.IndexFunc(r.Anomalies, of); i >= 0 {
			one.Reason += ": " + r.Anomalies[i].Reason
		}
		if r.Anomalies = slices.DeleteFunc(r.Anomalies, of); most > 0 {
			r.Anomalies = slices.Insert(r.Anomalies, 0, one)
		}
		r.Errors -= n - 1
		r.Counts[kind.String()] = 1
		r.Omitted = r.Total() - int64(len(r.Anomalies))
	}
}
