package record

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// join adds lines that follow each other and returns what each of them is.
func join(j *Joiner, lines ...string) (states []Joined) {
	offset := int64(0)
	for _, line := range lines {
		states = append(states, j.Add(offset, []byte(line), j.Checker.Check([]byte(line), 0).Verdict))
		offset += int64(len(line)) + 1
	}
	return states
}

// A record whose strings hold raw newlines is found, and is the record whose
// strings hold the escapes of them.
func TestJoinerFindsWhatNewlinesCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Of which no line is a JSON value by itself, as {} would be.
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "\n", " ", `"`, `\\`, "é", "{", ",", "東京", "\n\n"}), 0, 20)
		note := strings.Join(words.Draw(t, "before"), "") + "x\ny" + strings.Join(words.Draw(t, "behind"), "")
		text, err := json.Marshal(map[string]any{"kind": "event", "note": note, "timestamp": 1.5})
		require.NoError(t, err)
		raw := strings.ReplaceAll(strings.ReplaceAll(string(text), `\\`, "\x00"), `\n`, "\n")
		lines := strings.Split(strings.ReplaceAll(raw, "\x00", `\\`), "\n")
		j := &Joiner{Checker: NewChecker(Options{})}
		states := join(j, lines...)
		want := []Joined{Begins}
		for range lines[2:] {
			want = append(want, GoesOn)
		}
		require.Equal(t, append(want, Whole), states, "%q", lines)
		require.Equal(t, string(text), string(j.Text()))
	})
}

func TestJoinerLeavesApart(t *testing.T) {
	begins := `{"kind":"event","note":"one`
	for name, c := range map[string]struct {
		lines []string
		want  []Joined
	}{
		"a record":                       {[]string{`{"kind":"event","timestamp":1}`}, []Joined{Apart}},
		"no object":                      {[]string{`"one`, `two"`}, []Joined{Apart, Apart}},
		"a record between":               {[]string{begins, `{"kind":"event","timestamp":1}`, `two"}`}, []Joined{Begins, Apart, Apart}},
		"two beginnings":                 {[]string{begins, begins, `two","timestamp":1}`}, []Joined{Begins, Begins, Whole}},
		"an escape that is cut":          {[]string{begins + `\`, `two","timestamp":1}`}, []Joined{Apart, Apart}},
		"a backslash outside of strings": {[]string{begins, `two"\,"timestamp":1}`}, []Joined{Begins, Apart}},
		"no record in the end":           {[]string{begins, `two","timestamp":}`}, []Joined{Begins, Apart}},
		"a kind that is unknown":         {[]string{`{"kind":"what","note":"one`, `two","timestamp":1}`}, []Joined{Begins, Apart}},
		"something behind":               {[]string{begins, `two","timestamp":1} `, `"`}, []Joined{Begins, Whole, Apart}},
		"a value by itself":              {[]string{begins, `{}`, `two","timestamp":1}`}, []Joined{Begins, Apart, Apart}},
		"NUL bytes":                      {[]string{begins, "two\x00", `","timestamp":1}`}, []Joined{Begins, Apart, Apart}},
		"too long":                       {[]string{begins, strings.Repeat("x", MaxJoinedBytes), `","timestamp":1}`}, []Joined{Begins, Apart, Apart}},
	} {
		require.Equal(t, c.want, join(&Joiner{Checker: NewChecker(Options{})}, c.lines...), name)
	}
	j := &Joiner{Checker: NewChecker(Options{})}
	require.Equal(t, []Joined{Begins}, join(j, begins))
	end := []byte(`two","timestamp":1}`)
	require.Equal(t, Apart, j.Add(int64(len(begins))+2, end, j.Checker.Check(end, 0).Verdict), "a byte further on")
}

// Of many lines there may be so many, and no more.
func TestJoinerIsBounded(t *testing.T) {
	for lines, want := range map[int]Joined{MaxJoinedLines: Whole, MaxJoinedLines + 1: Apart} {
		text := strings.Split(`{"kind":"event","note":"`+strings.Repeat("\n", lines-1)+`","timestamp":1}`, "\n")
		states := join(&Joiner{Checker: NewChecker(Options{})}, text...)
		require.Equal(t, want, states[len(states)-1], "%d lines", lines)
	}
}
