package safetext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	require.Equal(t, []string{
		"kind    records  share",
		"event     1,000  ██",
		"日本語        7",
		"e\u0301tat          1  █",
	}, Table("lrl", [][]string{{"kind", "records", "share"}, {"event", "1,000", "██"}, {"日本語", "7"}, {"e\u0301tat", "1", "█"}}))
	require.Empty(t, Table("l", nil))
}

func TestFit(t *testing.T) {
	header, rows := []string{"kind", "gone", "kept"}, [][]string{{"event", "1 (31 bytes)", "-"}, {"audit", "-", "2 of them, with 62 bytes"}}
	wide := Fit("llr", header, rows, 0)
	require.Equal(t, Table("llr", append([][]string{header}, rows...)), wide)
	require.Equal(t, wide, Fit("llr", header, rows, Width(wide[2])))
	require.Equal(t, []string{"event", "  gone: 1 (31 bytes)", "audit", "  kept: 2 of them,", "    with 62 bytes"}, Fit("llr", header, rows, 24))
	require.Equal(t, []string{"event", "  1 (31 bytes)"}, Fit("llr", nil, rows[:1], 16))
}

func TestFold(t *testing.T) {
	require.Equal(t, []string{"one two", "three", "extraordinary", "x"}, Fold("one two three  extraordinary x", 8))
	require.Equal(t, []string{"日本", "語 x"}, Fold("日本 語 x", 5))
	require.Empty(t, Fold(" ", 5))
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "日本語": 6, "e\u0301": 1, "🎉": 2, "한글": 4, "…": 1, "└─": 2} {
		require.Equal(t, want, Width(text), text)
		require.Equal(t, strings.Repeat(text, 2), Clip(strings.Repeat(text, 2), 2*want))
	}
}
