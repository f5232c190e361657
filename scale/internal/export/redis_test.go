package export_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/internal/testtool"
)

// The records of a small log, by the streams that they belong to. Bytes that
// any encoder would change are in them on purpose.
var (
	events = []string{
		`{"kind": "event", "system_id": "local", "actor_address": "local://1", "payload": {"id": 12345678901234567890}, "timestamp": 1710000000.123}`,
		`{"timestamp":1710000000.123,"kind":"event","system_id":"local","n":1.0,"n":1e2,"text":"\u00e9\n\\"}`,
		`{"kind": "event", "system_id": "local", "x": NaN, "timestamp": 1709999999}`,
		`{"kind":"event","system_id":"local"}`,
		`{"kind":"event","system_id":"local","timestamp":1710000007.5}` + "\r",
	}
	audits = []string{`{"kind": "audit", "system_id": "local", "timestamp": 1710000001.456, "total_actors": 3}`}
	others = []string{`{"kind":"dead_letter","system_id":"b","target":"local://1","timestamp":1710000002.789}`,
		`{"kind":"dead_letter","system_id":"b","timestamp":0}`}

	small = []string{events[0], audits[0], events[1], others[0], events[2], events[3], "", others[1], events[4]}

	eventIDs = []string{"1710000000123-0", "1710000000123-1", "1710000000123-2", "1710000000123-3", "1710000007500-0"}
)

// holdsAll checks that a server has the small log once, in order, byte for byte.
func holdsAll(t testing.TB, s *server) {
	t.Helper()
	data, ids := s.data(t, "papyra:local:events")
	require.Equal(t, events, data)
	require.Len(t, ids, len(events))
	require.Equal(t, eventIDs[:3], ids[:3])
	require.Equal(t, eventIDs[4:], ids[4:])
	data, _ = s.data(t, "papyra:local:audits")
	require.Equal(t, audits, data)
	data, _ = s.data(t, "papyra:b:dead_letters")
	require.Equal(t, others, data)
}

