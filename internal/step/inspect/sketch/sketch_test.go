package sketch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
)

// TestHeavyBounds holds what Heavy promises against exact counts, for streams
// with few and with many more keys than counters, in one piece and merged.
func TestHeavyBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 20).Draw(t, "k")
		keys := rapid.IntRange(1, 200).Draw(t, "keys")
		stream := rapid.SliceOfN(rapid.IntRange(0, keys), 0, 400).Draw(t, "stream")
		block := rapid.IntRange(1, 400).Draw(t, "block")

		exact := map[string]int64{}
		var n int64
		whole, part := NewHeavy(k), NewHeavy(k)
		for i, key := range stream {
			key = key * key / max(keys, 1) // skewed to the low ones
			text := fmt.Sprint("local://", key)
			weight := int64(i%3) + 1
			exact[text] += weight
			n += weight
			part.Add([]byte(text), weight)
			if i%block == block-1 {
				whole.Merge(part)
				part.Reset()
			}
		}
		whole.Merge(part)

		require.Equal(t, n, whole.Total())
		require.LessOrEqual(t, whole.MaxError(), n/int64(k+1))
		if len(exact) <= 2*k {
			require.Zero(t, whole.MaxError())
			require.Equal(t, len(exact), whole.Distinct())
		}
		seen := map[string]bool{}
		for _, c := range whole.Top(math.MaxInt) {
			require.LessOrEqual(t, c.Count, exact[c.Key])
			require.GreaterOrEqual(t, c.Count+whole.MaxError(), exact[c.Key])
			seen[c.Key] = true
		}
		for key, count := range exact {
			if count > whole.MaxError() {
				require.True(t, seen[key], "%s occurs %d times, more than the error %d", key, count, whole.MaxError())
			}
		}
	})
}

func TestHeavyTopOrderAndReset(t *testing.T) {
	h := NewHeavy(4)
	for _, key := range []string{"b", "a", "c", "a", "b", "d"} {
		h.Add([]byte(key), 1)
	}
	require.Equal(t, []Count{{"a", 2}, {"b", 2}, {"c", 1}}, h.Top(3))
	h.Reset()
	require.Empty(t, h.Top(3))
	h.Add([]byte("z"), 3)
	require.Equal(t, []Count{{"z", 3}}, h.Top(3))
}

func TestHeavyAllocatesNothingForKnownKeys(t *testing.T) {
	h := NewHeavy(64)
	key := []byte("local://17")
	h.Add(key, 1)
	require.Zero(t, testing.AllocsPerRun(100, func() { h.Add(key, 1) }))
}

// TestHeavyPruningAllocatesNothing: a log in which every actor is a new one
// must not cost an allocation per record.
func TestHeavyPruningAllocatesNothing(t *testing.T) {
	h := NewHeavy(64)
	buf := make([]byte, 0, 32)
	i := int64(0)
	run := func() {
		for range 1000 {
			buf = strconv.AppendInt(append(buf[:0], "local://"...), 1e9+i, 10)
			h.Add(buf, 1)
			i++
		}
	}
	run()
	run()
	require.Zero(t, testing.AllocsPerRun(10, run))
	require.LessOrEqual(t, h.Distinct(), 128)
}

func TestShorten(t *testing.T) {
	short := []byte(strings.Repeat("a", MaxKeyBytes))
	require.Equal(t, string(short), string(Shorten(nil, short)))
	one := Shorten(nil, []byte(strings.Repeat("é", 200)+"1"))
	two := Shorten(nil, []byte(strings.Repeat("é", 200)+"2"))
	require.LessOrEqual(t, len(one), MaxKeyBytes)
	require.NotEqual(t, string(one), string(two))
	require.Contains(t, string(one), "é…#")
}

func TestLengthsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 300), rapid.Int64Range(0, 1<<40)), 1, 200).Draw(t, "lengths")
		split := rapid.IntRange(0, len(lengths)).Draw(t, "split")
		var a, b Lengths
		for i, n := range lengths {
			if i < split {
				a.Add(n)
			} else {
				b.Add(n)
			}
		}
		a.Merge(&b)
		slices.Sort(lengths)
		require.EqualValues(t, len(lengths), a.N())
		require.Equal(t, lengths[0], a.Min())
		require.Equal(t, lengths[len(lengths)-1], a.Max())
		require.Equal(t, a.Max(), a.Percentile(100))
		for _, p := range []float64{0, 1, 25, 50, 90, 99, 99.9} {
			rank := max(int(math.Ceil(float64(len(lengths))*p/100)), 1)
			exact := lengths[rank-1]
			got := a.Percentile(p)
			require.LessOrEqual(t, math.Abs(float64(got-exact)), LengthError*float64(exact), "p%v: %d, exactly %d", p, got, exact)
		}
		a.Reset()
		require.Equal(t, Lengths{}, a)
	})
}

