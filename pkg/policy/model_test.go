package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/policy"
)

var now = time.Unix(1_710_000_000, 0)

// naive applies a policy the way it is described: limit by limit, to what is
// left of a list.
func naive(p policy.Policy, log []policy.Record) []policy.Limit {
	out := make([]policy.Limit, len(log))
	var left []int // indexes of what is left
	for i, r := range log {
		age := 1_710_000_000 - r.Timestamp
		if p.Kinds[r.Kind].Drop {
			out[i] = policy.ByKind
			continue
		}
		limit := p.MaxAge
		if own := p.Kinds[r.Kind].MaxAge; own != nil {
			limit = own
		}
		if limit != nil && (r.Dated && age > limit.Seconds() || !r.Dated && p.DropUndated) {
			out[i] = policy.ByAge
			continue
		}
		left = append(left, i)
	}
	drop := func(of func(kind string) bool, max int64) {
		var these []int
		for _, i := range left {
			if of(log[i].Kind) {
				these = append(these, i)
			}
		}
		for int64(len(these)) > max {
			out[these[0]] = policy.ByCount
			left = slices.DeleteFunc(left, func(i int) bool { return i == these[0] })
			these = these[1:]
		}
	}
	for kind, limit := range p.Kinds {
		if limit.MaxRecords != nil {
			drop(func(k string) bool { return k == kind }, *limit.MaxRecords)
		}
	}
	if p.MaxRecords != nil {
		drop(func(k string) bool { return p.Kinds[k].MaxRecords == nil }, *p.MaxRecords)
	}
	size := func() (n int64) {
		for _, i := range left {
			n += log[i].Bytes
		}
		return n
	}
	for p.MaxBytes != nil && size() > *p.MaxBytes {
		out[left[0]] = policy.BySize
		left = left[1:]
	}
	return out
}

func forward(r policy.Rule, log []policy.Record) []policy.Limit {
	var total policy.Sum
	over := make([]int64, len(r.Groups())) // how many are too many
	for i, most := range r.Groups() {
		over[i] = -most
	}
	for _, rec := range log {
		if r.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated) == policy.None && len(over) > 0 {
			over[r.Group([]byte(rec.Kind))]++
		}
	}
	again := slices.Clone(over)
	for _, rec := range log {
		if alone(r, rec, again) == policy.None {
			total = total.Add(policy.Sum{Records: 1, Bytes: rec.Bytes})
		}
	}
	out := make([]policy.Limit, len(log))
	for i, rec := range log {
		if out[i] = alone(r, rec, over); out[i] == policy.None {
			out[i] = r.Reached(total)
			total = total.Sub(policy.Sum{Records: 1, Bytes: rec.Bytes})
		}
	}
	return out
}

// alone says what a record goes for by itself or in its group, of which so many
// are still to go.
func alone(r policy.Rule, rec policy.Record, over []int64) policy.Limit {
	limit := r.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated)
	if limit == policy.None && len(over) > 0 {
		if n := &over[r.Group([]byte(rec.Kind))]; *n > 0 {
			*n--
			return policy.ByCount
		}
	}
	return limit
}

func backward(t require.TestingT, r policy.Rule, log []policy.Record) []policy.Limit {
	b := r.Backward()
	out := make([]policy.Limit, len(log))
	done := false
	for i := len(log) - 1; i >= 0; i-- {
		done = done || b.Done()
		require.Equal(t, done, b.Done(), "done once is done for good")
		out[i] = b.Next(log[i])
		require.False(t, done && out[i] == policy.None, "a record stays after the pass was done")
	}
	return out
}

// window is what a pipe does: it never sees a record twice and lets go of it as
// soon as it may.
func window(t require.TestingT, r policy.Rule, log []policy.Record) []bool {
	var total policy.Sum
	before := map[int]policy.Sum{} // what is held, and what survived before it
	if len(r.Groups()) > 0 {
		return windowOfGroups(r, log)
	}
	for i, rec := range log {
		if r.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated) != policy.None {
			continue
		}
		before[i] = total
		total = total.Add(policy.Sum{Records: 1, Bytes: rec.Bytes})
		for j, sum := range before {
			if r.Reached(total.Sub(sum)) != policy.None {
				delete(before, j)
			}
		}
		if max := r.Policy().MaxRecords; len(r.Groups()) == 0 && max != nil {
			require.LessOrEqual(t, int64(len(before)), *max, "more is held than may be kept")
		}
	}
	out := make([]bool, len(log))
	for i := range before {
		out[i] = true
	}
	return out
}

