package inspect

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// measure is a page that shows another one in a window of 320 pixels, the width
// of the smallest telephones, and says what cannot be read there: what reaches
// out of the window and out of what scrolls by itself, type that is too small,
// and labels of an axis that lie on each other.
const measure = `<!doctype html><iframe id="f" style="width:320px;height:800px;border:0" srcdoc="%s"></iframe><pre id="said"></pre><script>
document.getElementById("f").onload = function () {
  var w = this.contentWindow, d = w.document, out = [];
  function say(what, e) { out.push(what + ": " + e.tagName + "." + (e.getAttribute("class") || "") + " " + e.textContent.slice(0, 40).replace(/\s+/g, " ")); }
  if (w.innerWidth !== 320) out.push("window: " + w.innerWidth);
  if (d.documentElement.scrollWidth > 320) out.push("scrolls: " + d.documentElement.scrollWidth);
  d.querySelectorAll("body *").forEach(function (e) {
    var r = e.getBoundingClientRect(), s = w.getComputedStyle(e);
    if (e.closest(".scroll table, .vh, .skip, svg, title") || s.display === "none" || !r.width) return;
    if (r.right > 321 || r.left < -1) say("outside", e);
    if (e.childNodes.length && e.firstChild.nodeType === 3 && e.textContent.trim() && parseFloat(s.fontSize) < 12) say("small", e);
  });
  d.querySelectorAll(".x").forEach(function (axis) {
    var last = -1;
    axis.querySelectorAll("span").forEach(function (e) {
      if (w.getComputedStyle(e).display === "none") return;
      var r = e.getBoundingClientRect();
      if (r.left < last) say("covered", e);
      last = r.right;
    });
  });
  out.push("measured " + d.querySelectorAll("section").length + " sections");
  document.getElementById("said").textContent = out.join("\n");
};
</script>`

// The page can be read on a screen of 320 pixels.
func TestPageOnANarrowScreen(t *testing.T) {
	page, _ := writeTestPage(t, bigLog(20000), "--max-records", "9000", "--max-age", "30m", "--max-total-bytes", "500KiB")
	several := overviewPage(t, 3)
	for _, name := range []string{page, several} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		outer := filepath.Join(t.TempDir(), "outer.html")
		require.NoError(t, os.WriteFile(outer, fmt.Appendf(nil, measure, html.EscapeString(string(text))), 0o600))
		dom, _ := chromium(t, outer, "--dump-dom", "--virtual-time-budget=5000")
		said := regexp.MustCompile(`(?s)<pre id="said">(.*?)</pre>`).FindStringSubmatch(dom)
		require.NotNil(t, said, "no verdict")
		require.Regexp(t, `^measured \d+ sections$`, html.UnescapeString(said[1]))
	}
}

// overviewPage is a page on several logs, the second of which is damaged.
func overviewPage(t *testing.T, logs int) string {
	t.Helper()
	dir := t.TempDir()
	page := filepath.Join(dir, "page.html")
	args := []string{"--settle", "0s", "--json", "--html", page}
	for i := range logs {
		path := filepath.Join(dir, fmt.Sprintf("a-log-with-a-rather-long-name-%d.ndjson", i))
		text := "{\"kind\":\"event\",\"timestamp\":1710000000}\n"
		if i == 1 {
			text += "torn\n" + text + "\n"
		}
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		args = append(args, path)
	}
	code, out, errs := run(t, nil, 80, args...)
	require.Zero(t, code, errs)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	checkNumbers(t, string(text), out)
	return page
}

// The overview has a row for each log, and verdicts and maps lead to the
// anomalies.
func TestPageLeadsToAnomalies(t *testing.T) {
	data, err := os.ReadFile(overviewPage(t, 3))
	require.NoError(t, err)
	text := string(data)
	_, overview, ok := strings.Cut(text, `<h3 id="overview">Overview</h3>`)
	require.True(t, ok)
	for i := range 3 {
		require.Contains(t, overview, fmt.Sprintf(`<a href="#log%d">`, i+1))
	}
	require.Equal(t, 1, strings.Count(overview, `<a class="badge bad" href="#log2-anomalies">`))
	require.Contains(t, text, `<a href="#log2-a1" tabindex="-1"><rect class="m-bad"`)
	require.Contains(t, text, `<code>corrupted_line</code> <small>`)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		require.False(t, ids[m[1]], "%s is there twice", m[1])
		ids[m[1]] = true
	}
	links := regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(text, -1)
	require.Greater(t, len(links), 8)
	for _, m := range links {
		require.True(t, ids[m[1]], "#%s leads nowhere", m[1])
	}
	require.NotContains(t, string(mustRead(t, overviewPage(t, 1))), "Overview")
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return data
}
