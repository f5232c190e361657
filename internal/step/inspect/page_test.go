package inspect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/papyra-tools/papyra/internal/testtool"
)

// chromium runs the browser without a window on a page and returns what it
// prints.
func chromium(t *testing.T, page string, args ...string) (stdout, stderr string) {
	t.Helper()
	program := testtool.Need(t, "chromium")
	dir, err := os.MkdirTemp("", "papyra-chromium")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	all := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0", "--user-data-dir=" + dir}, args...)
	cmd := exec.CommandContext(t.Context(), program, append(all, "file://"+page)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = 10 * time.Second
	require.NoError(t, cmd.Run(), errs.String())
	return out.String(), errs.String()
}

// writeTestPage inspects a log as a page and as JSON.
func writeTestPage(t *testing.T, log []byte, args ...string) (page, asJSON string) {
	t.Helper()
	dir := t.TempDir()
	path, page := filepath.Join(dir, "events.ndjson"), filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(path, log, 0o600))
	code, out, errs := run(t, nil, 0, append([]string{"--missing", "ok", "--settle", "0s", "--json", "--html", page, path}, args...)...)
	require.Zero(t, code, errs)
	return page, out
}

// lookUp finds what a JSON pointer points at.
func lookUp(t *testing.T, doc any, pointer string) any {
	t.Helper()
	for _, step := range strings.Split(pointer, "/")[1:] {
		step, err := url.PathUnescape(step)
		require.NoError(t, err)
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch v := doc.(type) {
		case map[string]any:
			next, ok := v[step]
			require.True(t, ok, "%s: no %q", pointer, step)
			doc = next
		case []any:
			i, err := strconv.Atoi(step)
			require.NoError(t, err)
			require.Less(t, i, len(v), pointer)
			doc = v[i]
		default:
			t.Fatalf("%s: %q is below a %T", pointer, step, doc)
		}
	}
	return doc
}

var dataPattern = regexp.MustCompile(`<data value="([^"]*)" data-key="([^"]*)">([^<]*)</data>`)

// checkNumbers holds every number of a page against the JSON form.
func checkNumbers(t *testing.T, dom, asJSON string) map[string]string {
	t.Helper()
	var doc any
	d := json.NewDecoder(strings.NewReader(asJSON))
	d.UseNumber()
	require.NoError(t, d.Decode(&doc))
	seen := map[string]string{}
	for _, m := range dataPattern.FindAllStringSubmatch(dom, -1) {
		key := html.UnescapeString(m[2])
		number, ok := lookUp(t, doc, key).(json.Number)
		require.True(t, ok, key)
		want, err := number.Float64()
		require.NoError(t, err)
		got, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		require.Equal(t, want, got, key)
		if digits := strings.ReplaceAll(m[3], ",", ""); regexp.MustCompile(`^\d+$`).MatchString(digits) && want >= 100 {
			shown, _ := strconv.ParseFloat(digits, 64)
			require.InDelta(t, want, shown, 0.5, "%s is shown as %s", key, m[3])
		}
		seen[key] = m[3]
	}
	return seen
}

// TestPageInABrowser: a real browser shows the page without complaint, and the
// numbers that it shows are those of --json.
func TestPageInABrowser(t *testing.T) {
	page, asJSON := writeTestPage(t, bigLog(20000), "--max-records", "9000", "--max-age", "30m", "--max-total-bytes", "500KiB")
	dom, errs := chromium(t, page, "--dump-dom")
	require.NotContains(t, errs, "CONSOLE", "the browser has something to say about the page")
	seen := checkNumbers(t, dom, asJSON)
	for _, key := range []string{"records", "lines", "size_bytes", "first_timestamp", "last_timestamp", "rate/mean_per_second", "longest_line", "errors", "kinds/event",
		"kinds/dead_letter", "line_length/percentiles/2/length", "timeline/bins/3/records", "timeline/bins/3/kinds/event", "timeline/bins/3/bytes", "top/actors/items/0/count",
		"top/event_types/items/2/count", "top/dead_letter_targets/items/0/count", "retention_preview/kept/records", "retention_preview/by_limit/max_age/records",
		"retention_preview/by_kind/event/expired/bytes", "counts/corrupted_line", "anomalies/0/line", "anomalies/0/offset"} {
		require.Contains(t, seen, "/files/0/"+key)
	}
	require.Equal(t, "20,000", seen["/files/0/lines"])
	require.Equal(t, 1, strings.Count(dom, "<main"))
	require.Equal(t, strings.Count(dom, "<table"), strings.Count(dom, "<caption"), "every table has a caption")
	require.Equal(t, strings.Count(dom, "<svg"), strings.Count(dom, "<desc"), "every drawing has a description")
	for _, id := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(dom, -1) {
		for _, one := range strings.Fields(id[1]) {
			require.Equal(t, 1, strings.Count(dom, `id="`+one+`"`), one)
		}
	}
}

