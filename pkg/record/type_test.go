package record

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/jsonscan"
)

// Names go into reports and come back as what they were.
func TestNamesComeBack(t *testing.T) {
	seen := map[string]bool{}
	all := Set(0)
	for _, want := range Types() {
		text, err := json.Marshal(want)
		require.NoError(t, err)
		require.False(t, seen[string(text)], "%s twice", text)
		seen[string(text)] = true
		var got Type
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, want, got)
		all = all.With(want)
	}
	require.Equal(t, Types(), all.Types())
	require.Empty(t, Set(0).Types())
	var unknown Type
	require.EqualError(t, unknown.UnmarshalText([]byte("broken_leg")), `unknown anomaly type "broken_leg"`)
	require.Equal(t, "type(200)", Type(200).String())

	for _, want := range []Severity{Warning, Error} {
		text, err := json.Marshal(want)
		require.NoError(t, err)
		var got Severity
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, want, got)
	}
	var s Severity
	require.EqualError(t, s.UnmarshalText([]byte("fatal")), `unknown severity "fatal"`)
	require.Equal(t, "dead_letter", DeadLetter.String())
	require.Equal(t, "invalid", NumKinds.String())
}

// A line may be as long as MaxLineBytes, of which a long run of NUL bytes counts
// as no more than what is held of it.
func TestOversized(t *testing.T) {
	c := NewChecker(Options{MaxLineBytes: 5000})
	require.Equal(t, 5000, c.MaxLineBytes())
	line := func(n int) []byte {
		return []byte(`{"kind":"event","timestamp":1,"x":"` + strings.Repeat("y", n-len(`{"kind":"event","timestamp":1,"x":""}`)) + `"}`)
	}
	require.Equal(t, None, c.Check(line(5000), 0).Fault)
	require.Equal(t, OversizedLine, c.Check(line(5001), 0).Fault)
	require.Equal(t, c.Check(line(5001), 0).Verdict, c.Oversized(0).Verdict)

	zeros := strings.Repeat("\x00", 100_000)
	require.Equal(t, NULBytes, c.Check([]byte(zeros+strings.Repeat("y", 5000-jsonscan.LongNULRun)), 0).Fault)
	require.Equal(t, OversizedLine, c.Check([]byte(zeros+strings.Repeat("y", 5001-jsonscan.LongNULRun)), 0).Fault)
	require.Equal(t, OversizedLine, c.Check([]byte(zeros+"y"+zeros), 0).Fault, "two runs")
}

// Absent is what a record does not have; what it has, and is no good, is not.
func TestAbsent(t *testing.T) {
	c := NewChecker(Options{})
	for line, want := range map[string]bool{`{"timestamp":1}`: true, `{"kind":7,"timestamp":1}`: false, `{"kind":"event"}`: true,
		`{"kind":"event","timestamp":"x"}`: false, `{"kind":"event","timestamp":1}`: false, `{"kind":"what","timestamp":1}`: false} {
		require.Equal(t, want, c.Check([]byte(line), 0).Absent(), line)
	}
}
