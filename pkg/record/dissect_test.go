package record

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const (
	event = `{"kind":"event","timestamp":1}`
	audit = `{"kind":"audit","timestamp":2}`
)

// ruleBook is the salvage rule word by word, over encoding/json. Its cost does
// not matter.
type ruleBook struct {
	text string
	memo map[int][]Span
}

var (
	spoilt = []Span{{-1, -1}} // a whole object that is no record
	unsure = []Span{{-2, -2}} // several starts fit
)

func isRecord(text string) bool {
	var r map[string]any
	if json.Unmarshal([]byte(text), &r) != nil || !utf8.ValidString(text) {
		return false
	}
	kind, _ := r["kind"].(string)
	seconds, ok := r["timestamp"].(float64)
	return ok && !math.IsInf(seconds, 0) && strings.Contains(" event audit dead_letter metric ", " "+kind+" ") && kind != ""
}

// from returns the records that are to be saved from p on, or spoilt or unsure.
func (b *ruleBook) from(p int) []Span {
	spans, ok := b.memo[p]
	if !ok {
		spans = b.judge(p)
		b.memo[p] = spans
	}
	return spans
}

func (b *ruleBook) judge(p int) []Span {
	rest := b.text[p:]
	object := strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "{")
	var any json.RawMessage
	err := json.Unmarshal([]byte(rest), &any)
	if err == nil {
		switch {
		case isRecord(rest):
			return []Span{{p, len(b.text)}}
		case object:
			return spoilt
		}
		return nil
	}
	if strings.Contains(err.Error(), "unexpected end") {
		return nil
	}
	e := p + int(err.(*json.SyntaxError).Offset) - 1
	if object && json.NewDecoder(strings.NewReader(b.text[p:e])).Decode(&any) == nil {
		if !isRecord(b.text[p:e]) || !strings.ContainsRune(`{["-0123456789tfnNI`, rune(b.text[e])) {
			return spoilt
		}
		behind := b.from(e)
		if len(behind) > 0 && behind[0].Start < 0 {
			return behind
		}
		return append([]Span{{p, e}}, behind...)
	}
	var found []Span
	for k := max(e-2, p+1); k <= e; k++ {
		if b.text[k] != '{' {
			continue
		}
		switch spans := b.from(k); {
		case len(spans) == 0 || spans[0] == spoilt[0]:
		case spans[0] == unsure[0] || found != nil && found[0] != spans[0]:
			return unsure
		default:
			found = spans
		}
	}
	return found
}

// TestDissectFollowsTheRule: over lines put together from all that matters to
// the rule, the search gives what the rule gives.
func TestDissectFollowsTheRule(t *testing.T) {
	c := NewChecker(Options{})
	saved, lines := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{event, audit, event, `{"kind":"other","timestamp":1}`, "{", "{", `{"`, `{"ki`, `{"a":`,
			`{"a":{`, `{"a":[`, `"`, `"x"`, "7", "-1", "tru", "true", "null", "[", "]", "}", ",", ":", " ", "{}", `\`, `\"`, "\xff", `{"{":":",",":`,
			`","`, `":"`, `"kind":"event"`, `"timestamp":3`, "x", "\r"}), 1, 9).Draw(t, "pieces")
		text := strings.Join(pieces, "")
		if n := rapid.IntRange(0, 9).Draw(t, "cut"); n > 0 {
			text = text[:len(text)-min(n, len(text)-1)]
		}
		book := ruleBook{text: text, memo: map[int][]Span{}}
		want := book.from(0)
		if len(want) > 0 && want[0].Start < 0 {
			want = nil
		}
		got := slices.Collect(c.dissect([]byte(text), 0).records())
		if len(got) != len(want) {
			t.Fatalf("%q: saved %v, the rule says %v", text, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%q: saved %v, the rule says %v", text, got, want)
			}
		}
		lines++
		saved += min(len(got), 1)
	})
	t.Logf("%d lines, records saved from %d of them", lines, saved)
	if lines >= 100 { // a quarter of them: of the twenty of -short there may be one
		require.Greater(t, saved, lines/20)
	}
}

// hostile are lines of n bytes or a little more that invite a costly search.
func hostile(n int) map[string]string {
	fill := func(unit, end string) string { return strings.Repeat(unit, n/len(unit)+1) + end }
	return map[string]string{
		"records":                 fill(event, ""),
		"records and a fragment":  fill(event, `{"ki`),
		"fragments":               fill(`{"kind":"ev`, event),
		"records and fragments":   fill(event+`{"kind":"ev`, audit),
		"braces":                  fill("{", event),
		"braces and spaces":       fill("{ ", event),
		"quoted braces":           fill(`{"`, event),
		"keys of braces":          fill(`{"{":`, event),
		"nested":                  fill(`{"a":`, event),
		"nested and torn":         fill(`{"a":{{`, event),
		"empty objects":           fill(`{}`, event),
		"lists":                   fill(`{"a":[{"b":1},`, event),
		"two ways to quote":       `{"{` + fill(`":":",",",`, event),
		"two ways, and new ones":  fill(`{"{":":",",":`, event),
		"two ways, deeper":        fill(`{"{":":",",":{"{":":",`, event),
		"strings with braces":     fill(`"{"{`, event),
		"escapes":                 fill(`{"\\\"{"`, event),
		"numbers":                 fill(`7{`, event),
		"values":                  fill(`"x"7[]{"`, event),
		"never ends":              `{"a":"` + fill("{", ""),
		"deep":                    fill(`[`, ""),
		"a long one, then braces": `{"a":"` + fill("x", `"{"{":"`) + fill(`{"`, event),
	}
}

// TestDissectReadsALineAFewTimes: what a line costs grows with its length and
// no faster, whatever stands on it. Bytes are counted, not seconds.
func TestDissectReadsALineAFewTimes(t *testing.T) {
	c := NewChecker(Options{})
	n := 200_000
	if testing.Short() {
		n = 40_000
	}
	for name, line := range hostile(n) {
		d := c.dissect([]byte(line), 0)
		require.LessOrEqual(t, d.work, (maxReads+1)*len(line), name)
		t.Logf("%-24s read %.2f times, %d starts, %d records", name, float64(d.work)/float64(len(line)), len(d.starts), len(slices.Collect(d.records())))
	}
	rapid.Check(t, func(t *rapid.T) {
		unit := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"{", `"`, ":", ",", "}", "[", "]", "a", " ", "1", `\`}), 1, 12).Draw(t, "unit"), "")
		line := []byte(strings.Repeat(unit, 4000/len(unit)) + event)
		require.LessOrEqual(t, c.dissect(line, 0).work, (maxReads+1)*len(line))
	})
}

// TestSalvageAnyNumber: there is no limit to what a person's log may hold.
func TestSalvageAnyNumber(t *testing.T) {
	c := NewChecker(Options{})
	for _, n := range []int{2, 33, 100, 20_000} {
		for _, fragment := range []string{"", `{"kind":"ev`, `{"a":{`, `7`} {
			line := []byte(strings.Repeat(fragment+event, n))
			spans := c.Salvage(line, 0)
			require.Len(t, spans, n, "%d times %s", n, fragment)
			for _, s := range spans {
				require.Equal(t, event, string(line[s.Start:s.End]))
			}
			require.Equal(t, GluedRecords, c.Check(line, 0).Fault)
		}
		line := []byte(strings.Repeat(`{"kind":"ev`, n) + event)
		require.Equal(t, []Span{{len(line) - len(event), len(line)}}, c.Salvage(line, 0))
		require.True(t, bytes.HasSuffix(line, []byte(event)))
	}
}
