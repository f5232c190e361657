package inspect

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/cli"
	"github.com/papyra-tools/papyra/pkg/policy"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/stream"
	"github.com/papyra-tools/papyra/pkg/survey"
)

var testNow = time.Unix(1_710_000_000, 0)

// run runs papyra-inspect in an environment without home, settings or terminal.
func run(t require.TestingT, stdin io.Reader, columns int, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	env := &cli.Env{Ctx: context.Background(), Stdin: stdin, Stdout: &stdout, Stderr: &stderr,
		Getenv: func(key string) string {
			if key == "COLUMNS" && columns > 0 {
				return strconv.Itoa(columns)
			}
			return ""
		},
		Now: func() time.Time { return testNow }}
	code = cli.Run(env, "papyra-inspect", "", &Command{}, args)
	return code, stdout.String(), stderr.String()
}

// inspection is the whole of the JSON form.
type inspection struct {
	head
	Files []*logReport `json:"files"`
	closing
}

func decode(t require.TestingT, out string) *inspection {
	var doc inspection
	require.NoError(t, json.Unmarshal([]byte(out), &doc), out)
	return &doc
}

// TestPreviewIsWhatThePolicySays compares the preview of a file, of a
// compressed file, of a rotated pair and of a stream with the policy applied to
// the list of all records.
func TestPreviewIsWhatThePolicySays(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var log bytes.Buffer
		type rec struct {
			kind string
			policy.Record
			gap int64 // of damaged bytes before it
		}
		var gap int64
		var records []rec
		lines := rapid.IntRange(0, 60).Draw(t, "lines")
		cut := rapid.IntRange(0, lines).Draw(t, "cut")
		cutAt := 0
		for i := range lines {
			if i == cut {
				cutAt = log.Len()
			}
			if rapid.IntRange(0, 9).Draw(t, "damaged") == 0 {
				n, _ := log.WriteString("{\"kind\": torn\n")
				gap += int64(n)
				continue
			}
			kind := rapid.SampledFrom([]string{"event", "audit", "dead_letter", "metric"}).Draw(t, "kind")
			r := rec{kind: kind, gap: gap}
			gap = 0
			r.Dated = rapid.IntRange(0, 9).Draw(t, "dated") > 0
			line := fmt.Sprintf(`{"kind":%q,"pad":%q`, kind, strings.Repeat("x", rapid.IntRange(0, 50).Draw(t, "pad")))
			if r.Dated {
				r.Timestamp = float64(testNow.Unix()) - float64(rapid.IntRange(0, 100).Draw(t, "age"))
				line += fmt.Sprintf(`,"timestamp":%.0f`, r.Timestamp)
			}
			line += "}\n"
			r.Bytes = int64(len(line))
			records = append(records, r)
			log.WriteString(line)
		}
		if cut == lines {
			cutAt = log.Len()
		}

		var p policy.Policy
		args := []string{"--json", "--force", "--settle", "0s", "--max-skew", "1h"}
		if rapid.Bool().Draw(t, "age") {
			age := time.Duration(rapid.IntRange(0, 100).Draw(t, "max age")) * time.Second
			p.MaxAge = &age
			args = append(args, "--max-age", age.String())
		}
		if rapid.Bool().Draw(t, "count") {
			n := rapid.Int64Range(0, 60).Draw(t, "max records")
			p.MaxRecords = &n
			args = append(args, "--max-records", fmt.Sprint(n))
		}
		if rapid.Bool().Draw(t, "size") {
			n := rapid.Int64Range(0, 5000).Draw(t, "max bytes")
			p.MaxBytes = &n
			args = append(args, "--max-total-bytes", fmt.Sprint(n))
		}
		if rapid.Bool().Draw(t, "undated") {
			p.DropUndated = true
			args = append(args, "--undated", "drop")
		}

		rule := p.At(testNow)
		back := rule.Backward()
		want := preview{ByLimit: map[string]amount{}, ByKind: map[string]split{}}
		for _, r := range slices.Backward(records) {
			s := want.ByKind[r.kind]
			counted := r.Record
			counted.Bytes += r.gap
			if rule.Survives(r.Timestamp, r.Dated) {
				counted.Bytes += gap // what stands behind the last one counts with it
				gap = 0
			}
			limit := back.Next(counted)
			one := policy.Sum{Records: 1, Bytes: r.Bytes}
			if limit == policy.None {
				s.Kept = s.Kept.Add(one)
				want.Kept = want.Kept.Add(one)
			} else {
				s.Expired = s.Expired.Add(one)
				want.Expired = want.Expired.Add(one)
				want.ByLimit[limit.String()] = want.ByLimit[limit.String()].Add(one)
			}
			want.ByKind[r.kind] = s
		}

		path := filepath.Join(dir, "events.ndjson")
		require.NoError(t, os.WriteFile(path, log.Bytes(), 0o600))
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		zip.Write(log.Bytes())
		zip.Close()
		require.NoError(t, os.WriteFile(path+"-zip", packed.Bytes(), 0o600))
		require.NoError(t, os.WriteFile(path+"-set.1", log.Bytes()[:cutAt], 0o600))
		require.NoError(t, os.WriteFile(path+"-set", log.Bytes()[cutAt:], 0o600))
		for name, in := range map[string][]string{"file": {path}, "gzip": {path + "-zip"}, "rotated": {"--rotated", path + "-set"}, "stream": {"-"}} {
			code, out, errs := run(t, bytes.NewReader(log.Bytes()), 0, append(in, args...)...)
			require.Zero(t, code, errs)
			f := decode(t, out).Files[0]
			got := f.Preview
			require.Equal(t, want.split, got.split, name)
			require.Equal(t, want.ByKind, got.ByKind, name)
			for limit, a := range got.ByLimit {
				require.Equal(t, want.ByLimit[limit], a, "%s: %s", name, limit)
			}
			require.Equal(t, want.Expired.Bytes, got.Reclaimable)
			require.EqualValues(t, len(records), f.Records)
			require.Equal(t, f.Bytes-want.Kept.Bytes-want.Expired.Bytes, got.Damaged, name)
		}
	})
}

