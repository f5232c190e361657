package kinds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/kinds"
	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
)

var checker = record.NewChecker(record.Options{AllowKinds: []string{"allowed"}})

func add(c *kinds.Counter, line string) {
	r := checker.Check([]byte(line), 0)
	c.Add(&r, []byte(line), int64(len(line))+1)
}

func kind(name string) string { return fmt.Sprintf(`{"kind":"%s","timestamp":1}`, name) }

func TestNames(t *testing.T) {
	var block, all kinds.Counter
	require.Empty(t, all.Sums())
	long := strings.Repeat("x", kinds.MaxNameBytes-2)
	for _, line := range []string{kind("event"), kind(`ev\u0065nt`), kind("allowed"), kind("other"), kind(`\u006fther`), kind(""),
		kind(long), kind(long + "x"), `{"timestamp":1}`, `{"kind":7,"timestamp":1}`} {
		add(&block, line)
	}
	all.Merge(&block)
	got := map[string]int64{}
	for name, s := range all.All() {
		got[name] = s.Records
	}
	require.Equal(t, map[string]int64{"event": 2, "allowed": 1, "other": 2, "": 1, long: 1, kinds.More: 1, kinds.None: 2}, got)
	require.EqualValues(t, 10, all.Sum().Records)
	require.EqualValues(t, len(kind("event"))+len(kind(`ev\u0065nt`))+2, all.Sums()["event"].Bytes)
	block.Reset()
	require.Empty(t, block.Sums())
}

// Of a profile that knows both 30 and "30" the counts are those of one name, and
// all known kinds are counted, however many there are.
func TestKnownKinds(t *testing.T) {
	text := `{"name":"mine","kind":{"field":"k","known":[30,"30"`
	for i := range 300 {
		text += fmt.Sprintf(`,"kind %d"`, i)
	}
	p, err := record.ParseProfile([]byte(text + `]}}`))
	require.NoError(t, err)
	checker := record.NewChecker(record.Options{Profile: p})
	var block, all kinds.Counter
	for range 2 {
		for _, k := range []string{`30`, `"30"`, `30`, `"\u00330"`, `"kind 0"`, `"kind 100"`, `"kind 299"`, `"kind 299"`} {
			line := []byte(`{"k":` + k + `}`)
			r := checker.Check(line, 0)
			block.Add(&r, line, int64(len(line)))
		}
		all.Merge(&block)
		block.Reset()
	}
	want := map[string]policy.Sum{"30": {Records: 8, Bytes: 82}, "kind 0": {Records: 2, Bytes: 28}, "kind 100": {Records: 2, Bytes: 32}, "kind 299": {Records: 4, Bytes: 64}}
	require.Equal(t, want, all.Sums())
	var names []string
	for name := range all.All() {
		names = append(names, name)
	}
	require.Equal(t, []string{"30", "kind 0", "kind 100", "kind 299"}, names)
}

// TestBlocksDoNotMatter: however a log is cut into blocks, the counts are those
// of one look at all of it, exact for the kinds that turn up first.
func TestBlocksDoNotMatter(t *testing.T) {
	testtool.Long(t)
	rapid.Check(t, func(t *rapid.T) {
		different := rapid.SampledFrom([]int{3, kinds.MaxNames - 1, kinds.MaxNames, kinds.MaxNames + 1, 3 * kinds.MaxNames}).Draw(t, "kinds")
		seed := rapid.Uint32().Draw(t, "seed")
		cut := rapid.IntRange(1, 5000).Draw(t, "records a block")
		var one, all, block kinds.Counter
		want := map[string]policy.Sum{}
		named := 0
		for i := range 10_000 {
			seed = seed*1664525 + 1013904223
			line := kind(fmt.Sprintf("k%d", int(seed>>8)%different))
			name := line[9 : len(line)-len(`","timestamp":1}`)]
			if _, ok := want[name]; !ok {
				if named == kinds.MaxNames {
					name = kinds.More
				} else {
					named++
				}
			}
			want[name] = want[name].Add(policy.Sum{Records: 1, Bytes: int64(len(line)) + 1})
			add(&block, line)
			if i%cut == cut-1 {
				all.Merge(&block)
				block.Reset()
			}
		}
		all.Merge(&block)
		one.Merge(&all)
		if fmt.Sprint(all.Sums()) != fmt.Sprint(want) {
			t.Fatalf("%d kinds, blocks of %d: %v, want %v", different, cut, all.Sums(), want)
		}
		require.Equal(t, want, one.Sums())
	})
}

func TestAddAllocatesNothing(t *testing.T) {
	var c kinds.Counter
	line := []byte(kind(`oth\u0065r`))
	r := checker.Check(line, 0)
	c.Add(&r, line, 1)
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Add(&r, line, 1) }))
}
