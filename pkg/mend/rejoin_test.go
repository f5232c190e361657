package mend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/mend"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// rejoined is what a repair makes of a log, and the changes; what it came to is
// checked against what a survey finds, and the pieces against the result.
func rejoined(t require.TestingT, log string, o mend.Options) (string, []mend.Change) {
	open := func() *stream.Log { return stream.FromReaderAt("log", strings.NewReader(log), int64(len(log))) }
	var out bytes.Buffer
	var changes []mend.Change
	made := log
	shift := 0
	o.OnChange = func(c mend.Change) error {
		require.Equal(t, log[c.Offset:c.Offset+c.Length], string(c.Raw))
		var to strings.Builder
		for p := range c.Pieces {
			if p.Fate != mend.Drop {
				to.Write(p.Text)
			}
		}
		require.Equal(t, c.NewLength, int64(to.Len()))
		at := int(c.Offset) + shift
		require.Equal(t, c.NewOffset, int64(at))
		made = made[:at] + to.String() + made[at+int(c.Length):]
		shift += to.Len() - int(c.Length)
		c.Raw = nil
		changes = append(changes, c)
		return nil
	}
	sum, err := mend.Repair(context.Background(), open(), &out, o)
	require.NoError(t, err)
	require.Equal(t, made, out.String())
	require.Equal(t, int64(len(log)), sum.BytesIn)
	require.Equal(t, sum.BytesIn, sum.BytesKept+sum.BytesDropped)
	require.Equal(t, int64(out.Len()), sum.BytesOut())
	res, err := survey.Log(context.Background(), open(), survey.Options{Checker: o.Checker, BlockBytes: 50, Repair: true})
	require.NoError(t, err)
	require.Equal(t, res.Counts["split_record"], res.Repair.Rejoined)
	if o.Rejoin {
		require.Equal(t, res.Counts["split_record"], sum.Actions[mend.Rejoined])
	}
	return out.String(), changes
}

