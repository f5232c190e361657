package report

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/papyra-tools/papyra/internal/safetext"
)

func TestMarkdown(t *testing.T) {
	golden(t, "all.md", show(t, Markdown, all(), Options{}))
	require.Equal(t, "### No logs to look at\n\n0 logs: 0 healthy (0 missing), 0 unhealthy, 0 without a verdict; 0 records in 0 lines, 0 bytes.\n",
		show(t, Markdown, document(), Options{}))
	for want, d := range map[string]*held{
		"### Persistence is healthy\n":                           document(result("a")),
		"### Persistence is healthy (1 warning)\n":               document(result("a", blank())),
		"### Found 1 persistence anomalies\n":                    document(result("a", torn())),
		"### No verdict on 1 log; found 2 anomalies\n":           document(failed(), result("a", torn())),
		"| <code>gone&#46;ndjson</code> | healthy (no such file": document(missing()),
	} {
		require.Contains(t, show(t, Markdown, d, Options{}), want)
	}
}

func TestMarkdownLimits(t *testing.T) {
	d := document()
	for range 500 {
		d.Add(result("fine"))
	}
	f := result("bad")
	for i := range 200 {
		f.Add(corrupt(int64(i)), 100)
	}
	d.Add(f)
	text := show(t, Markdown, d, Options{})
	require.Contains(t, text, "| <code>bad</code> | **unhealthy** |", "what is wrong comes before what is fine")
	require.Equal(t, 200, strings.Count(text, "\n| <code>fine")+strings.Count(text, "\n| <code>bad"))
	require.Contains(t, text, "and 301 logs more.")
	require.Contains(t, text, "and 150 more.")
	require.Less(t, len(text), 64<<10)
}

// cells splits a row as GitHub does: a bar ends a cell unless a backslash
// stands before it.
func cells(row string) []string {
	return regexp.MustCompile(`(?:[^|\\]|\\.)+`).FindAllString(strings.Trim(row, "|"), -1)
}

func TestMarkdownHostile(t *testing.T) {
	text := show(t, Markdown, nasty(), Options{})
	requireSafe(t, text)
	rows := 0
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "| <code>logs/") {
			rows++
			require.Len(t, cells(l), 6, l)
		}
		for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(l, -1) {
			require.Contains(t, "<code></code><details></details><summary></summary>", tag)
		}
	}
	require.Equal(t, 1, rows)
	rapid.Check(t, func(t *rapid.T) {
		s := safetext.String(rapid.String().Draw(t, "text"))
		md := markdownText(s)
		require.NotRegexp(t, "[|`*_\\[\\]()<>\\\\~@:!\n]", md, "nothing that is markup stays")
		require.Equal(t, s, html.UnescapeString(md))
	})
}