// TestPageNeedsNothingElse: no script, nothing to load.
func TestPageNeedsNothingElse(t *testing.T) {
	page, _ := writeTestPage(t, bigLog(3000))
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.NotRegexp(t, `(?i)<script|<iframe|<img|@import|url\(|\son[a-z]+=|https?://`, string(text))
	require.Contains(t, string(text), "prefers-color-scheme: dark")
	require.Contains(t, string(text), "@media print")
	require.Contains(t, string(text), `class="skip" href="#main"`)
}

var invisible = regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f-\u009f\u202a-\u202e]")

// TestFormatEscapesAllButMarkup: no value ends an element, an attribute or a
// text that is not parsed.
func TestFormatEscapesAllButMarkup(t *testing.T) {
	for _, s := range hostile {
		got := string(format(`<i class="%v">%[1]v</i>%v`, s, format("<b>%v</b>", s)))
		want := html.EscapeString(s)
		require.NotRegexp(t, `[<>"']`, want)
		require.Equal(t, `<i class="`+want+`">`+want+`</i><b>`+want+`</b>`, got)
	}
}

// TestHostilePathStaysText wherever the page names the log.
func TestHostilePathStaysText(t *testing.T) {
	dir := t.TempDir()
	path, page := filepath.Join(dir, "\"'><script>&\u202e\u009b\n%s<"), filepath.Join(dir, "page.html")
	require.NoError(t, os.WriteFile(path, bigLog(10), 0o600))
	require.NoError(t, os.WriteFile(path+".1", []byte("torn\n"), 0o600))
	code, out, errs := run(t, nil, 0, "--settle", "0s", "--json", "--rotated", "--html", page, path, filepath.Join(dir, "\x01"), "--missing", "ok")
	require.Zero(t, code, errs)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	checkNumbers(t, string(text), out)
	require.NotRegexp(t, invisible, string(text))
	require.NotContains(t, string(text), "<script")
	name := `&#34;&#39;&gt;&lt;script&gt;&amp;\u{202e}\x9b\n%s&lt;`
	for _, place := range []string{"<title>", "<h2 id=\"log1-name\">", "<th scope=\"row\"><a href=\"#log1\">", "One log of 2 files: ", "<td class=\"reason\">"} {
		require.Regexp(t, regexp.QuoteMeta(place)+"[^<]*"+regexp.QuoteMeta(name), string(text))
	}
}

// TestHostileStringsStayText in a real browser: what a log holds makes no
// element, no attribute and no rule of style, and nothing invisible.
func TestHostileStringsStayText(t *testing.T) {
	page, asJSON := writeTestPage(t, hostileLog(), "--max-age", "1h")
	plain, err := os.ReadFile(page)
	require.NoError(t, err)
	require.NotRegexp(t, invisible, string(plain))
	dom, errs := chromium(t, page, "--dump-dom")
	require.NotContains(t, errs, "CONSOLE")
	checkNumbers(t, dom, asJSON)
	require.NotContains(t, dom, "<script")
	require.NotContains(t, dom, "<b>")
	require.NotRegexp(t, `<[^>]*\sonload=`, dom)
	require.Contains(t, dom, "&lt;script&gt;alert(1)&lt;/script&gt;")
	require.Contains(t, dom, `\x1b[2J`)
	require.Contains(t, dom, "{{.}}")
	require.Equal(t, 1, strings.Count(dom, "<style"))
}

// TestPageOfSeveralAndOddLogs: empty and missing logs, only warnings, no times.
func TestPageOfSeveralAndOddLogs(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i, log := range []string{"", "\n", `{"kind":"event"}` + "\n", `{"kind":"metric","timestamp":1e300}` + "\n", `{"kind":"metric","timestamp":5}` + "\n", "\x00\x00\x00"} {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("log<%d>", i)))
		require.NoError(t, os.WriteFile(paths[i], []byte(log), 0o600))
	}
	paths = append(paths, filepath.Join(dir, "none"))
	page := filepath.Join(dir, "page.html")
	code, out, errs := run(t, nil, 80, append([]string{"--missing", "ok", "--settle", "0s", "--json", "--html", page}, paths...)...)
	require.Zero(t, code, errs)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	checkNumbers(t, string(text), out)
	require.Contains(t, string(text), "No such file")
	require.Contains(t, string(text), "log&lt;0&gt;")
	require.NotContains(t, string(text), "NaN")
	require.NotContains(t, string(text), "ZgotmplZ")

	code, out, errs = run(t, nil, 80, append([]string{"--missing", "ok", "--settle", "0s"}, paths...)...)
	require.Zero(t, code, errs)
	require.Equal(t, 7, strings.Count(out, "Persistence Inspect\n"))
}

// TestPageIsNotWrittenOverALog, by whatever name, nor half written.
func TestPageIsNotWrittenOverALog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.ndjson")
	require.NoError(t, os.WriteFile(path, bigLog(10), 0o600))
	link := path + "-link"
	require.NoError(t, os.Symlink(path, link))
	for _, name := range []string{path, link} {
		code, _, errs := run(t, nil, 80, "--html", name, path)
		require.Equal(t, 80, code, errs)
	}
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, bigLog(10), now)
	code, _, _ := run(t, nil, 80, "--html", filepath.Join(path, "page.html"), path)
	require.Equal(t, 1, code)
}
