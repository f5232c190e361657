package readers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/cli"
)

const log = `{"kind": "event", "system_id": "local", "actor_address": "local://1", "event_type": "ActorStarted", "payload": {}, "timestamp": 100}
{"kind": "audit", "system_id": "local", "timestamp": 101.5, "total_actors": 10, "alive_actors": 8, "stopping_actors": 1, "restarting_actors": 1, "registry_size": 3, "dead_letters_count": 2}
{"kind": "dead_letter", "system_id": "local", "target": "local://1", "message_type": "str", "payload": "a", "timestamp": 102}
torn {"kind": "event"
{"kind": "event", "actor_address": "local://2", "event_type": "ActorStopped", "timestamp": 103.25}
{"kind": "event", "timestamp": 104}
{"kind":"dead_letter","target":"local://2","message_type":"dict","payload":{"id":42,"it's":[null,true,1.50,"q\"\\"]},"timestamp":105}
{"kind": "event", "actor_address": "local://1", "event_type": "ActorStopped"}
{"kind": "audit", "timestamp": 106, "total_actors": 3, "alive_actors": 2, "stopping_actors": 1, "dead_letters_count": 4}
`

// run runs papyra inspect.
func run(t require.TestingT, stdin io.Reader, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	env := &cli.Env{Ctx: context.Background(), Stdin: stdin, Stdout: &stdout, Stderr: &stderr,
		Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Unix(1_710_000_000, 0) }}
	code = cli.Run(env, "papyra", "", &Command{}, args)
	return code, stdout.String(), stderr.String()
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"events", "[100.000] ActorStarted local://1\n[103.250] ActorStopped local://2\n[104.000]  None\n[None] ActorStopped local://1\n"},
		{"events --reverse --limit 2 --since 1", "[104.000]  None\n[103.250] ActorStopped local://2\n"},
		{"events --event-type ActorStarted", "[100.000] ActorStarted local://1\n"},
		{"events --limit 1 --event-type ActorStarted", "[100.000] ActorStarted local://1\n"}, // the limit comes after the filters
		{"events --actor local://2 --actor local://3", "[103.250] ActorStopped local://2\n"},
		{"events --since 103 --until 103.25", "[103.250] ActorStopped local://2\n"},
		{"events --limit 0", "No events recorded.\n"},
		{"events --event-type Nothing", "No events recorded.\n"},
		{"audits", "[101.500] total=10 alive=8 stopping=1 restarting=1 dead_letters=2\n[106.000] total=3 alive=2 stopping=1 restarting=0 dead_letters=4\n"},
		{"audits --since 200", "No audit reports recorded.\n"},
		{"dead-letters", "[102.000] target=local://1 type=str payload='a'\n[105.000] target=local://2 type=dict payload={'id': 42, \"it's\": [None, True, 1.50, 'q\"\\\\']}\n"},
		{"dead-letters --target local://1", "[102.000] target=local://1 type=str payload='a'\n"},
		{"dead-letters --target local://9", "No dead letters recorded.\n"},
		{"summary", "Actors: total=3 alive=2 stopping=1 restarting=0\nDead letters: 4\n"},
		{"summary --until 105", "Actors: total=10 alive=8 stopping=1 restarting=1\nDead letters: 2\n"},
		{"summary --until 50", "No audit data available.\n"},
		{"events --json --event-type Nothing", ""},
		{"events --quiet --event-type Nothing", ""},
		{"summary --json", strings.Split(log, "\n")[8] + "\n"},
		{"events --max-records 3", "[None] ActorStopped local://1\n"}, // retention in force holds for readers too
	} {
		t.Run(tt.args, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.ndjson")
			require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
			code, out, errs := run(t, nil, append(strings.Fields(tt.args), path)...)
			require.Zero(t, code, errs)
			require.Equal(t, tt.want, out)

			code, out, errs = run(t, strings.NewReader(log), append(strings.Fields(tt.args), "-")...)
			require.Zero(t, code, errs)
			require.Equal(t, tt.want, out, "from standard input")
		})
	}
}

// TestJSONIsTheRecordsOwnBytes: what --json prints are lines of the log.
func TestJSONIsTheRecordsOwnBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
	lines := strings.SplitAfter(log, "\n")
	for _, args := range [][]string{{"events", "--json"}, {"events", "--format", "ndjson"}} {
		_, out, errs := run(t, nil, append(args, path)...)
		require.Equal(t, lines[0]+lines[4]+lines[5]+lines[7], out, errs)
	}
	_, out, _ := run(t, nil, "dead-letters", "--json", "--reverse", path)
	require.Equal(t, lines[6]+lines[2], out)
}

func TestMissingAndUnreadableLogs(t *testing.T) {
	dir := t.TempDir()
	code, out, _ := run(t, nil, "events", filepath.Join(dir, "none.ndjson"))
	require.Zero(t, code)
	require.Equal(t, "No events recorded.\n", out)
	code, out, errs := run(t, nil, "events", "--missing", "fail", filepath.Join(dir, "none.ndjson"))
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, errs, "none.ndjson does not exist (--missing ok accepts that)")

	code, out, errs = run(t, nil, "events", filepath.Join(dir, "none", "none.ndjson"))
	require.Equal(t, 1, code)
	require.Empty(t, out, "nobody knows whether there are events")
	require.Contains(t, errs, "does not exist")

	code, out, _ = run(t, nil, "summary", dir)
	require.Equal(t, 1, code)
	require.Empty(t, out)
}

