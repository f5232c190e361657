package selection

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
)

var now = time.Unix(1_710_000_000, 0)

// modelLine is a line as the model sees it.
type modelLine struct {
	text     string // as it is printed, newline included
	size     int64
	long     bool // never passed on
	record   bool
	kind     string
	survives bool
	matches  bool
}

// model is Print as the documentation has it, without any trick. The lines must
// have no NUL bytes.
func model(log string, o *Options) string {
	var lines []modelLine
	for i := 0; i < len(log); {
		n := strings.IndexByte(log[i:], '\n')
		var text string
		pos := record.Position(0)
		if i == 0 {
			pos |= record.First
		}
		if n < 0 {
			text, pos = log[i:], pos|record.Unterminated
			i = len(log)
		} else {
			text = log[i : i+n]
			i += n + 1
		}
		r := o.Checker.Check([]byte(text), pos)
		l := modelLine{text: text[r.Start:] + "\n", size: int64(len(text)) + 1, record: r.IsRecord()}
		if l.record {
			l.kind = modelKind(text[r.Start:])
			own := o.Rule.Policy().Kinds[l.kind]
			l.survives = !own.Drop && o.Rule.Survives(r.Timestamp, r.HasTimestamp)
			if own.MaxAge != nil && !own.Drop {
				l.survives = r.HasTimestamp && 1_710_000_000-r.Timestamp <= own.MaxAge.Seconds() || !r.HasTimestamp && !o.Rule.Policy().DropUndated
			}
			l.matches = !o.Fields.Any() || modelMatch(text[r.Start:], &o.Fields)
		} else {
			l.text, l.long = text+"\n", len(text) > o.Checker.MaxLineBytes()
		}
		lines = append(lines, l)
	}
	p := o.Rule.Policy()
	var trail int64
	if o.Damage == Pass {
		var gap int64 // damaged lines count with the record after them
		for i := range lines {
			l := &lines[i]
			if !l.record {
				if !l.long { // which is not passed on
					gap += l.size
				}
				continue
			}
			if l.survives {
				l.size += gap
			}
			gap = 0
		}
		trail = gap
	}
	newer := policy.Sum{Bytes: trail}
	var matched int64
	counted := map[string]int64{} // the newer ones of a kind, or of all kinds that are not counted by themselves
	nextStays, nextInLimit := p.MaxBytes == nil || trail <= *p.MaxBytes, true
	var out []string
	for i := len(lines) - 1; i >= 0; i-- {
		l := &lines[i]
		selected := nextStays && nextInLimit
		if l.record {
			stays := l.survives
			if stays {
				group, most := "others", p.MaxRecords
				if own := p.Kinds[l.kind].MaxRecords; own != nil {
					group, most = "kind "+l.kind, own
				}
				counted[group]++
				stays = most == nil || counted[group] <= *most
			}
			if stays {
				newer.Bytes += l.size
				stays = p.MaxBytes == nil || newer.Bytes <= *p.MaxBytes
			}
			if stays && l.matches {
				matched++
				nextInLimit = o.Limit == nil || matched <= *o.Limit
			}
			nextStays = stays
			selected = stays && l.matches && nextInLimit
		} else if o.Damage != Pass || l.long {
			continue
		}
		if selected != o.Invert {
			out = append(out, l.text)
		}
	}
	if !o.Reverse {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return strings.Join(out, "")
}

// modelKind is the kind of a record; "" if it has none that is a string.
func modelKind(text string) string {
	var v struct {
		Kind any `json:"kind"`
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	kind, _ := v.Kind.(string)
	return kind
}

func modelMatch(text string, f *Fields) bool {
	var v struct {
		Kind   any `json:"kind"`
		Event  any `json:"event_type"`
		Actor  any `json:"actor_address"`
		Target any `json:"target"`
		Time   any `json:"timestamp"`
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	has := func(v any, list []string) bool {
		for _, s := range list {
			if v == any(s) {
				return true
			}
		}
		return len(list) == 0
	}
	ts, dated := v.Time.(float64)
	return has(v.Kind, f.Kinds) && has(v.Event, f.EventTypes) && has(v.Actor, f.Actors) && has(v.Target, f.Targets) &&
		(f.Since == nil || dated && ts >= *f.Since) && (f.Until == nil || dated && ts <= *f.Until)
}

// drawLog makes a log of everything but NUL bytes.
func drawLog(t *rapid.T) string {
	line := rapid.Custom(func(t *rapid.T) string {
		ts := 1_710_000_000 - rapid.IntRange(0, 20).Draw(t, "age")
		kind := rapid.SampledFrom([]string{"event", "audit", "dead_letter", "custom", `e\u0076ent`}).Draw(t, "kind")
		more := rapid.SampledFrom([]string{"", `,"event_type":"A"`, `,"event_type":"\u0041","target":"x"`, `,"actor_address":"a//1"`, `,"target":7`, `,"payload":"ééé"`}).Draw(t, "more")
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			return fmt.Sprintf(`{"kind":"%s"%s}`, kind, more)
		case 1:
			return rapid.SampledFrom([]string{"", "  ", "\r"}).Draw(t, "blank")
		case 2:
			return rapid.SampledFrom([]string{`{"kind":"event","timest`, "garbage", "[1]", `{"kind":"event","timestamp":1}{"kind":"event","timestamp":1}`}).Draw(t, "bad")
		case 3:
			return strings.Repeat("x", rapid.IntRange(60, 130).Draw(t, "long"))
		}
		return fmt.Sprintf(`{"kind":"%s","timestamp":%d%s}`, kind, ts, more)
	})
	log := strings.Join(rapid.SliceOfN(line, 0, 25).Draw(t, "lines"), "\n")
	if rapid.IntRange(0, 4).Draw(t, "bom") == 0 {
		log = "\xef\xbb\xbf" + log
	}
	if rapid.Bool().Draw(t, "ended") && log != "" {
		log += "\n"
	}
	return log
}

func drawOptions(t *rapid.T) *Options {
	o := &Options{Checker: record.NewChecker(record.Options{MaxLineBytes: 100}), Force: true}
	var p policy.Policy
	maybe := func(name string, hi int) *int64 {
		if !rapid.Bool().Draw(t, name+"?") {
			return nil
		}
		return new(int64(rapid.IntRange(0, hi).Draw(t, name)))
	}
	p.MaxRecords, p.MaxBytes, o.Limit = maybe("records", 20), maybe("bytes", 900), maybe("limit", 8)
	if age := maybe("age", 22); age != nil {
		p.MaxAge = new(time.Duration(*age) * time.Second)
	}
	p.DropUndated = rapid.Bool().Draw(t, "undated")
	for _, kind := range []string{"event", "audit", "custom"} {
		if rapid.IntRange(0, 3).Draw(t, kind+"?") > 0 {
			continue
		}
		own := policy.KindLimit{MaxRecords: maybe("records of "+kind, 6), Drop: rapid.IntRange(0, 4).Draw(t, "drop") == 0}
		if age := maybe("age of "+kind, 22); age != nil {
			own.MaxAge = new(time.Duration(*age) * time.Second)
		}
		if p.Kinds == nil {
			p.Kinds = map[string]policy.KindLimit{}
		}
		p.Kinds[kind] = own
	}
	o.Rule = p.At(now)
	some := func(name string, from ...string) []string {
		if rapid.IntRange(0, 2).Draw(t, name+"?") > 0 {
			return nil
		}
		return rapid.SliceOfN(rapid.SampledFrom(from), 1, 2).Draw(t, name)
	}
	o.Fields = Fields{Kinds: some("kinds", "event", "audit", "custom"), EventTypes: some("types", "A", "B"),
		Actors: some("actors", "a//1"), Targets: some("targets", "x", "7")}
	if s := maybe("since", 20); s != nil {
		o.Fields.Since = new(float64(1_710_000_000 - *s))
	}
	if s := maybe("until", 20); s != nil {
		o.Fields.Until = new(float64(1_710_000_000 - *s))
	}
	o.Reverse, o.Invert = rapid.Bool().Draw(t, "reverse"), rapid.Bool().Draw(t, "invert")
	o.Damage = rapid.SampledFrom([]Damage{Skip, Pass}).Draw(t, "damage")
	o.BlockBytes = rapid.IntRange(1, 300).Draw(t, "block")
	o.HoldBytes = int64(rapid.IntRange(1, 300).Draw(t, "hold"))
	o.Workers = rapid.IntRange(1, 3).Draw(t, "workers")
	return o
}

func printed(t require.TestingT, log *stream.Log, o *Options) string {
	var out bytes.Buffer
	sum, err := Print(context.Background(), log, o, &out)
	require.NoError(t, err)
	require.Equal(t, int64(out.Len()), sum.Bytes)
	require.Equal(t, int64(strings.Count(out.String(), "\n")), sum.Records+sum.Passed)
	return out.String()
}

// A file read from either end, a stream held in memory and on disk, and the
// naive model select the same lines.
func TestPrintIsTheModel(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		text, o := drawLog(t), drawOptions(t)
		o.TempDir = dir
		want := model(text, o)
		file := fileLog(text)
		require.Equal(t, want, printed(t, file, o), "file")
		pipe := pipeLog(text)
		require.Equal(t, want, printed(t, pipe, o), "pipe")
	})
}

