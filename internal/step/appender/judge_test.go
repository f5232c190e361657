package appender

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/pkg/record"
)

func clock() time.Time { return time.Unix(1710000000, 123456789) }

// verdict is what becomes of a line: the line that goes to the log, or the type
// for which it is refused.
func verdict(j *judge, line string) (out string, fault record.Type) {
	start, at, insert, bad := j.line([]byte(line), record.First)
	if bad != nil {
		return "", bad.fault
	}
	return line[start:at+btoi(insert == nil)*(start-at)] + string(insert) + line[at+btoi(insert == nil)*(start-at):], record.None
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestJudge(t *testing.T) {
	const good = `{"kind":"event","timestamp":1}`
	for _, tt := range []struct {
		line  string
		fault record.Type
	}{
		{good, record.None},
		{` {"timestamp":-1e300 , "kind":"dead_letter", "n":123456789012345678901234567890 }` + "\t", record.None},
		{`{"kind":"x","timestamp":"no","kind":"event","timestamp":2}`, record.None}, // a duplicate key is a warning
		{`{"kind":"event","timestamp":1,"x":"\ud800"}`, record.None},
		{good + "\r", record.None},
		{"", record.BlankLine},
		{"  ", record.BlankLine},
		{"\r", record.BlankLine},
		{`[1]`, record.CorruptedLine},
		{good + good, record.GluedRecords},
		{good[:20], record.CorruptedLine},
		{`{"kind":"event","timestamp":1,"x":"` + "\xff" + `"}`, record.InvalidUTF8},
		{`{"kind":"event","timestamp":1}` + "\x00", record.NULBytes},
		{`{"kind":"event","timestamp":1,"x":NaN}`, record.NonstandardNumber},
		{`{"kind":"event","timestamp":NaN}`, record.NonstandardNumber},
		{`{"timestamp":1}`, record.MissingKind},
		{`{"kind":1,"timestamp":1}`, record.MissingKind},
		{`{"KIND":"event","timestamp":1}`, record.MissingKind},
		{`{"kind":"evnt","timestamp":1}`, record.UnknownKind},
		{`{"kind":"event"}`, record.MissingTimestamp},
		{`{"kind":"event","timestamp":"1"}`, record.MissingTimestamp},
		{`{"kind":"event","timestamp":1e999}`, record.MissingTimestamp},
		{`{"kind":"event","timestamp":1,"x":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`, record.TooDeep},
	} {
		j, err := newJudge(record.NewChecker(record.Options{}), "", nil)
		require.NoError(t, err)
		out, fault := verdict(j, tt.line)
		require.Equal(t, tt.fault.String(), fault.String(), tt.line)
		if fault == record.None {
			require.Equal(t, tt.line, out)
		}
	}
}

func TestJudgeDropsTheByteOrderMark(t *testing.T) {
	j, err := newJudge(record.NewChecker(record.Options{}), "", nil)
	require.NoError(t, err)
	out, fault := verdict(j, "\ufeff"+`{"kind":"event","timestamp":1}`)
	require.Equal(t, record.None, fault)
	require.Equal(t, `{"kind":"event","timestamp":1}`, out)
}

// The producer's reader takes NaN.
func TestJudgeAsTheProducer(t *testing.T) {
	j, err := newJudge(record.NewChecker(record.Options{Producer: true}), "", nil)
	require.NoError(t, err)
	_, fault := verdict(j, `{"kind":"event","timestamp":1,"x":NaN}`)
	require.Equal(t, record.None, fault)
	_, fault = verdict(j, `{"kind":"event","timestamp":NaN}`)
	require.Equal(t, record.MissingTimestamp, fault)
}

func TestJudgeCompletes(t *testing.T) {
	const k, s = `"kind": "event"`, `"timestamp": 1710000000.123456`
	for _, tt := range []struct{ line, out string }{
		{`{}`, "{" + k + ", " + s + "}"},
		{` { }`, " {" + k + ", " + s + " }"},
		{`{"a":1}`, "{" + k + ", " + s + `, "a":1}`},
		{`{ "kind" : "audit"}`, "{" + s + `,  "kind" : "audit"}`},
		{`{"timestamp":1.50}`, "{" + k + `, "timestamp":1.50}`},
		{`{"kind":"event","timestamp":1}`, `{"kind":"event","timestamp":1}`},
		{"\ufeff{}\r", "{" + k + ", " + s + "}\r"},
		{`{"Kind":1,"payload":{"kind":2,"timestamp":3}}`, "{" + k + ", " + s + `, "Kind":1,"payload":{"kind":2,"timestamp":3}}`},
		// What is there is not missing, whatever it is.
		{`{"kind":null}`, ""},
		{`{"timestamp":"1"}`, ""},
		{`{"kind":"event","timestamp":1e999}`, ""},
		{`{"kind":"nosuch"}`, ""},
		{`{"\u006bind":1}`, ""},
		{`{"a":NaN}`, ""},
		{`{"a":1`, ""},
		{``, ""},
	} {
		j, err := newJudge(record.NewChecker(record.Options{}), "event", clock)
		require.NoError(t, err)
		out, _ := verdict(j, tt.line)
		require.Equal(t, tt.out, out, tt.line)
	}
}

// One of the two flags fills in one of the two members.
func TestJudgeCompletesOnlyWhatWasAskedFor(t *testing.T) {
	j, err := newJudge(record.NewChecker(record.Options{}), "", clock)
	require.NoError(t, err)
	_, fault := verdict(j, `{}`)
	require.Equal(t, record.MissingKind, fault)
	j, err = newJudge(record.NewChecker(record.Options{}), "event", nil)
	require.NoError(t, err)
	_, fault = verdict(j, `{}`)
	require.Equal(t, record.MissingTimestamp, fault)
}

// Whatever object comes, what is inserted leaves the other members as they
// were, and the result is a healthy record.
func TestJudgeInsertsOnly(t *testing.T) {
	keys := rapid.SampledFrom([]string{"a", "kin", "kind ", "Kind", "timestamps", "payload", `\"`, "é"})
	values := rapid.SampledFrom([]string{"1", "-0.50", `"x"`, "[]", `{"kind":{}}`, "null", "12345678901234567890123"})
	rapid.Check(t, func(t *rapid.T) {
		var members []string
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			members = append(members, `"`+keys.Draw(t, "key")+`"`+rapid.SampledFrom([]string{":", " : "}).Draw(t, "colon")+values.Draw(t, "value"))
		}
		space := rapid.SampledFrom([]string{"", " ", "\t"})
		line := space.Draw(t, "before") + "{" + space.Draw(t, "in") + strings.Join(members, ",") + "}"
		j, err := newJudge(record.NewChecker(record.Options{AllowKinds: []string{`we"ird`}}), `we"ird`, clock)
		require.NoError(t, err)
		out, fault := verdict(j, line)
		require.Equal(t, record.None, fault)
		var was, is map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(line), &was))
		require.NoError(t, json.Unmarshal([]byte(out), &is))
		require.JSONEq(t, `"we\"ird"`, string(is["kind"]))
		require.Equal(t, "1710000000.123456", string(is["timestamp"]))
		delete(is, "kind")
		delete(is, "timestamp")
		require.Equal(t, was, is)
	})
}

func TestSyncMode(t *testing.T) {
	for text, want := range map[string]string{"batch": "batch", "Always": "always", "NEVER": "never", "interval=1s": "interval=1s",
		"interval=0.5": "interval=500ms", " batch ": "batch"} {
		var m SyncMode
		require.NoError(t, m.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, m.String())
	}
	for _, text := range []string{"", "batsh", "interval", "interval=", "interval=0", "interval=-1s", "interval=1x", "batch=1s", "never=", "1s"} {
		var m SyncMode
		require.Error(t, m.UnmarshalText([]byte(text)), text)
	}
}