// bigLog has more than a block of lines, of all kinds, some damaged.
func bigLog(lines int) []byte {
	var b bytes.Buffer
	for i := range lines {
		switch ts := float64(testNow.Unix()) - float64(lines-i)/7; {
		case i%1000 == 999:
			fmt.Fprintf(&b, "{\"kind\": \"event\", torn %d\n", i)
		case i%5 == 0:
			fmt.Fprintf(&b, `{"kind": "dead_letter", "target": "local://%d", "timestamp": %.3f}`+"\n", i%13, ts)
		default:
			fmt.Fprintf(&b, `{"kind": "event", "actor_address": "local://%d", "event_type": "Type%d", "timestamp": %.3f}`+"\n", i*i%5003, i%3, ts)
		}
	}
	return b.Bytes()
}

// TestParallelEqualsSerial: the number of cores must not show in the report.
func TestParallelEqualsSerial(t *testing.T) {
	log := bigLog(30000)
	age := time.Hour
	n := int64(9000)
	rule := policy.Policy{MaxAge: &age, MaxRecords: &n}.At(testNow)
	var reports []string
	for _, workers := range []int{1, 2, 7} {
		col := newCollector(rule, record.Papyra())
		o := col.options(survey.Options{Workers: workers, Checker: withMembers()})
		src, err := stream.FromReader("-", bytes.NewReader(log))
		require.NoError(t, err)
		res, err := survey.Log(t.Context(), src, o)
		require.NoError(t, err)
		col.next(res.Bytes)
		r := &logReport{Result: res}
		(&Command{}).complete(t.Context(), r, col)
		r.Elapsed = 0
		out, err := json.Marshal(r)
		require.NoError(t, err)
		reports = append(reports, string(out))
	}
	require.Equal(t, reports[0], reports[1])
	require.Equal(t, reports[0], reports[2])
	require.Contains(t, reports[0], `"max_error"`)
}

func withMembers() *record.Checker {
	return record.NewChecker(record.Options{Members: members[:]})
}

// TestObserveAllocatesNothing on the lines of a healthy log.
func TestObserveAllocatesNothing(t *testing.T) {
	p := newPart(policy.Policy{}.At(testNow), false, new(atomic.Int32))
	line := stream.Line{Text: []byte(`{"kind": "event", "actor_address": "local://1", "event_type": "Caf\u00e9", "timestamp": 1.5}`)}
	line.Result = withMembers().Check(line.Text, 0)
	p.Line(&line)
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Line(&line) }))
}

