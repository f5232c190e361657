package report

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/testtool"
	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

// keeper is a form that keeps the files.
type keeper struct{ d *held }

func (k keeper) file(f *survey.Result) error { k.d.Files = append(k.d.Files, f); return nil }
func (k keeper) end() error                  { return nil }

func merge(strict bool, texts ...string) (*held, error) {
	return mergeReaders(strict, len(texts), func(i int) io.Reader { return strings.NewReader(texts[i]) })
}

func mergeReaders(strict bool, n int, open func(i int) io.Reader) (*held, error) {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	d := &held{Document: *NewDocument("papyra-scan", "2", strict)}
	d.forms = []*Form{{d: &d.Document, w: keeper{d}}}
	err := d.Merge(names, func(name string) (io.ReadCloser, error) {
		i, err := strconv.Atoi(name)
		return io.NopCloser(open(i)), err
	}, 1<<20)
	d.forms = nil
	return d, err
}

func TestMerge(t *testing.T) {
	a, b := show(t, JSON, all(), Options{}), show(t, JSON, document(result("b", torn())), Options{})
	d, err := merge(false, a, b)
	require.NoError(t, err)
	want := all()
	want.Tool, want.Version = "papyra-scan", "2"
	want.Add(result("b", torn()))
	want.Settings = map[string]string{"max_skew": "5s", "max_line_bytes": "16MiB"}
	require.Equal(t, show(t, JSON, want, Options{}), show(t, JSON, d, Options{}))

	together, err := merge(false, a+"\n"+b)
	require.NoError(t, err)
	require.Equal(t, d, together)
}

func TestMergeStrict(t *testing.T) {
	warning := show(t, JSON, document(result("a", blank())), Options{})
	strict := newHeld(true, result("fine"))
	for _, tt := range []struct {
		strict  bool
		texts   []string
		healthy bool
	}{
		{false, []string{warning}, true},
		{true, []string{warning}, false},
		{false, []string{warning, show(t, JSON, strict, Options{})}, false},
	} {
		d, err := merge(tt.strict, tt.texts...)
		require.NoError(t, err)
		require.Equal(t, tt.healthy, d.Healthy)
		require.Equal(t, tt.healthy, d.Total.Unhealthy == 0)
	}
}

// sorted gives the members in the order of jq -S.
func sorted(t *testing.T, text string) string {
	var v any
	require.NoError(t, stdjson.Unmarshal([]byte(text), &v))
	out, err := stdjson.Marshal(v)
	require.NoError(t, err)
	return string(out)
}

func TestMergeReadsWhatOtherToolsRewrote(t *testing.T) {
	d, err := merge(false, sorted(t, show(t, JSON, all(), Options{})))
	require.NoError(t, err)
	require.Equal(t, all().Total, d.Total)
}

