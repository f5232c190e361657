package policy_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/policy"
)

func TestSurvives(t *testing.T) {
	week := policy.Policy{MaxAge: new(7 * 24 * time.Hour)}
	strict := policy.Policy{MaxAge: new(7 * 24 * time.Hour), DropUndated: true}
	none := policy.Policy{DropUndated: true}
	for _, tt := range []struct {
		name   string
		p      policy.Policy
		ts     float64
		dated  bool
		result bool
	}{
		{"young", week, 1_710_000_000 - 5, true, true},
		{"exactly that old", week, 1_710_000_000 - 7*86400, true, true},
		{"a bit older", week, 1_710_000_000 - 7*86400 - 0.001, true, false},
		{"from the future", week, 1_710_000_000 + 5, true, true},
		{"undated is kept", week, 0, false, true},
		{"undated is dropped", strict, 0, false, false},
		{"no age limit", none, -1e300, true, true},
		{"no age limit, undated", none, 0, false, true},
		{"age zero", policy.Policy{MaxAge: new(time.Duration(0))}, 1_710_000_000 - 0.001, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.result, tt.p.At(now).Survives(tt.ts, tt.dated))
		})
	}
}

func TestZeroKeepsNothing(t *testing.T) {
	for name, p := range map[string]policy.Policy{
		"records": {MaxRecords: new(int64(0))},
		"bytes":   {MaxBytes: new(int64(0))},
	} {
		b := p.At(now).Backward()
		require.True(t, b.Done() || name == "bytes", name)
		require.NotEqual(t, policy.None, b.Next(policy.Record{Bytes: 3}), name)
		require.True(t, b.Done(), name)
	}
}

func TestLimitsApplyInOrder(t *testing.T) {
	p := policy.Policy{MaxAge: new(time.Minute), MaxRecords: new(int64(3)), MaxBytes: new(int64(20))}
	log := []policy.Record{
		{Timestamp: 1_710_000_000 - 10, Dated: true, Bytes: 5}, // the fourth that survives
		{Timestamp: 1_710_000_000 - 90, Dated: true, Bytes: 5}, // too old, wherever it stands
		{Timestamp: 1_710_000_000 - 10, Dated: true, Bytes: 10},
		{Timestamp: 1_710_000_000 - 10, Dated: true, Bytes: 10},
		{Timestamp: 1_710_000_000 - 10, Dated: true, Bytes: 10},
	}
	require.Equal(t, []policy.Limit{policy.ByCount, policy.ByAge, policy.BySize, policy.None, policy.None}, forward(p.At(now), log))
	require.True(t, p.Limited() && p.Suffix())
	require.False(t, policy.Policy{DropUndated: true}.Limited())
}

func TestLimitNames(t *testing.T) {
	require.Equal(t, []string{"", "max_age", "max_records", "max_total_bytes"},
		[]string{policy.None.String(), policy.ByAge.String(), policy.ByCount.String(), policy.BySize.String()})
}

func TestCheckClock(t *testing.T) {
	const at = 1_710_000_000.0
	day := policy.Policy{MaxAge: new(24 * time.Hour)}
	hourAgo, longAgo := now.Add(-time.Hour), now.Add(-48*time.Hour)
	for _, tt := range []struct {
		name    string
		p       policy.Policy
		seen    policy.Seen
		written time.Time
		err     string
	}{
		{"fine", day, policy.Seen{Dated: 2, Fresh: 1, Newest: at}, hourAgo, ""},
		{"all old, and the file too", day, policy.Seen{Dated: 2, Newest: at - 2*86400}, longAgo, ""},
		{"all old in a young file", day, policy.Seen{Dated: 2, Newest: at / 1000}, hourAgo, "would drop every dated record"},
		{"all dated ones old in a young file", day, policy.Seen{Dated: 2, Undated: 1, Newest: at / 1000}, hourAgo, "would drop every dated record"},
		{"none dated, and kept", day, policy.Seen{Undated: 2}, hourAgo, ""},
		{"all old in a stream", day, policy.Seen{Dated: 2, Newest: at / 1000}, time.Time{}, ""},
		{"milliseconds", day, policy.Seen{Dated: 2, Fresh: 2, Newest: at * 1000}, hourAgo, "over a day after now"},
		{"milliseconds in a stream", day, policy.Seen{Dated: 2, Fresh: 2, Newest: at * 1000}, time.Time{}, "1.71e+12"},
		{"a clock that is fast", day, policy.Seen{Dated: 2, Fresh: 2, Newest: at + 86000}, hourAgo, ""},
		{"all undated and dropped", policy.Policy{MaxAge: new(time.Hour * 24), DropUndated: true}, policy.Seen{Undated: 2}, hourAgo, "no record has a usable timestamp"},
		{"empty", day, policy.Seen{}, hourAgo, ""},
		{"no age limit", policy.Policy{MaxRecords: new(int64(0))}, policy.Seen{Dated: 2, Fresh: 2, Newest: at * 1000}, hourAgo, ""},
		{"written in the future", day, policy.Seen{Dated: 2, Newest: at - 2*86400}, now.Add(time.Hour), "would drop every dated record"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.p.At(now).CheckClock(tt.seen, tt.written)
			if tt.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.err)
			var clock *policy.ClockError
			require.ErrorAs(t, err, &clock)
		})
	}
}

func TestSeen(t *testing.T) {
	var a, b policy.Seen
	a.Add(5, true, true)
	a.Add(0, false, true)
	b.Add(9, true, false)
	b.Add(7, true, false)
	a.Merge(b)
	a.Merge(policy.Seen{})
	require.Equal(t, policy.Seen{Dated: 3, Fresh: 1, Undated: 1, Newest: 9}, a)
	require.True(t, math.IsInf(policy.Policy{}.At(now).Cutoff(), -1))
}
