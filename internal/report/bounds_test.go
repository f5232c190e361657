package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/kinds"
)

// TestMergeBoundsSettings: reports cannot fill the memory with settings,
// neither one of them nor many together.
func TestMergeBoundsSettings(t *testing.T) {
	report := func(name func(i int) string, n int) string {
		d := newHeld(false, result("a"))
		d.Settings = map[string]string{}
		for i := range n {
			d.Settings[name(i)] = "1"
		}
		return show(t, JSON, d, Options{})
	}
	named := func(from int) func(int) string { return func(i int) string { return fmt.Sprintf("s%06d", from+i) } }

	d, err := merge(false, report(named(0), maxSettings), report(named(0), maxSettings))
	require.NoError(t, err)
	require.Len(t, d.Settings, maxSettings)
	_, err = merge(false, report(named(0), 40_000))
	require.ErrorContains(t, err, "there are more than 64 settings")
	_, err = merge(false, report(named(0), maxSettings), report(named(maxSettings), 1))
	require.ErrorContains(t, err, "there are more than 64 settings")
	_, err = merge(false, report(func(int) string { return strings.Repeat("x", maxText) }, 1))
	require.ErrorContains(t, err, "a setting is longer than 16384 bytes")
}

// TestMergeBoundsKinds: of a log, no more kinds go through the merge than a
// scan tells apart, whatever its report says; each is looked at once. No record
// is lost.
func TestMergeBoundsKinds(t *testing.T) {
	f := result("a")
	f.Kinds = map[string]int64{strings.Repeat("x", maxKindName+1): 5}
	f.Records = 5
	for i := range 20_000 {
		f.Kinds[fmt.Sprintf("kind %d", i)] = 1
		f.Records++
	}
	text := show(t, JSON, document(f), Options{})
	d, err := merge(false, text, text)
	require.NoError(t, err)
	for _, all := range []map[string]int64{d.Files[0].Kinds, d.Files[1].Kinds, d.Total.Kinds} {
		require.LessOrEqual(t, len(all), maxKinds+1)
		require.GreaterOrEqual(t, all[kinds.More], int64(20_005-maxKinds))
	}
	records := int64(0)
	for _, n := range d.Total.Kinds {
		records += n
	}
	require.Equal(t, d.Total.Records, records)
	again, err := merge(false, show(t, JSON, d, Options{}))
	require.NoError(t, err)
	require.Equal(t, d.Files, again.Files, "the bound is drawn once")
	require.Equal(t, d.Total, again.Total)
}

// TestMergeBoundsTypes: there are no anomalies of thousands of types.
func TestMergeBoundsTypes(t *testing.T) {
	few, many, long := result("a"), result("a"), result("a")
	few.Counts["OF_A_LATER_VERSION"] = 0
	long.Counts[strings.Repeat("X", maxTypeName+1)] = 0
	for i := range maxTypes + 1 {
		many.Counts[fmt.Sprint(i)] = 0
	}
	_, err := merge(false, show(t, JSON, document(few), Options{}))
	require.NoError(t, err)
	_, err = merge(false, show(t, JSON, document(many), Options{}))
	require.ErrorContains(t, err, "there are 257 types of anomalies, more than 256")
	_, err = merge(false, show(t, JSON, document(long), Options{}))
	require.ErrorContains(t, err, "is longer than 64 bytes")
}