// TestAgeLimitThatFitsNothing: a young file of old records means that the clock
// or the unit is wrong, and "No events recorded." would be a lie.
func TestAgeLimitThatFitsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(log), 0o600))
	require.NoError(t, os.Chtimes(path, time.Time{}, time.Unix(1_709_999_999, 0)))
	code, out, errs := run(t, nil, "events", "--max-age", "1d", "--undated", "drop", path)
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, errs, path)
	require.Contains(t, errs, "--force")
	code, out, _ = run(t, nil, "events", "--max-age", "1d", "--undated", "drop", "--force", path)
	require.Zero(t, code)
	require.Equal(t, "No events recorded.\n", out)
}

func TestRotatedSetIsOneLog(t *testing.T) {
	dir := t.TempDir()
	event := func(i int) string { return fmt.Sprintf(`{"kind":"event","event_type":"E%d","timestamp":%d}`, i, i) }
	path := filepath.Join(dir, "events.ndjson")
	require.NoError(t, os.WriteFile(path+".2", []byte(event(1)+"\n"+event(2)), 0o600)) // no newline
	require.NoError(t, os.WriteFile(path+".1", []byte(event(3)+"\n"), 0o600))
	require.NoError(t, os.WriteFile(path, []byte(event(4)+"\n"+event(5)+"\n"), 0o600))
	_, out, errs := run(t, nil, "events", "--rotated", "--limit", "4", path)
	require.Equal(t, "[2.000] E2 None\n[3.000] E3 None\n[4.000] E4 None\n[5.000] E5 None\n", out, errs)
	_, out, _ = run(t, nil, "events", "--rotated", "--reverse", "--limit", "2", "--until", "4", path)
	require.Equal(t, "[4.000] E4 None\n[3.000] E3 None\n", out)
}

func TestSummaryOfSeveralLogsNamesThem(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	require.NoError(t, os.WriteFile(one, []byte(log), 0o600))
	require.NoError(t, os.WriteFile(two, nil, 0o600))
	_, out, _ := run(t, nil, "summary", one, two)
	require.Equal(t, one+":\nActors: total=3 alive=2 stopping=1 restarting=0\nDead letters: 4\n"+two+":\nNo audit data available.\n", out)
}

// TestPeopleAreSafe: no control character of a record reaches the terminal, and
// no record makes two lines.
func TestPeopleAreSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b]0;x\x07", "a\nb", "\u202egnirts", "\u0085", "\x00"})).Draw(t, "text")
		q, _ := json.Marshal(text)
		line := fmt.Sprintf(`{"kind":"%%s","actor_address":%s,"event_type":%s,"target":%s,"message_type":%s,"payload":{%s:[%s]},"total_actors":%s,"timestamp":1}`, q, q, q, q, q, q, q)
		for cmd, kind := range map[string]string{"events": "event", "audits": "audit", "dead-letters": "dead_letter"} {
			code, out, errs := run(t, strings.NewReader(fmt.Sprintf(line, kind)), cmd, "-")
			require.Zero(t, code, errs)
			require.Equal(t, 1, strings.Count(out, "\n"))
			require.NotRegexp(t, regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f\u0085\u202e]"), out)
		}
	})
}

// TestRendererTakesRecordsInPieces of any length.
func TestRendererTakesRecordsInPieces(t *testing.T) {
	lines := strings.SplitAfter(log, "\n")
	text := lines[0] + lines[4] + lines[5]
	for size := 1; size < len(text); size += 7 {
		var out bytes.Buffer
		r := &renderer{w: &out, form: newEvents(nil)}
		for piece := range slices.Chunk([]byte(text), size) {
			n, err := r.Write(piece)
			require.NoError(t, err)
			require.Equal(t, len(piece), n)
		}
		require.NoError(t, r.finish())
		require.Equal(t, "[100.000] ActorStarted local://1\n[103.250] ActorStopped local://2\n[104.000]  None\n", out.String())
	}
}

func TestLongValuesAreCut(t *testing.T) {
	long := strings.Repeat("ü", maxShown)
	_, out, _ := run(t, strings.NewReader(fmt.Sprintf(`{"kind":"dead_letter","target":%q,"payload":[%q,%q],"timestamp":1}`, long, long, long)), "dead-letters", "-")
	require.Less(t, len(out), 4*maxShown)
	require.Contains(t, out, "…")
}

// At a terminal people read a clock, in their own zone or in UTC; anybody else
// gets the Unix seconds of the Python tool.
func TestTimesForPeople(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there is no pseudo-terminal: ", err)
	}
	defer terminal.Close()
	defer func(zone *time.Location) { time.Local = zone }(time.Local)
	time.Local = time.FixedZone("far", -5*3600)
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(`{"kind":"event","timestamp":1712583398.2664,"event_type":"A"}`+"\n"), 0o600))
	for args, want := range map[string]string{"events": "[2024-04-08 08:36:38.266] A None\n", "events --utc": "[2024-04-08 13:36:38.266Z] A None\n",
		"events --utc --json": `{"kind":"event","timestamp":1712583398.2664,"event_type":"A"}` + "\n",
		"records":             "2024-04-08 08:36:38.266 event event_type=A\n", "records --utc": "2024-04-08 13:36:38.266Z event event_type=A\n"} {
		var out, errs bytes.Buffer
		env := &cli.Env{Stdout: &out, StdoutFile: terminal, Stderr: &errs, Now: time.Now, Getenv: func(string) string { return "" }}
		require.Equal(t, 0, cli.Run(env, "papyra", "", &Command{}, append(strings.Fields(args), path)), &errs)
		require.Equal(t, want, out.String(), args)
		out.Reset()
		env.StdoutFile = nil
		require.Equal(t, 0, cli.Run(env, "papyra", "", &Command{}, append(strings.Fields(args), path)), &errs)
		if args == "events" || args == "events --utc" {
			want = "[1712583398.266] A None\n"
		}
		require.Equal(t, want, out.String(), args)
	}
}