// TestLengthsRefusesWhatLiesOutside of its shortest and longest length.
func TestLengthsRefusesWhatLiesOutside(t *testing.T) {
	for _, bad := range []Lengths{{n: 1, min: 9, max: 5}, {n: 1, min: 8, max: 9}, {n: 1, min: 5, max: 6}} {
		bad.counts[7] = 1
		r := NewReader(bad.Append(nil))
		new(Lengths).Read(r)
		require.Error(t, r.Close())
	}
}

func TestLengthsEveryBucketIsWhereItSays(t *testing.T) {
	for i := range numBuckets {
		low, width := bucketRange(i)
		require.Equal(t, i, bucketOf(low))
		require.Equal(t, i, bucketOf(low+width-1))
	}
}

// TestTimelineCountsAreExact: whatever the timestamps, every record is counted
// once, and no further from its time than the width of a bucket.
func TestTimelineCountsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		times := rapid.SliceOfN(rapid.OneOf(
			rapid.Float64Range(1.7e9, 1.7e9+1000), rapid.Float64Range(-100, 100), rapid.Float64Range(-1e18, 1e18), rapid.Just(math.MaxFloat64),
		), 0, 100).Draw(t, "times")
		block := rapid.IntRange(1, 100).Draw(t, "block")
		whole, part := NewTimeline(limit), NewTimeline(max(limit/2, 1))
		slow, fresh := NewTimeline(limit), NewTimeline(max(limit/2, 1))
		var beyond int64
		for i, ts := range times {
			part.Add(ts, record.Event, 10)
			fresh.Add(ts, record.Event, 10)
			if math.Abs(ts) >= furthest {
				beyond++
			}
			if i%block == block-1 {
				whole.Merge(part)
				part.ResetTo(whole.Scale())
				slow.Merge(fresh)
				fresh.ResetTo(finest)
			}
		}
		whole.Merge(part)
		slow.Merge(fresh)
		require.Equal(t, slow.Series(100), whole.Series(100), "a head start shows")
		require.Equal(t, beyond, whole.beyond)
		require.LessOrEqual(t, len(whole.buckets), max(limit, 2))
		want := map[int64]int64{}
		for _, ts := range times {
			if math.Abs(ts) < furthest {
				want[int64(math.Floor(math.Ldexp(ts, -whole.Scale())))]++
			}
		}
		got := map[int64]int64{}
		for i, b := range whole.buckets {
			got[b.Index] = b.Records
			require.Equal(t, b.Records, b.Kinds[record.Event])
			require.Equal(t, 10*b.Records, b.Bytes)
			require.True(t, i == 0 || whole.buckets[i-1].Index < b.Index)
		}
		require.Equal(t, want, got)

		bins := rapid.IntRange(1, 50).Draw(t, "bins")
		s := whole.Series(bins)
		require.LessOrEqual(t, len(s.Bins), max(bins, 2))
		sum := s.Before + s.After + beyond
		for _, b := range s.Bins {
			sum += b.Records
		}
		require.EqualValues(t, len(times), sum)
		var coarse int64
		for _, b := range s.Coarser(3).Bins {
			coarse += b.Records
		}
		require.Equal(t, sum, coarse+s.Before+s.After+beyond)
	})
}

// TestSeriesLeavesOutStrays: one record from 1970 among thousands of today must
// not squeeze these into one bin.
func TestSeriesLeavesOutStrays(t *testing.T) {
	tl := NewTimeline(512)
	tl.Add(0, record.Event, 1)
	for i := range 5000 {
		tl.Add(1.7e9+float64(i), record.Event, 1)
	}
	s := tl.Series(100)
	require.EqualValues(t, 1, s.Before)
	require.Zero(t, s.After)
	require.Greater(t, len(s.Bins), 50)

	few := NewTimeline(512)
	few.Add(0, record.Event, 1)
	few.Add(1.7e9, record.Event, 1)
	require.Zero(t, few.Series(100).Before, "of two records none is a stray")
}

func TestStrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type mark struct{ offset, length int64 }
		marks := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) mark {
			return mark{rapid.Int64Range(0, 1<<33).Draw(t, "offset"), rapid.Int64Range(0, 1<<20).Draw(t, "length")}
		}), 0, 20).Draw(t, "marks")
		s := NewStrip()
		var bytes int64
		for _, m := range marks {
			s.Add(m.offset, m.length, true, 1)
			bytes += m.length
		}
		s.Extend(1 << 34)
		require.LessOrEqual(t, len(s.Cells()), stripCells)
		require.GreaterOrEqual(t, int64(len(s.Cells()))*s.Width(), int64(1<<34))
		var n, damaged int64
		for _, c := range s.Cells() {
			n += c.Errors
			damaged += c.Damaged
		}
		require.EqualValues(t, len(marks), n)
		require.Equal(t, bytes, damaged)
		for _, m := range marks {
			require.Positive(t, s.Cells()[m.offset/s.Width()].Errors)
		}
	})
}
