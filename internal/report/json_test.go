package report

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-json"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/safetext"
	"github.com/papyra-tools/papyra/pkg/survey"
)

func TestJSONIsTheDocument(t *testing.T) {
	for _, d := range []*held{document(), document(result("a")), all(), nasty()} {
		text := show(t, JSON, d, Options{})
		want, err := json.Marshal(struct {
			Opening
			Files []*survey.Result `json:"files"`
			Closing
		}{d.Opening, append([]*survey.Result{}, d.Files...), d.Closing})
		require.NoError(t, err)
		require.JSONEq(t, string(want), text)
		requireSafe(t, text)
	}
	golden(t, "all.json", show(t, JSON, all(), Options{}))
}

func TestJSONOfEmptyResultHasNoNull(t *testing.T) {
	f := result("x")
	f.Kinds, f.Counts, f.Anomalies = nil, nil, nil
	require.NotContains(t, strings.ReplaceAll(show(t, JSON, document(f), Options{}), "_timestamp\": null", ""), "null")
}

func TestNDJSON(t *testing.T) {
	for _, d := range []*held{document(), all(), nasty()} {
		text := show(t, NDJSON, d, Options{})
		requireSafe(t, text)
		kinds := map[string]int{}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for _, l := range lines {
			var m map[string]any
			require.NoError(t, json.Unmarshal([]byte(l), &m), l)
			kinds[m["record"].(string)]++
			if m["record"] == "file" {
				require.NotContains(t, m, "anomalies")
				require.Contains(t, m, "path")
				require.Contains(t, m, "kinds")
			}
		}
		require.Equal(t, int(d.Total.Anomalies()-d.Total.Omitted), kinds["anomaly"])
		require.Equal(t, len(d.Files), kinds["file"])
		require.Equal(t, 1, kinds["summary"])
		var last summaryLine
		require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
		require.Equal(t, d.Total, last.Total)
		require.Equal(t, Schema, last.Schema)
	}
	golden(t, "all.ndjson", show(t, NDJSON, all(), Options{}))
}

// requireSafe fails on anything but newlines and what safetext lets pass.
func requireSafe(t *testing.T, text string) {
	t.Helper()
	for _, l := range strings.Split(text, "\n") {
		require.Equal(t, safetext.String(l), l)
	}
}

func TestSafeJSONMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom(nil, unicode.Cf, unicode.Co, unicode.Cc))).Draw(t, "text"))
		raw, err := json.Marshal(s)
		require.NoError(t, err)
		var b bytes.Buffer
		out := &safeJSON{w: &b}
		for len(raw) > 0 {
			n := rapid.IntRange(1, len(raw)).Draw(t, "cut")
			_, err := out.Write(raw[:n])
			require.NoError(t, err)
			raw = raw[n:]
		}
		require.Equal(t, safetext.String(b.String()), b.String())
		var back string
		require.NoError(t, json.Unmarshal(b.Bytes(), &back))
		require.Equal(t, strings.ToValidUTF8(s, "\ufffd"), back)
	})
}

type brokenWriter struct{ left int }

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriteReportsErrors(t *testing.T) {
	for _, f := range Formats() {
		size := len(show(t, f, all(), Options{}))
		for _, left := range []int{0, size / 2, size - 1} {
			require.ErrorIs(t, write(&brokenWriter{left}, f, all(), Options{}), io.ErrClosedPipe, "%s after %d bytes", f, left)
		}
	}
	require.ErrorContains(t, write(bufio.NewWriter(io.Discard), "yaml", all(), Options{}), "unknown report format")
}