// joinable are the records that lines are together, found by trying all ways,
// and with another parser.
func joinable(lines []string) (out []string) {
	check := record.NewChecker(record.Options{})
	part := func(line string) bool {
		return !json.Valid([]byte(line)) && len(check.Salvage([]byte(line), 0)) == 0
	}
	for i := 0; i < len(lines); i++ {
		joined := lines[i]
		for j := i; part(lines[i]) && j+1 < len(lines) && part(lines[j+1]); j++ {
			if before := strings.TrimRight(lines[j], `\`); (len(lines[j])-len(before))%2 != 0 {
				break // an escape that the newline cut
			}
			joined += `\n` + lines[j+1]
			var r struct {
				Kind      *string
				Timestamp *float64
			}
			if joined[0] == '{' && json.Unmarshal([]byte(joined), &r) == nil && r.Kind != nil && *r.Kind == "event" && r.Timestamp != nil {
				out = append(out, joined)
				i = j + 1
				break
			}
		}
		if check.Check([]byte(lines[i]), 0).IsRecord() {
			out = append(out, lines[i])
		}
	}
	return out
}

// Of whatever lines, those are joined that are a record together, and no
// others.
func TestRejoin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		line := rapid.SampledFrom([]string{`{"kind":"event","timestamp":1}`, `{"kind":"event","timestamp":1,"a":"b`, `{"kind":"event","a":"b`, `{"a":"`,
			``, `x`, `c \" d`, `e","t":2}`, `f"}`, `g","h":"i`, `{"kind":"x","timestamp":1,"a":"b`, `7`, `"`, `n\`, `n\\`, `{`, `}`, `"}`, `:"`, ` `, `{}`, `[]`, `{"`})
		lines := rapid.SliceOfN(line, 0, 8).Draw(rt, "lines")
		log := strings.Join(append(lines, ""), "\n")
		out, _ := rejoined(rt, log, mend.Options{Rejoin: true})
		require.Equal(rt, strings.Join(append(joinable(lines), ""), "\n"), out)
		again, changes := rejoined(rt, out, mend.Options{Rejoin: true})
		require.Equal(rt, out, again)
		require.Empty(rt, changes)
	})
}

// A record of any length and number of lines, up to the limits, beside others.
func TestRejoinLong(t *testing.T) {
	good := `{"kind":"event","timestamp":1}` + "\n"
	whole := func(line string, n int) string {
		return `{"kind":"event","timestamp":1,"a":"` + strings.Repeat(line+"\n", n) + `"}` + "\n"
	}
	for _, tt := range []struct {
		split  string
		joined bool
	}{
		{whole("x", 1), true},
		{whole("", 9_999), true},
		{whole("", 10_000), false},
		{whole(strings.Repeat("long ", 30_000), 9), true}, // over many blocks
		{whole(strings.Repeat("x", 1<<20), 3), true},
		{whole(strings.Repeat("x", 1<<20), 4), false},
	} {
		out, changes := rejoined(t, good+tt.split+good, mend.Options{Rejoin: true})
		if !tt.joined {
			require.Equal(t, good+good, out)
			continue
		}
		joined := strings.ReplaceAll(strings.TrimSuffix(tt.split, "\n"), "\n", `\n`) + "\n"
		require.True(t, good+joined+good == out)
		require.Len(t, changes, 1)
		require.Equal(t, record.SplitRecord, changes[0].Type)
		require.Equal(t, mend.Rejoined, changes[0].Action)
		require.Equal(t, int64(2), changes[0].Line)

		// What was not asked for is dropped, and known for what it is.
		out, changes = rejoined(t, good+tt.split+good, mend.Options{})
		require.Equal(t, good+good, out)
		require.Len(t, changes, strings.Count(tt.split, "\n"))
		require.Equal(t, record.SplitRecord, changes[len(changes)-1].Type)
	}
}

// What is not joined: the last line of a log that goes on, lines of which one
// is a record or holds one, and what has a fault of its own when it is joined.
func TestRejoinRefuses(t *testing.T) {
	good, head := `{"kind":"event","timestamp":1}`+"\n", `{"kind":"event","timestamp":1,"a":"b`+"\n"
	for _, tt := range []struct{ log, want string }{
		{good + head + `c"}`, good},
		{head + good + `c"}` + "\n", good},
		{head + `{"kind":"torn` + good + `c"}` + "\n", good},
		{head + "\x00" + `c"}` + "\n", ""},
		{head + "=======\n" + `c"}` + "\n", ""},
		{head + "\xff" + `c"}` + "\n", ""},
		{head + "{}\n" + `c"}` + "\n", "{}\n"},
		{`{"kind":"event","timestamp":1,"a":"b` + "\r\n" + `c"}` + "\n", ""},
		{head + `c","kind":"event"}` + "\n", ""},
		{head + `c","n":NaN}` + "\n", ""},
		{strings.Replace(head, "event", "other", 1) + `c"}` + "\n", ""},
		{head + `c"}` + good, ""},
	} {
		out, _ := rejoined(t, tt.log, mend.Options{Rejoin: true})
		require.Equal(t, tt.want, out, "%q", tt.log)
	}
}

// An error of whoever takes the result, or is told of a change, ends the repair
// wherever it comes.
func TestRejoinFails(t *testing.T) {
	log := `{"kind":"event","timestamp":1}` + "\n" + `{"kind":"event","timestamp":1,"a":"b` + "\n\n" + `c"}` + "\n" + `{"a":"` + "\nx\n"
	broken := errors.New("broken")
	for n := 0; ; n++ {
		left := n
		fail := func() error {
			if left--; left < 0 {
				return broken
			}
			return nil
		}
		_, err := mend.Into(t.Context(), stream.FromReaderAt("log", strings.NewReader(log), int64(len(log))), failing{fail},
			mend.Options{Rejoin: true, Workers: 1, OnChange: func(mend.Change) error { return fail() }})
		if left >= 0 {
			require.NoError(t, err)
			require.Greater(t, n, 9)
			return
		}
		require.ErrorIs(t, err, broken, "%d", n)
	}
}

type failing struct{ fail func() error }

func (f failing) Keep(int64, []byte) error { return f.fail() }
func (f failing) Add(string) error         { return f.fail() }
func (f failing) Flush() error             { return f.fail() }