// A stream that is made smaller while it is held is what the file is: damage
// goes with the record after it or with the end, a byte order mark counts, and
// a line that is too long to be passed on does not.
func TestHeldStreamIsTheFile(t *testing.T) {
	none := int64(0)
	for _, tt := range []struct {
		text  string
		bytes int64
		want  string
	}{
		{strings.Repeat("x", 60) + "\n\n", 1, ""},
		{strings.Repeat("x", 61) + "\n\n", 1, "\n"},
		{strings.Repeat("x", 60) + "\n{\"kind\":\"event\"}\n", 20, ""},
		{strings.Repeat("x", 61) + "\n{\"kind\":\"event\"}\n", 20, "{\"kind\":\"event\"}\n"},
		{"\ufeff{\"kind\":\"event\"}\n", 17, ""},
		{"\ufeff{\"kind\":\"event\"}\n", 20, "{\"kind\":\"event\"}\n"},
	} {
		p := policy.Policy{MaxBytes: &tt.bytes, Kinds: map[string]policy.KindLimit{"custom": {MaxRecords: &none}}}
		o := &Options{Damage: Pass, Rule: p.At(time.Unix(1_710_000_000, 0)), HoldBytes: 1, TempDir: t.TempDir(), BlockBytes: 1,
			Checker: record.NewChecker(record.Options{MaxLineBytes: 60})}
		require.Equal(t, tt.want, model(tt.text, o))
		require.Equal(t, tt.want, printed(t, fileLog(tt.text), o), "file %q", tt.text)
		require.Equal(t, tt.want, printed(t, pipeLog(tt.text), o), "pipe %q", tt.text)
	}
}

// A record that goes for the number of its kind makes room for others, which
// must be held until it is known.
func TestHeldStreamOfTwoLimits(t *testing.T) {
	event, audit, short := `{"kind":"event","timestamp":1710000000}`+"\n", `{"kind":"audit","timestamp":1710000000}`+"\n", `{"kind":"audit"}`+"\n"
	p := policy.Policy{MaxBytes: new(int64(len(rec(0) + event + short))), Kinds: map[string]policy.KindLimit{"audit": {MaxRecords: new(int64(1))}}}
	o := &Options{Rule: p.At(now), Checker: record.NewChecker(record.Options{}), Force: true, BlockBytes: 1, HoldBytes: 1, Workers: 1, TempDir: t.TempDir()}
	text := rec(0) + audit + event + strings.Repeat("\n", 200) + short
	require.Equal(t, model(text, o), printed(t, fileLog(text), o))
	require.Equal(t, model(text, o), printed(t, pipeLog(text), o))
	require.Contains(t, model(text, o), rec(0))
}
