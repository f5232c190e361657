package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/record"
)

// drawText draws what a log or a path may hold: bytes that are no UTF-8,
// controls, format and private-use runes, syntax.
func drawText(t *rapid.T, name string) string {
	part := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom(nil, unicode.Cf, unicode.Co, unicode.Cc, unicode.Zl, unicode.Zp)),
		rapid.SampledFrom([]string{"\x1b[31m", "\xff", "]]>", "::error::", "%0A", "\n- X: y", "|", "<script>", "\r\n", "\x00", hostile}))
	return strings.Join(rapid.SliceOfN(part, 0, 4).Draw(t, name), "")
}

// TestNothingUnsafeInAnyFormat: however wild the findings are, each form has
// the lines it should have and no others, and nothing on them that a terminal
// obeys or hides.
func TestNothingUnsafeInAnyFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &held{Document: *NewDocument(drawText(t, "tool"), drawText(t, "version"), rapid.Bool().Draw(t, "strict"))}
		d.Settings = map[string]string{drawText(t, "key"): drawText(t, "value")}
		for range rapid.IntRange(0, 3).Draw(t, "files") {
			f := result("p" + drawText(t, "path"))
			f.Kinds[drawText(t, "kind")]++
			for range rapid.IntRange(0, 3).Draw(t, "anomalies") {
				f.Add(anomaly{Type: rapid.SampledFrom(record.Types()).Draw(t, "type"), Path: drawText(t, "beside"), Line: 1, ErrorOffset: -1,
					Reason: drawText(t, "reason"), Also: []record.Type{record.BlankLine}}, 2)
			}
			if rapid.Bool().Draw(t, "fails") {
				f.Failure, f.Healthy = "broken: "+drawText(t, "failure"), false
			}
			f.Compression = rapid.SampledFrom([]string{"", "gzip"}).Draw(t, "compression")
			d.Add(f)
		}
		o := Options{Verbose: true, Now: func() time.Time { return time.Unix(1, 0) }}
		for _, format := range Formats() {
			var b bytes.Buffer
			require.NoError(t, write(&b, format, d, o))
			for _, l := range strings.Split(strings.ReplaceAll(b.String(), "\t", ""), "\n") {
				require.Equal(t, safetext.String(l), l, format)
			}
			if format == Text {
				require.Equal(t, d.Total.Anomalies()-d.Total.Omitted, int64(strings.Count("\n"+b.String(), "\n- ")-omitting(d)))
			}
		}
	})
}

// omitting counts the files that end in a line on what was omitted.
func omitting(d *held) (n int) {
	for _, f := range d.Files {
		if f.Omitted > 0 {
			n++
		}
	}
	return n
}

func TestLongPathsStayWhole(t *testing.T) {
	a, b := strings.Repeat("directory/", 400)+"a", strings.Repeat("directory/", 400)+"b"
	d := document(result(a, torn()), result(b, torn()))
	for _, format := range []Format{Text, JSON, NDJSON, GitHub, SARIF, JUnit, Prometheus} {
		text := show(t, format, d, Options{})
		require.Contains(t, text, a, format)
		require.Contains(t, text, b, format)
	}
	require.Less(t, len(show(t, Markdown, d, Options{})), 4096)
}
