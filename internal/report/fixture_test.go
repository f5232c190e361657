package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/pkg/record"
	"github.com/papyra-tools/papyra/pkg/survey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile holds what must not get through anywhere: escape sequences, bidi
// overrides, line breaks of all sorts, NUL, text that is no UTF-8, and the
// syntax of each format.
const hostile = "\x1b[31m\x07\u202eevil\u2066\u200b\n::error file=x,line=1::boo\r\n%0A%25 ]]> --> <script>alert(1)</script> & \"'`|\\ " +
	"[a](http://x) \u2028\u2029\u0085\u009b31m\x00\x7f\xff\xfe\ufffe ##[error]x {a=\"b\"} \U000e0041 日本 é"

func ptr[T any](v T) *T { return &v }

func result(path string, as ...anomaly) *survey.Result {
	f := &survey.Result{Path: path, SizeBytes: 1000, Bytes: 1000, Lines: 12, Records: 10, Kinds: map[string]int64{"event": 8, "audit": 2},
		First: ptr(1710000000.123), Last: ptr(1710000009.5), LongestLine: 99, Healthy: true, Counts: map[string]int64{}, Anomalies: []anomaly{},
		Elapsed: 250 * time.Millisecond}
	for _, a := range as {
		if a.Path == "" {
			a.Path = path
		}
		f.Add(a, 1000)
	}
	return f
}

func torn() anomaly {
	return anomaly{Type: record.TruncatedLine, Line: 12, Offset: 900, Length: 100, ErrorOffset: 1000, Reason: "the text ends too early"}
}

func corrupt(line int64) anomaly {
	return anomaly{Type: record.CorruptedLine, Line: line, Offset: 100 * line, Length: 50, ErrorOffset: 100*line + 7,
		Reason: "unexpected 'x': a colon was expected after the key", Also: []record.Type{record.InvalidUTF8}}
}

func blank() anomaly {
	return anomaly{Type: record.BlankLine, Line: 3, Offset: 200, Length: 2, ErrorOffset: -1}
}

// held is a document that keeps its files, so that it can be shown again and
// again.
type held struct {
	Document
	Files []*survey.Result
}

func newHeld(strict bool, files ...*survey.Result) *held {
	d := &held{Document: *NewDocument("papyra-scan", "1.2.3", strict)}
	for _, f := range files {
		d.Add(f)
	}
	return d
}

func (d *held) Add(f *survey.Result) {
	d.Document.Add(f)
	d.Files = append(d.Files, f)
}

func document(files ...*survey.Result) *held { return newHeld(false, files...) }

func missing() *survey.Result {
	f := result("gone.ndjson")
	f.Missing, f.SizeBytes, f.Bytes, f.Lines, f.Records, f.First, f.Last, f.LongestLine = true, -1, 0, 0, 0, nil, nil, 0
	f.Kinds = map[string]int64{}
	return f
}

func failed() *survey.Result {
	f := result("bad.ndjson", corrupt(2))
	f.Failure, f.Healthy = "read at offset 1000: input/output error", false
	return f
}

func busy() *survey.Result {
	f := result("busy.ndjson")
	f.InFlight = &survey.Tail{Line: 13, Offset: 1000, Length: 42}
	return f
}

func gzipped() *survey.Result {
	f := result("events.ndjson.2.gz", blank())
	f.Compression, f.SizeBytes, f.Bytes = "gzip", 31415, 3141592
	return f
}

// nasty is a document in which everything that a log or a path can bring is
// hostile.
func nasty() *held {
	a := corrupt(2)
	a.Reason = hostile
	f := result("logs/"+hostile, a, torn(), blank())
	f.Kinds[strings.ToValidUTF8(hostile, "?")] = 3
	g := result(hostile + "2")
	g.Failure, g.Healthy = hostile, false
	d := document(f, g)
	d.Settings = map[string]string{"allow_kind": hostile}
	return d
}

// all is a document with one of each.
func all() *held {
	over := result("many.ndjson", corrupt(1), corrupt(2))
	over.Errors, over.Omitted, over.Counts["corrupted_line"] = 2002, 2000, 2002
	d := document(result("events.ndjson", torn(), blank()), result("fine.ndjson"), missing(), failed(), busy(), gzipped(), over)
	d.Settings = map[string]string{"max_skew": "5s", "max_line_bytes": "16MiB"}
	return d
}

// write shows the document, file by file.
func write(w io.Writer, format Format, d *held, o Options) error {
	doc := NewDocument(d.Tool, d.Version, d.Strict)
	doc.Settings = d.Settings
	form := doc.Open(w, format, o)
	for _, f := range d.Files {
		doc.Add(f)
	}
	return form.Close()
}

func show(t require.TestingT, format Format, d *held, o Options) string {
	var b bytes.Buffer
	require.NoError(t, write(&b, format, d, o))
	return b.String()
}

// golden compares with testdata/NAME, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	wanted, lines := strings.SplitAfter(string(want), "\n"), strings.SplitAfter(got, "\n")
	for i := range min(len(wanted), len(lines)) {
		require.Equal(t, wanted[i], lines[i], "line %d of %s", i+1, path)
	}
	require.Equal(t, len(wanted), len(lines), "lines of %s", path)
}