// hostile is what a log may hold to harm a terminal or a page.
var hostile = []string{"\x1b]0;owned\x07", "\x1b[2J\x1b[31m", "‮gnirts", "<script>alert(1)</script>", "\" onload=\"alert(1)", "a\nforged: line", "</style><b>", "{{.}}", "javascript:alert(1)"}

func hostileLog() []byte {
	var b bytes.Buffer
	for i, s := range hostile {
		q, _ := json.Marshal(s)
		fmt.Fprintf(&b, `{"kind": "event", "actor_address": %s, "event_type": %s, "timestamp": %d}`+"\n", q, q, 1709999000+i)
		fmt.Fprintf(&b, `{"kind": "dead_letter", "target": %s, "timestamp": %d}`+"\n", q, 1709999000+i)
		fmt.Fprintf(&b, `{"kind": %s, "timestamp": %d}`+"\n", q, 1709999000+i)
		fmt.Fprintf(&b, "{%s\n", strings.ReplaceAll(s, "\n", " "))
	}
	return b.Bytes()
}

func TestTextEscapesWhatComesFromTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e\x1b[31m\nvents.ndjson")
	require.NoError(t, os.WriteFile(path, hostileLog(), 0o600))
	code, out, errs := run(t, nil, 80, "--settle", "0s", path)
	require.Zero(t, code, errs)
	require.NotRegexp(t, regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f\u202e]"), out)
	require.NotContains(t, out, "\nforged: line")
	require.Contains(t, out, `\x1b[2J`)

	code, out, errs = run(t, nil, 80, "--settle", "0s", "--json", path)
	require.Zero(t, code, errs)
	require.NotRegexp(t, regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f\u202e]"), out)
	keys := map[string]bool{}
	for _, it := range decode(t, out).Files[0].Top.Actors.Items {
		keys[it.Key] = true
	}
	for _, s := range hostile {
		require.True(t, keys[s], "JSON has the text as it was: %q", s)
	}
}

// TestTextFitsTheTerminal: no line but those in the Python tool's words is
// wider than the terminal.
func TestTextFitsTheTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, bigLog(5000), 0o600))
	t.Chdir(filepath.Dir(path))
	for _, width := range []int{28, 40, 60, 80, 132} {
		code, out, errs := run(t, nil, width, "--max-records", "1000", "--max-age", "10m", "events.ndjson")
		require.Zero(t, code, errs)
		for i, line := range strings.Split(out, "\n") {
			if i > 6 {
				require.LessOrEqual(t, len([]rune(line)), width, "width %d: %q", width, line)
			}
		}
		golden := filepath.Join(packageDir, "testdata", fmt.Sprintf("text-%d.golden", width))
		if os.Getenv("PAPYRA_UPDATE_GOLDEN") != "" {
			require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
			require.NoError(t, os.WriteFile(golden, []byte(out), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), out)
	}
}

var packageDir, _ = os.Getwd()

// A preview names Papyra's own kinds, and puts those of another profile under
// the name that the rest of the report has them under.
func TestClassesOfKinds(t *testing.T) {
	own := classes(record.Papyra(), []string{"extra"}, true)
	for name, want := range map[string]string{"event": "event", "(none)": "(none)", "extra": "(allowed)", "odd": "(unknown)"} {
		require.Equal(t, want, own(name))
	}
	var levels record.Profile
	require.Equal(t, "(allowed)", classes(&levels, nil, true)("event"), "every kind is known")
	levels.Kind.Known = []record.KindValue{{Text: "30", Integer: true}}
	foreign := classes(&levels, []string{"extra"}, false)
	for name, want := range map[string]string{"30": "(allowed)", "extra": "(allowed)", "event": "(unknown)"} {
		require.Equal(t, want, foreign(name))
	}
	limited := classes(&levels, []string{"extra"}, true)
	for name, want := range map[string]string{"30": "30", "extra": "(allowed)", "event": "(unknown)", "(none)": "(none)"} {
		require.Equal(t, want, limited(name))
	}
}