// windowOfGroups forgets after each record what is too many of its group: what
// went for that does not come back. What went for its size may: a later record
// takes the place of one between them, and there is room again.
func windowOfGroups(r policy.Rule, log []policy.Record) []bool {
	var held []int
	pass := func(forget func(policy.Limit) bool) {
		back := r.Backward()
		for k, i := range slices.Backward(held) {
			if forget(back.Next(log[i])) {
				held = slices.Delete(held, k, k+1)
			}
		}
	}
	for i := range log {
		held = append(held, i)
		pass(func(l policy.Limit) bool { return l != policy.None && l != policy.BySize })
	}
	pass(func(l policy.Limit) bool { return l != policy.None })
	out := make([]bool, len(log))
	for _, i := range held {
		out[i] = true
	}
	return out
}

func drawPolicy(t *rapid.T) policy.Policy {
	maybe := func(name string, hi int) *int64 {
		if !rapid.Bool().Draw(t, name+"?") {
			return nil
		}
		return new(int64(rapid.IntRange(0, hi).Draw(t, name)))
	}
	p := policy.Policy{MaxRecords: maybe("records", 30), MaxBytes: maybe("bytes", 300), DropUndated: rapid.Bool().Draw(t, "undated")}
	if age := maybe("age", 30); age != nil {
		p.MaxAge = new(time.Duration(*age) * time.Second)
	}
	for _, kind := range []string{"", "a", "b"} {
		if rapid.Bool().Draw(t, "kind "+kind) {
			limit := policy.KindLimit{Drop: rapid.IntRange(0, 3).Draw(t, "drop") == 0}
			if age := maybe("age of "+kind, 30); age != nil {
				limit.MaxAge = new(time.Duration(*age) * time.Second)
			}
			limit.MaxRecords = maybe("records of "+kind, 10)
			if p.Kinds == nil {
				p.Kinds = map[string]policy.KindLimit{}
			}
			p.Kinds[kind] = limit
		}
	}
	return p
}

func drawLog(t *rapid.T) []policy.Record {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) policy.Record {
		return policy.Record{
			Timestamp: float64(1_710_000_000 - rapid.IntRange(-3, 30).Draw(t, "age")),
			Dated:     rapid.IntRange(0, 4).Draw(t, "dated") > 0,
			Kind:      rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "kind"),
			Bytes:     int64(rapid.IntRange(3, 40).Draw(t, "bytes")),
		}
	}), 0, 40).Draw(t, "log")
}

// Forward in two passes, backward in one, through a window, and step by step:
// the same records stay, and the others go for the same reason.
func TestEveryWayGivesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, log := drawPolicy(t), drawLog(t)
		r := p.At(now)
		want := naive(p, log)
		require.Equal(t, want, forward(r, log), "forward")
		require.Equal(t, want, backward(t, r, log), "backward")
		stays := make([]bool, len(log))
		for i, l := range want {
			stays[i] = l == policy.None
		}
		require.Equal(t, stays, window(t, r, log), "window")
	})
}

// What stays fits; one record more would not; and what stays among the
// survivors is a run at the end.
func TestWhatStaysIsTheLongestRunThatFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, log := drawPolicy(t), drawLog(t)
		var kept, next policy.Sum
		gone := false
		out := naive(p, log)
		for i := len(log) - 1; i >= 0; i-- {
			switch out[i] {
			case policy.None:
				require.False(t, gone)
				kept = kept.Add(policy.Sum{Records: 1, Bytes: log[i].Bytes})
			case policy.ByCount:
				if p.Grouped() {
					continue // a question to its group
				}
				fallthrough
			case policy.BySize:
				if !gone {
					next = policy.Sum{Records: 1, Bytes: log[i].Bytes}
				}
				gone = true
			}
		}
		fits := func(s policy.Sum) bool {
			return (p.Grouped() || p.MaxRecords == nil || s.Records <= *p.MaxRecords) && (p.MaxBytes == nil || s.Bytes <= *p.MaxBytes)
		}
		require.True(t, fits(kept))
		require.Equal(t, gone, gone && !fits(kept.Add(next)))
	})
}

// Records without a timestamp say nothing about the clock: however many there
// are, an age limit is refused or not for the dated ones.
func TestUndatedRecordsDoNotDefeatTheClockGuard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := policy.Policy{MaxAge: new(time.Duration(rapid.IntRange(0, 30).Draw(t, "age")) * time.Second)}.At(now)
		written := now.Add(-time.Duration(rapid.IntRange(-3, 30).Draw(t, "written")) * time.Second)
		var dated, all policy.Seen
		for _, rec := range drawLog(t) {
			all.Add(rec.Timestamp, rec.Dated, r.Survives(rec.Timestamp, rec.Dated))
			if rec.Dated {
				dated.Add(rec.Timestamp, true, r.Survives(rec.Timestamp, true))
			}
		}
		require.Equal(t, r.CheckClock(dated, written), r.CheckClock(all, written))
	})
}