func TestEveryRecordArrivesOnce(t *testing.T) {
	s := serve(t)
	log := write(t, small...)
	o := run(t, "", "--to", s.url(), log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	require.Contains(t, o.stdout, "papyra:local:events: 5 added, 0 already there, last id 1710000007500-0\n")
	holdsAll(t, s)

	o = run(t, "", "--to", s.url(), "--json", log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	require.Contains(t, o.stdout, `{"key":"papyra:local:events","added":0,"already_there":5,"last_id":"1710000007500-0","length":5}`)
	holdsAll(t, s)

	// What was appended since is all that a third run adds.
	more := `{"kind":"event","system_id":"local","timestamp":1710000008}`
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = fmt.Fprintln(f, more)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	o = run(t, "", "--to", s.url(), log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	require.Contains(t, o.stdout, "papyra:local:events: 1 added, 5 already there")
	data, _ := s.data(t, "papyra:local:events")
	require.Equal(t, append(append([]string(nil), events...), more), data)
}

// A connection that dies after any byte costs no record, and brings none twice:
// neither in a run that tries again, nor over a run that gave up.
func TestConnectionCutAnywhere(t *testing.T) {
	s := serve(t)
	log := write(t, small...)
	c := newCutter(t, s.socket, 1<<40, false)
	o := run(t, "", "--to", c.url(), log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	holdsAll(t, s)
	traffic := c.passed.Load()
	require.Greater(t, traffic, int64(1000))
	step := int64(1)
	if testing.Short() {
		step = 13
	}
	for n := int64(0); n <= traffic+1; n += step {
		s.empty(t)
		c := newCutter(t, s.socket, n, false)
		o := run(t, "", "--to", c.url(), "--retry", "20s", log)
		require.Equal(t, cli.ExitOK, o.code, "cut after %d bytes: %s", n, o.stderr)
		require.Contains(t, o.stdout, "papyra:local:events: 5 added, 0 already there", "cut after %d bytes", n)
		holdsAll(t, s)
		c.listener.Close()

		s.empty(t)
		c = newCutter(t, s.socket, n, true)
		o = run(t, "", "--to", c.url(), "--retry", "0s", log)
		if n < traffic/2 {
			require.Equal(t, cli.ExitFailed, o.code, "cut after %d bytes: %s", n, o.stderr)
		}
		o = run(t, "", "--to", s.url(), log)
		require.Equal(t, cli.ExitOK, o.code, "after a cut at %d bytes: %s", n, o.stderr)
		holdsAll(t, s)
		c.listener.Close()
	}
}

func TestRedisCLITakesTheProtocol(t *testing.T) {
	s := serve(t)
	client := testtool.Need(t, "redis-cli")
	o := run(t, strings.Join(small, "\n"), "--to", "resp", "-")
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	pipe := func() (string, error) {
		cmd := exec.Command(client, "-s", s.socket, "--pipe")
		cmd.Stdin = strings.NewReader(o.stdout)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := pipe()
	require.NoError(t, err, out)
	require.Contains(t, out, "errors: 0, replies: 8")
	holdsAll(t, s)
	out, err = pipe()
	require.Error(t, err)
	require.Contains(t, out, "errors: 8, replies: 8")
	holdsAll(t, s)
}

func TestWhatHasNoStreamIsRefused(t *testing.T) {
	s := serve(t)
	metric := `{"kind":"metric","timestamp":1,"name":"a","value":7}`
	log := write(t, events[0], metric, metric)
	o := run(t, "", "--to", s.url(), log)
	require.Equal(t, cli.ExitFailed, o.code)
	require.Contains(t, o.stderr, `a record of kind "metric" has no stream, at byte 140, and so for 2 lines in all: nothing was exported (--skip metric leaves such records out)`)
	require.Zero(t, s.DBSize(context.Background()).Val())
	o = run(t, "", "--to", s.url(), "--skip", "metric", log)
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	require.Contains(t, o.stdout, "skipped 2 records of kind metric\n")
	require.EqualValues(t, 1, s.DBSize(context.Background()).Val())

	for text, args := range map[string][]string{
		"a record names no system_id":         {write(t, `{"kind":"event","timestamp":1}`)},
		"dated over a day ahead of the clock": {write(t, `{"kind":"event","system_id":"x","timestamp":1710000000123}`)},
		"a record has no kind":                {write(t, `{"timestamp":1}`)},
		"the URL of the server is none":       {"--to", "redis://:secret@[", log},
		"it takes resp, a URL":                {"--to", "kafka://x", log},
		"does not exist":                      {log + "x"},
	} {
		if args[0] != "--to" {
			args = append([]string{"--to", s.url()}, args...)
		}
		o := run(t, "", args...)
		require.NotZero(t, o.code, text)
		require.Contains(t, o.stderr, text)
		require.NotContains(t, o.stderr, "secret")
	}
	require.EqualValues(t, 1, s.DBSize(context.Background()).Val())
}

func TestDamageStopsTheExportOrIsSetApart(t *testing.T) {
	s := serve(t)
	torn := `{"kind":"event","system_id":"loc`
	raw := "\xff\xfe{"
	log := write(t, events[0], torn, raw, events[4])
	o := run(t, "", "--to", s.url(), log)
	require.Equal(t, cli.ExitAnomalies, o.code)
	require.Contains(t, o.stderr, "a line is damaged, at byte 140, and so for 2 lines in all: nothing was exported")
	require.Zero(t, s.DBSize(context.Background()).Val())

	for range 2 {
		o = run(t, "", "--to", s.url(), "--quarantine", log)
		require.Equal(t, cli.ExitOK, o.code, o.stderr)
		data, ids := s.data(t, "papyra:local:quarantine:events.ndjson")
		require.Equal(t, []string{torn, raw}, data)
		require.Equal(t, []string{"1710000000123-0", "1710000000123-1"}, ids)
		data, _ = s.data(t, "papyra:local:events")
		require.Equal(t, []string{events[0], events[4]}, data)
	}
	all, err := s.XRange(context.Background(), "papyra:local:quarantine:events.ndjson", "-", "+").Result()
	require.NoError(t, err)
	require.Equal(t, "corrupted_line", all[0].Values["type"])
	require.Equal(t, "140", all[0].Values["offset"])
	require.NotEmpty(t, all[0].Values["reason"])
}

// A stream that holds something else is never added to.
func TestForeignStreamsAreLeftAlone(t *testing.T) {
	s := serve(t)
	ctx := context.Background()
	log := write(t, small...)
	require.NoError(t, s.XAdd(ctx, &redis.XAddArgs{Stream: "papyra:local:events", ID: "1710000000123-1", Values: []string{"data", "theirs"}}).Err())
	o := run(t, "", "--to", s.url(), log)
	require.Equal(t, cli.ExitFailed, o.code)
	require.Contains(t, o.stderr, "papyra:local:events goes on to 1710000000123-1 already, and holds no such record at 1710000000123-0")
	data, _ := s.data(t, "papyra:local:events")
	require.Equal(t, []string{"theirs"}, data)

	s.empty(t)
	require.NoError(t, s.Set(ctx, "papyra:local:events", "a string", 0).Err())
	o = run(t, "", "--to", s.url(), log)
	require.Equal(t, cli.ExitFailed, o.code)
	require.Contains(t, o.stderr, "WRONGTYPE")
}

// What happens to the server between two batches is noticed.
func TestTheServerChangesMeanwhile(t *testing.T) {
	ctx := context.Background()
	for says, change := range map[string]func(s *server){
		"the server had acknowledged 1710000000123-0: it has lost entries": func(s *server) {
			s.empty(t)
			require.NoError(t, s.Do(ctx, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes").Err())
		},
		"somebody else adds entries meanwhile": func(s *server) {
			require.NoError(t, s.XAdd(ctx, &redis.XAddArgs{Stream: "papyra:local:events", ID: "1800000000000-0", Values: []string{"data", "x"}}).Err())
		},
	} {
		s := serve(t)
		r, w := io.Pipe()
		ended := make(chan outcome, 1)
		go func() { ended <- runWith(r, "--to", s.url()) }()
		_, err := fmt.Fprintln(w, events[0])
		require.NoError(t, err)
		require.Eventually(t, func() bool { return s.XLen(ctx, "papyra:local:events").Val() == 1 }, 20*time.Second, 5*time.Millisecond)
		change(s)
		_, err = fmt.Fprintln(w, events[1])
		require.NoError(t, err)
		require.NoError(t, w.Close())
		o := <-ended
		require.Equal(t, cli.ExitFailed, o.code, says)
		require.Contains(t, o.stderr, says)
	}
}

func TestMoreThanTheReaderTakesIsSaid(t *testing.T) {
	var lines []string
	for i := range 50001 {
		lines = append(lines, fmt.Sprintf(`{"kind":"event","system_id":"s","timestamp":%d}`, i))
	}
	o := run(t, strings.Join(lines, "\n"), "--to", "resp")
	require.Equal(t, cli.ExitOK, o.code)
	require.Contains(t, o.stderr, "papyra:s:events has 50001 entries: Papyra's reader takes 50000 at most, the oldest first")
}

// The names of streams are those that were asked for, and what cannot be held is
// refused even where damage is set apart.
func TestNamesAndLongDamage(t *testing.T) {
	bare := `{"kind":"event","timestamp":1}`
	o := run(t, bare, "--to", "resp", "--prefix", "mine", "--system", "box")
	require.Equal(t, cli.ExitOK, o.code, o.stderr)
	require.Equal(t, "*5\r\n$4\r\nXADD\r\n$15\r\nmine:box:events\r\n$6\r\n1000-0\r\n$4\r\ndata\r\n$30\r\n"+bare+"\r\n", o.stdout)
	o = run(t, bare+"\n"+strings.Repeat("x", 4096), "--to", "resp", "--system", "box", "--quarantine", "--max-line-bytes", "1KiB")
	require.Equal(t, cli.ExitAnomalies, o.code, o.stderr)
	require.Contains(t, o.stderr, "a line is too long to be quarantined")
}
