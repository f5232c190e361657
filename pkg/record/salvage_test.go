package record_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/scripts/genlog/gen"
)

// lookAlikes are records that hold what looks like other records.
var lookAlikes = []string{
	`{"kind":"event","timestamp":1,"payload":{"kind":"event","timestamp":2}}`,
	`{"payload":{"kind":"event","timestamp":2},"kind":"event","timestamp":1}`,
	`{"kind":"dead_letter","timestamp":1,"payload":[{"kind":"event","timestamp":2},{"kind":"audit","timestamp":3}]}`,
	`{"kind":"event","payload":{"a":{"b":{"kind":"metric","timestamp":4}}},"timestamp":1}`,
	`{"kind":"event","timestamp":1,"text":"{\"kind\":\"event\",\"timestamp\":2}"}`,
	`{"kind":"event","timestamp":1,"text":"}{","more":["{","}",{},[],"\\"]}`,
	`{"{":"{","kind":"event","timestamp":1,"":{"":""}}`,
	`{"kind":"event","timestamp":-1.5e3,"t":[true,false,null,0,-0,1E+2]}`,
}

// salvageCorpus are records of all shapes: look-alikes, and records like the
// producer's.
func salvageCorpus(t *testing.T, records int) [][]byte {
	var log bytes.Buffer
	_, err := gen.Generate(&log, gen.Options{Lines: int64(records), Seed: 7}, nil)
	require.NoError(t, err)
	all := bytes.Split(bytes.TrimSuffix(log.Bytes(), []byte("\n")), []byte("\n"))
	for _, l := range lookAlikes {
		all = append(all, []byte(l))
	}
	return all
}

// Every record is cut at every place and stands alone, before a good record,
// or behind another fragment and before a good record. What is salvaged must be
// the good record or nothing: anything else would be an invention.
func TestSalvageIsNeverWrong(t *testing.T) {
	testtool.Long(t)
	c := record.NewChecker(record.Options{})
	records := salvageCorpus(t, testtool.Amount(400, 800, 20_000))
	rng := rand.New(rand.NewPCG(3, 4))
	var cases, glued, saved, wrong int
	var line []byte
	check := func(fragment, good []byte) {
		cases++
		line = append(append(line[:0], fragment...), good...)
		spans := c.Salvage(line, 0)
		if len(good) == 0 {
			if len(spans) != 0 {
				wrong++
				t.Errorf("salvaged %v from a fragment alone: %q", spans, line)
			}
			return
		}
		glued++
		switch {
		case len(spans) == 0:
		case len(spans) == 1 && spans[0] == record.Span{Start: len(fragment), End: len(line)}:
			saved++
		default:
			wrong++
			t.Errorf("salvaged %v from %d bytes of fragment and a record: %q", spans, len(fragment), line)
		}
	}
	// A whole record before a fragment is that record or nothing.
	checkWhole := func(good, fragment []byte) {
		cases++
		line = append(append(line[:0], good...), fragment...)
		if spans := c.Salvage(line, 0); len(spans) > 1 || len(spans) == 1 && spans[0] != (record.Span{Start: 0, End: len(good)}) {
			wrong++
			t.Errorf("salvaged %v from a record of %d bytes and a fragment: %q", spans, len(good), line)
		}
	}
	for _, torn := range records {
		for cut := 1; cut < len(torn); cut++ {
			good := records[rng.IntN(len(records))]
			check(torn[:cut], nil)
			check(torn[:cut], good)
			other := records[rng.IntN(len(records))]
			two := append(append([]byte(nil), other[:1+rng.IntN(len(other)-1)]...), torn[:cut]...)
			check(two, nil)
			check(two, good)
			checkWhole(good, torn[:cut])
		}
		if wrong > 20 {
			t.FailNow()
		}
	}
	require.Zero(t, wrong)
	t.Logf("%d cases, 0 wrong; saved %d of %d glued records (%.1f %%)", cases, saved, glued, 100*float64(saved)/float64(glued))
	require.Greater(t, saved, glued/2, "a salvage that saves little is not worth its name")
}

