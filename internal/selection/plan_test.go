package selection

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

// modelPlan is what stays of a log, without any trick.
func modelPlan(log string, o *Options) (kept string, lines, records int64) {
	type piece struct {
		text         string
		record, open bool
		rec          policy.Record
	}
	var pieces []piece
	for i := 0; i < len(log); {
		n := strings.IndexByte(log[i:], '\n')
		p, pos := piece{}, record.Position(0)
		if i == 0 {
			pos |= record.First
		}
		if n < 0 {
			p.open, pos, n = true, pos|record.Unterminated, len(log)-i-1
		}
		p.text = log[i : i+n+1]
		i += n + 1
		r := o.Checker.Check([]byte(strings.TrimSuffix(p.text, "\n")), pos)
		p.record = r.IsRecord()
		p.rec = policy.Record{Timestamp: r.Timestamp, Dated: r.HasTimestamp, Bytes: int64(len(p.text))}
		if p.open {
			p.rec.Bytes++
		}
		if p.record {
			p.rec.Kind = modelKind(strings.TrimSuffix(p.text, "\n")[r.Start:])
		}
		pieces = append(pieces, p)
	}
	back, room := o.Rule.Backward(), slices.Clone(o.Rule.Groups())
	survives := func(rec policy.Record) bool {
		if o.Rule.Alone([]byte(rec.Kind), rec.Timestamp, rec.Dated) != policy.None {
			return false
		}
		if len(room) == 0 {
			return true
		}
		free := &room[o.Rule.Group([]byte(rec.Kind))]
		*free--
		return *free >= 0
	}
	stays := true
	end := len(pieces)
	for end > 0 && !pieces[end-1].record {
		end--
	}
	trail := int64(0) // stays in any case, and counts
	for _, p := range pieces[end:] {
		trail += int64(len(p.text))
	}
	for i := len(pieces) - 1; i >= 0; i-- {
		p := pieces[i]
		if p.record {
			if o.Damage != Skip { // what stands before it counts with it
				for j := i - 1; j >= 0 && !pieces[j].record; j-- {
					p.rec.Bytes += int64(len(pieces[j].text))
				}
				if survives(p.rec) {
					p.rec.Bytes, trail = p.rec.Bytes+trail, 0
				}
			}
			stays = back.Next(p.rec) == policy.None
			if stays {
				records++
			}
		}
		if stays && (p.record || o.Damage != Skip) {
			kept = p.text + kept
			if !p.record {
				lines++
			}
		}
	}
	return kept, lines, records
}

// Whichever way a plan is made, what it keeps is what the model keeps, and its
// accounts balance.
func TestPlanIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, o := drawLog(t), drawOptions(t)
		log := fileLog(text)
		want, lines, records := modelPlan(text, o)
		for _, count := range []bool{false, true} {
			plan, err := MakePlan(context.Background(), log, o, count)
			require.NoError(t, err)
			if rapid.Bool().Draw(t, "many") {
				plan.many = true
			}
			got, last := "", int64(-1)
			require.NoError(t, plan.Ranges(context.Background(), log, o, func(r Range) error {
				require.Less(t, r.From, r.To)
				require.Greater(t, r.From, last, "adjacent ranges are one")
				got, last = got+text[r.From:r.To], r.To
				return nil
			}))
			require.Equal(t, want, got+text[plan.Tail:], "count %v", count)
			require.Equal(t, int64(len(want)), plan.BytesKept)
			require.Equal(t, len(want) != len(text), plan.Removes())
			require.Equal(t, records, plan.Kept.Records)
			require.Equal(t, lines, plan.LinesKept)
			if !plan.Counted {
				continue
			}
			var gone policy.Sum
			for _, kinds := range plan.Removed {
				for _, s := range kinds {
					gone = gone.Add(s)
				}
			}
			require.Equal(t, recordsIn(text, o), plan.Kept.Records+gone.Records)
		}
	})
}

func recordsIn(text string, o *Options) (n int64) {
	all := *o
	all.Rule = policy.Policy{}.At(now)
	_, _, n = modelPlan(text, &all)
	return n
}

// A log of more blocks than stretches are told apart is planned exactly, and
// one that changes between the two looks is not planned at all.
func TestThinnedStretchesAreExact(t *testing.T) {
	var text strings.Builder
	for i := range 20 * maxStretches {
		text.WriteString(rec(i % 100))
		if i%7 == 0 {
			text.WriteString("damaged\n")
		}
	}
	for _, max := range []int64{1, 777, 4321, 20*maxStretches - 1} {
		o := options(policy.Policy{MaxRecords: &max, MaxBytes: new(int64(100_000)), MaxAge: new(50 * time.Second)})
		o.Damage, o.BlockBytes = Pass, 300
		want, lines, records := modelPlan(text.String(), o)
		plan, err := MakePlan(context.Background(), fileLog(text.String()), o, true)
		require.NoError(t, err)
		require.Equal(t, records, plan.Kept.Records)
		require.Equal(t, lines, plan.LinesKept)
		require.Equal(t, int64(len(want)), plan.BytesKept)
	}
	o := options(policy.Policy{MaxRecords: new(int64(500))})
	log := fileLog(text.String())
	p := NewPlanner(log, o)
	_, err := stream.Forward(context.Background(), log, o.walk(0, 0), p)
	require.NoError(t, err)
	p.log = fileLog(strings.ReplaceAll(text.String(), "event", "EVENT!"))
	_, err = p.Complete(context.Background(), log.Size())
	var changed *stream.ChangedError
	require.ErrorAs(t, err, &changed)
}