func TestMergeRefuses(t *testing.T) {
	good := sorted(t, show(t, JSON, all(), Options{}))
	change := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	for _, tt := range []struct{ text, want string }{
		{"", ": it is empty"},
		{" \n", "it is empty"},
		{"{}", "not a papyra report: it has no schema"},
		{"[]", "it is no report: want {"},
		{"events.ndjson", "invalid JSON"},
		{`{"kind":"event","timestamp":1}` + "\n", "it has no schema"},
		{`{"schema":1,"files":[]}`, "it has no"},
		{`{"schema":1,"total":{}}`, "it has no"},
		{`{"schema":1,"files":{}}`, "it is no report: want ["},
		{`{"schema":1,"files":[],"files":[],"total":{}}`, "it has files twice"},
		{`{"schema":1,"files":[null],"total":{}}`, "it is no report: want {"},
		{`{"schema":1,"files":[{}],"total":{}}`, "there is no path"},
		{`{"schema":1,"files":[,],"total":{}}`, "invalid JSON: invalid character ','"},
		{`{"schema":1,"files":[{"anomalies":[,]}],"total":{}}`, "invalid JSON"},
		{`{"schema":1,"files":[{"anomalies":[],"anomalies":[]}],"total":{}}`, "it has anomalies twice"},
		{`{"schema":1 2,"files":[],"total":{}}`, "invalid JSON"},
		{change(`"schema":1`, `"schema":2`), "its schema is 2, but only 1 can be read"},
		{change(`"schema":1`, `"schema":"1"`), "it is no report"},
		{good[:len(good)-1], "it ends too early"},
		{good[:len(good)/2], "it ends too early"},
		{good + "x", "invalid JSON: invalid character 'x'"},
		{good + `{"schema":3,"files":[],"total":{}}`, "its schema is 3"},
		{show(t, NDJSON, all(), Options{}), "it is an NDJSON report"},
		{change(`"files":7`, `"files":8`), "total.files is 8, but its files sum up to 7"},
		{change(`"failures":1`, `"failures":0`), "total.failures is 0"},
		{change(`"errors":2002`, `"errors":2001`), "contradict themselves"},
		{change(`"omitted":2000`, `"omitted":1`), "contradict themselves"},
		{change(`"healthy":false,"host":"","schema"`, `"healthy":true,"schema"`), "healthy is true, but its files say false"},
		{change(`"errors":1`, `"errors":-1`), "a number is negative"},
		{change(`"kinds":{"audit":2`, `"kinds":{"audit":-2`), "a number is negative"},
		{change(`"records":10`, `"records":9223372036854775807`), "9223372036854775807 is more than a log can hold"},
		{change(`"errors":1`, `"errors":9223372036854775807`), "is more than a log can hold"},
		{change(`"failure":"read at offset 1000: input/output error","first_timestamp":1710000000.123,"healthy":false`, `"healthy":true`), "healthy, but with errors"},
		{change(`"counts":{},"errors":0,"first_timestamp":1710000000.123,"healthy":true`, `"counts":{},"errors":0,"healthy":false`), "not healthy, but without errors"},
		{change(`"type":"truncated_line"`, `"type":"new_thing"`), "it is no report"},
		{`{"a":"` + strings.Repeat("x", maxValue) + `"}`, "longer than 1048576 bytes"},
	} {
		for _, texts := range [][]string{{tt.text}, {show(t, JSON, document(result("a")), Options{}), tt.text}} {
			d, err := merge(false, texts...)
			require.ErrorContains(t, err, tt.want)
			require.Empty(t, d.Files, "nothing is shown of reports one of which can't be trusted")
			require.Zero(t, d.Total.Files)
		}
	}
	err := NewDocument("", "", false).Merge([]string{"x"}, func(string) (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }, 1)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = mergeReaders(false, 1, func(int) io.Reader { return io.MultiReader(strings.NewReader(good), failing{}) })
	require.ErrorContains(t, err, "cable")
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cable pulled") }

// drawDocument draws a document without anything to omit.
func drawDocument(t *rapid.T) *held {
	d := newHeld(rapid.Bool().Draw(t, "strict"))
	for range rapid.IntRange(0, 4).Draw(t, "files") {
		f := result(rapid.StringN(1, 10, -1).Draw(t, "path"))
		f.Bytes, f.Lines = rapid.Int64Range(0, 1<<40).Draw(t, "bytes"), rapid.Int64Range(0, 1<<30).Draw(t, "lines")
		f.Kinds[rapid.SampledFrom([]string{"event", "x", "y\n"}).Draw(t, "kind")]++
		for range rapid.IntRange(0, 3).Draw(t, "anomalies") {
			types := record.Types()
			f.Add(anomaly{Type: rapid.SampledFrom(types).Draw(t, "type"), Path: f.Path, Line: 1, ErrorOffset: -1, Reason: rapid.String().Draw(t, "reason")},
				rapid.IntRange(0, 3).Draw(t, "max"))
		}
		if rapid.Bool().Draw(t, "fails") {
			f.Failure, f.Healthy = "broken", false
		}
		d.Add(f)
	}
	d.Settings = map[string]string{"max_skew": rapid.SampledFrom([]string{"1s", "2s"}).Draw(t, "skew")}
	return d
}

func TestMergeOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var texts []string
		var total Total
		healthy, strict := true, false
		for range 3 {
			d := drawDocument(t)
			strict = strict || d.Strict
			var b bytes.Buffer
			require.NoError(t, write(&b, JSON, d, Options{}))
			texts = append(texts, b.String())
		}
		step := func(texts ...string) string {
			d, err := merge(false, texts...)
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, write(&b, JSON, d, Options{}))
			total, healthy = d.Total, d.Healthy
			require.Equal(t, strict || d.Strict, strict)
			return b.String()
		}
		a, b, c := texts[0], texts[1], texts[2]
		once := step(a, b, c)
		wantTotal, wantHealthy := total, healthy
		for _, other := range []string{step(step(a, b), c), step(a, step(b, c)), step(once)} {
			require.Equal(t, once, other, "merging step by step gives the same document")
		}
		step(c, a, b)
		require.Equal(t, wantTotal, total, "the order does not matter to the totals")
		require.Equal(t, wantHealthy, healthy)
	})
}

// TestMergeBoundsWhatItHolds: of a log with more anomalies than fit, the rest
// is counted.
func TestMergeBoundsWhatItHolds(t *testing.T) {
	testtool.Long(t)
	many := result("a")
	for i := range 40_000 {
		many.Add(corrupt(int64(i+1)), 40_000)
	}
	text := show(t, JSON, document(many), Options{})
	require.Greater(t, len(text), 2*maxKept, "the findings on one log may be longer than what is held")
	d, err := merge(false, text)
	require.NoError(t, err)
	require.Equal(t, int64(40_000), d.Total.Errors)
	require.Equal(t, d.Total.Errors, int64(len(d.Files[0].Anomalies))+d.Total.Omitted)
	require.Positive(t, d.Total.Omitted)
	again, err := merge(false, show(t, JSON, d, Options{}))
	require.NoError(t, err)
	require.Equal(t, d.Total, again.Total)
}

// TestMergeSpills: more than fits into memory waits in a file, and nothing is
// left of that.
func TestMergeSpills(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f := result("a")
	for i := range 1000 {
		f.Add(corrupt(int64(i+1)), 1000)
	}
	text := show(t, JSON, document(f, f, f), Options{})
	d, err := merge(false, text, text)
	require.NoError(t, err)
	require.Equal(t, int64(6000), d.Total.Errors)
	require.Len(t, d.Files, 6)
	_, err = merge(false, text, "{")
	require.Error(t, err)
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// FuzzMerge: what is taken is valid JSON in the eyes of the standard library,
// and taking the result again changes nothing.
func FuzzMerge(f *testing.F) {
	for _, d := range []*held{all(), document(), document(missing())} {
		var b bytes.Buffer
		require.NoError(f, write(&b, JSON, d, Options{}))
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"schema":1,"files":[{"path":"x","healthy":true,"counts":{"a":0}}],"total":{"files":1},"healthy":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := merge(false, string(data))
		if err != nil {
			return
		}
		dec := stdjson.NewDecoder(bytes.NewReader(data))
		for {
			var v stdjson.RawMessage
			if err := dec.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("taken, but no JSON: %v", err)
			}
		}
		first := show(t, JSON, d, Options{})
		again, err := merge(false, first)
		require.NoError(t, err)
		require.Equal(t, first, show(t, JSON, again, Options{}))
	})
}