func TestSalvageSeveral(t *testing.T) {
	c := record.NewChecker(record.Options{})
	a, b := `{"kind":"event","timestamp":1}`, `{"kind":"audit","timestamp":2}`
	nul := "\x00\x00\x00"
	tests := []struct {
		line string
		want []string
	}{
		{a + b, []string{a, b}},
		{a + " " + b, []string{a + " ", b}},
		{a + b + a, []string{a, b, a}},
		{a + b + `{"kind":"other","timestamp":1}`, nil},
		{a + `{"kind":"ev`, []string{a}},
		{a + `{"kind":"ev` + b, []string{a, b}},
		{a + `{"kind":tru#`, []string{a}},
		{a + `7`, []string{a}},
		{a + `"x"` + b, []string{a, b}},
		{a + `,`, nil},
		{a + `]`, nil},
		{a + `}` + b, nil},
		{a + `,` + b, nil},
		{`"x"` + a, []string{a}},
		{`7` + a, []string{a}},
		{`[1,2] ` + a, []string{a}},
		{`"{"` + a, []string{a}},
		{`{"a":{` + a, []string{a}},
		{` {` + a, []string{a}},
		{`{{{ {` + a, []string{a}},
		{`{"a":{}` + a, []string{a}},
		{`{"a":[{` + a + `{{` + b, []string{a, b}},
		{`{"ki` + a, []string{a}},
		{`{"ki` + `{"x` + a, []string{a}},
		{`{"ki` + a + b, []string{a, b}},
		{`{"ki` + a + `{"x`, []string{a}},
		{`{"ki` + a + `}`, nil},
		{`{"ki` + a + `,`, nil},
		{nul + a, []string{a}},
		{a + nul, []string{a}},
		{a + nul + b, []string{a, b}},
		{`{"kin` + nul + b, []string{b}},
		{`{"kin` + a + nul + `{"kin` + b, []string{a, b}},
		{a + nul + b + nul + a, []string{a, a}}, // the one in the middle could be a part of another
		{nul, nil},
		{nul + `{"payload":` + a, nil},
		{a + b + nul, []string{a, b}},
		{`{"kind":"event","timestamp":NaN` + a, []string{a}},
		{`[` + a, nil},
		{`{"a":` + a, nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%.60q", tt.line), func(t *testing.T) {
			var got []string
			for _, s := range c.Salvage([]byte(tt.line), 0) {
				got = append(got, tt.line[s.Start:s.End])
			}
			require.Equal(t, tt.want, got)
			r := c.Check([]byte(tt.line), 0)
			require.False(t, r.IsRecord())
			if bytes.IndexByte([]byte(tt.line), 0) < 0 {
				require.Equal(t, len(tt.want) > 0, r.Fault == record.GluedRecords, "%v", r.Fault)
			}
		})
	}
}

// TestSalvageOfMixtures: lines of up to forty whole records, torn ones and
// values that are no records, in any order. What is salvaged are records that
// were written whole, and nothing else.
func TestSalvageOfMixtures(t *testing.T) {
	c := record.NewChecker(record.Options{})
	records := salvageCorpus(t, 800)
	rng := rand.New(rand.NewPCG(5, 6))
	lines := testtool.Amount(20_000, 20_000, 1_000_000)
	written, saved := 0, 0
	for range lines {
		var line []byte
		whole := map[record.Span]bool{}
		for range 2 + rng.IntN(rng.IntN(39)+1) {
			r := records[rng.IntN(len(records))]
			switch start := len(line); rng.IntN(5) {
			case 0, 1:
				line = append(line, r...)
				whole[record.Span{Start: start, End: len(line)}] = true
			case 2, 3:
				line = append(line, r[:1+rng.IntN(len(r)-1)]...)
			case 4:
				line = append(line, []string{`"x"`, "7", "null", "[]", "[1, 2]", "-1e3"}[rng.IntN(6)]...)
			}
		}
		spans := c.Salvage(line, 0)
		if len(whole) == 1 && whole[record.Span{Start: 0, End: len(line)}] {
			require.Empty(t, spans, "it is not damaged")
			continue
		}
		for _, s := range spans {
			require.True(t, whole[s], "%v was never written: %q", s, line)
		}
		written += len(whole)
		saved += len(spans)
	}
	t.Logf("0 wrong; saved %d of %d whole records (%.1f %%) on %d lines", saved, written, 100*float64(saved)/float64(written), lines)
	require.Greater(t, saved, written/2)
}

// TestSalvageOfSplices: the head of one record and the tail of another, as when
// two writers overwrite each other, alone or with whole records around. Of the
// splice itself something is saved only if it is a record by chance, or begins
// with one because a brace out of a string happens to close it: nobody can tell
// that from one that was written.
func TestSalvageOfSplices(t *testing.T) {
	c := record.NewChecker(record.Options{})
	records := salvageCorpus(t, 800)
	rng := rand.New(rand.NewPCG(7, 8))
	lines := testtool.Amount(50_000, 100_000, 3_000_000)
	written, saved, lucky, closed := 0, 0, 0, 0
	for range lines {
		pick := func() []byte { return records[rng.IntN(len(records))] }
		head, tail := pick(), pick()
		head, tail = head[:1+rng.IntN(len(head)-1)], tail[1+rng.IntN(len(tail)-1):]
		splice := append(append([]byte(nil), head...), tail...)
		var line []byte
		whole := map[record.Span]bool{}
		put := func(text []byte, times int) (s record.Span) {
			for range times {
				s = record.Span{Start: len(line), End: len(line) + len(text)}
				line = append(line, text...)
			}
			return s
		}
		if rng.IntN(2) == 0 {
			whole[put(pick(), 1)] = true
		}
		at := put(splice, 1)
		if rng.IntN(2) == 0 {
			whole[put(pick(), 1)] = true
		}
		written += len(whole)
		for _, s := range c.Salvage(line, 0) {
			switch {
			case whole[s]:
				saved++
			case s == at:
				lucky++
			case s.Start == at.Start && s.End < at.End && c.Check(line[s.Start:s.End], 0).IsRecord():
				closed++
			default:
				t.Fatalf("%v was never written: %q", s, line)
			}
		}
	}
	t.Logf("saved %d of %d whole records (%.1f %%) on %d lines; by chance %d splices were records, and %d began with one",
		saved, written, 100*float64(saved)/float64(written), lines, lucky, closed)
}
