package survey

import "github.com/papyra-tools/papyra/pkg/record"

// Join adds the result on the shard that follows, so that both are one result
// on both. The shards of a log in their order, joined in whatever groups, give
// the result of one pass over it but for Elapsed, if most is not more than what
// each was looked at with. next is used up. If time went back where they meet,
// which only Join can tell, that border is returned.
//
// Kinds beyond the first kinds.MaxNames are told apart by their shards only.
func (r *Result) Join(next *Result, most int) (back *Border) {
	a, b := r.Shard, next.Shard
	if b.First != nil && a.Last != nil && b.First.Timestamp < *a.Last-b.MaxSkew {
		back = b.First
		next.regress(back)
	}
	if a.First == nil && b.First != nil {
		a.First = b.First
		a.First.Before += r.Total()
		a.First.Regression.Line += r.Lines
	}
	if b.Last != nil {
		a.Last, r.LastInOrder = b.Last, b.Last
	}
	a.To = b.To
	for t, n := range b.Absent {
		if a.Absent == nil {
			a.Absent = map[record.Type]int64{}
		}
		a.Absent[t] += n
	}
	for _, x := range next.Anomalies {
		if x.Line > 0 {
			x.Line += r.Lines
		}
		// What is left out leaves no gap: the first ones are listed.
		if r.Omitted > 0 || len(r.Anomalies) >= most {
			r.Omitted++
			continue
		}
		r.Anomalies = append(r.Anomalies, x)
	}
	r.Omitted += next.Omitted
	if t := next.InFlight; t != nil {
		r.InFlight = &Tail{t.Line + r.Lines, t.Offset, t.Length}
	}
	r.Sum(next)
	if r.Failure == "" {
		r.Failure = next.Failure
	}
	r.Faults |= next.Faults
	r.Healthy = r.Failure == "" && r.Errors == 0
	return back
}

// Sum adds up what is counted or measured of two logs, or two parts of one:
// bytes, lines, records, anomalies, what a repair would save, and how far times
// and lengths go.
func (r *Result) Sum(next *Result) {
	r.Bytes += next.Bytes
	r.Lines += next.Lines
	r.Records += next.Records
	r.Errors += next.Errors
	r.Warnings += next.Warnings
	for k, n := range next.Kinds {
		r.Kinds[k] += n
	}
	for k, n := range next.Counts {
		r.Counts[k] += n
	}
	r.First, r.Last = lower(r.First, next.First), higher(r.Last, next.Last)
	r.LongestLine = max(r.LongestLine, next.LongestLine)
	if next.Repair != nil {
		if r.Repair == nil {
			r.Repair = new(Repair)
		}
		r.Repair.Add(next.Repair)
	}
}

// Whole makes the result on all shards of a log that on the log.
func (r *Result) Whole(most int) {
	sh := r.Shard
	r.Shard = nil
	r.sumUp(sh.Absent, sh.Profile, most)
	if r.Foreign() {
		r.LooksLike = sh.Looks
	}
}

// Foreign reports whether hardly any record of the log is one of Papyra's.
func (r *Result) Foreign() bool {
	n := r.Counts[record.MissingKind.String()] + r.Counts[record.UnknownKind.String()] + r.Counts[record.MissingTimestamp.String()]
	return n > 0 && n*10 >= r.Records*9
}

// regress gives the first dated record of a shard the anomaly that time went
// back there.
func (r *Result) regress(x *Border) {
	count := func(t record.Type, s record.Severity, n int64) {
		if s == record.Error {
			r.Errors += n
		} else {
			r.Warnings += n
		}
		if r.Counts[t.String()] += n; r.Counts[t.String()] == 0 {
			delete(r.Counts, t.String())
		}
	}
	r.Faults = r.Faults.With(x.Regression.Type)
	at, listed := int(x.Before), x.Before < int64(len(r.Anomalies))
	count(x.Regression.Type, x.Regression.Severity, 1)
	switch {
	case x.Instead != nil:
		count(x.Instead.Type, x.Instead.Severity, -1)
		if listed {
			r.Anomalies[at] = x.Regression
		}
	case x.Before <= int64(len(r.Anomalies)) && r.Omitted == 0:
		r.Anomalies = append(r.Anomalies, record.Anomaly{})
		copy(r.Anomalies[at+1:], r.Anomalies[at:])
		r.Anomalies[at] = x.Regression
	case listed:
		// One more than fits: the last one of the list makes room.
		copy(r.Anomalies[at+1:], r.Anomalies[at:])
		r.Anomalies[at] = x.Regression
		r.Omitted++
	default:
		r.Omitted++
	}
}

func lower(a, b *float64) *float64 {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

func higher(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
