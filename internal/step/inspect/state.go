package inspect

import (
	"errors"

	"github.com/papyra-tools/papyra/internal/step/inspect/sketch"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

const (
	// counters bounds the heavy hitters: twice as many keys are counted
	// exactly.
	counters = 2048
	// buckets bounds how many spans of time are told apart.
	buckets = 2048
)

// The bounds are the same for a block, a part of a log and all of it. So what
// is within them is the same however a log was cut: a part never has more keys
// or spans than the whole.

// sums is what the records of a block, of a part of a log or of all of it add
// up to.
type sums struct {
	bytes     int64
	expired   [record.NumKinds]policy.Sum // by age
	survivors [record.NumKinds]policy.Sum
	lengths   sketch.Lengths
	times     *sketch.Timeline
	top       [numKeys]*sketch.Heavy
}

func newSums() sums {
	s := sums{times: sketch.NewTimeline(buckets)}
	for i := range s.top {
		s.top[i] = sketch.NewHeavy(counters)
	}
	return s
}

// merge adds the sums of what follows.
func (s *sums) merge(o *sums) {
	s.bytes += o.bytes
	for k := range o.survivors {
		s.expired[k] = s.expired[k].Add(o.expired[k])
		s.survivors[k] = s.survivors[k].Add(o.survivors[k])
	}
	s.lengths.Merge(&o.lengths)
	s.times.Merge(o.times)
	for i := range s.top {
		s.top[i].Merge(o.top[i])
	}
}

// state is what the report on a log is made of, beyond what a survey says.
type state struct {
	sums
	// foreign says that the log is not Papyra's; fields are those whose values
	// are counted then.
	foreign bool
	fields  []record.Field
	strip   *sketch.Strip
}

func newState() state { return state{sums: newSums(), strip: sketch.NewStrip()} }

// encode returns the state as the report of a shard carries it. Nothing is
// expired there: retention depends on the whole log.
func (s *state) encode() []byte {
	b := sketch.AppendCount(nil, s.bytes)
	for _, sum := range s.survivors {
		b = sketch.AppendCount(sketch.AppendCount(b, sum.Records), sum.Bytes)
	}
	b = s.times.Append(s.strip.Append(b))
	for _, t := range s.top {
		b = t.Append(b)
	}
	b = sketch.AppendCount(b, int64(len(s.fields)))
	for _, f := range s.fields {
		b = sketch.AppendText(b, []byte(f))
	}
	foreign := int64(0)
	if s.foreign {
		foreign = 1
	}
	return s.lengths.Append(sketch.AppendCount(b, foreign))
}

// decode replaces the state by that of a shard with so many records.
func (s *state) decode(text []byte, records int64) error {
	const most = 1 << 53
	r := sketch.NewReader(text)
	s.bytes = r.Count(most)
	for k := range s.survivors {
		s.survivors[k] = policy.Sum{Records: r.Count(most), Bytes: r.Count(most)}
	}
	s.strip.Read(r)
	s.times.Read(r)
	for _, t := range s.top {
		t.Read(r)
	}
	s.fields = s.fields[:0]
	for range r.Count(numKeys) {
		s.fields = append(s.fields, record.Field(r.Text(4<<10)))
	}
	s.foreign = r.Count(1) == 1
	s.lengths.Read(r)
	if err := r.Close(); err != nil {
		return err
	}
	if s.lengths.N() != records {
		return errors.New("its state is that of other records")
	}
	return nil
}
