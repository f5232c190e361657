package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// command is a workflow command as the runner reads it.
type command struct {
	name, text string
	props      map[string]string
}

// parseCommand follows the runner: the line starts with ::, the name and the
// properties end at the next ::, properties are separated by commas, and the
// escapes are undone in this order.
func parseCommand(t require.TestingT, line string) command {
	require.True(t, strings.HasPrefix(line, "::"), line)
	head, text, ok := strings.Cut(line[2:], "::")
	require.True(t, ok, line)
	name, props, _ := strings.Cut(head, " ")
	c := command{name, strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(text), map[string]string{}}
	for _, p := range strings.Split(props, ",") {
		k, v, ok := strings.Cut(p, "=")
		require.True(t, ok, line)
		c.props[k] = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(v)
	}
	return c
}

func commands(t *testing.T, d *held) []command {
	t.Helper()
	var all []command
	for _, l := range strings.Split(show(t, GitHub, d, Options{}), "\n") {
		if l != "" {
			all = append(all, parseCommand(t, l))
		}
	}
	return all
}

func TestGitHub(t *testing.T) {
	require.Empty(t, show(t, GitHub, document(result("a"), missing(), busy()), Options{}))
	all := commands(t, all())
	require.Len(t, all, 8)
	require.Equal(t, command{"error", "No verdict on bad.ndjson: read at offset 1000: input/output error",
		map[string]string{"file": "bad.ndjson", "title": "papyra: no verdict"}}, all[0])
	require.Equal(t, command{"error", "TRUNCATED_LINE: events.ndjson (line 12, offset 900, fault at byte 1000: the text ends too early)",
		map[string]string{"file": "events.ndjson", "line": "12", "title": "papyra: truncated line"}}, all[1])
	require.Equal(t, "warning", all[6].name)
	require.Equal(t, command{"error", "2000 more: 2000 errors, 0 warnings", map[string]string{"title": "papyra: 2000 more"}}, all[7])
}

func TestGitHubStandardInputAndStrict(t *testing.T) {
	d := document(result("-", blank()))
	require.Equal(t, "::warning title=papyra%3A blank line::BLANK_LINE: standard input (warning, line 3, offset 200)\n", show(t, GitHub, d, Options{}))
	d.Strict = true
	require.True(t, strings.HasPrefix(show(t, GitHub, d, Options{}), "::error "))
}

func TestGitHubLimit(t *testing.T) {
	for n := range 30 {
		f := result("a")
		for i := range n {
			f.Add(blank(), 20)
			f.Add(corrupt(int64(i+1)), 20)
		}
		files := document(f)
		for i := range n % 5 {
			g := failed()
			g.Path = fmt.Sprint(i)
			files.Add(g)
		}
		got := commands(t, files)
		total := files.Total.Anomalies() + files.Total.Failures
		require.LessOrEqual(t, len(got), 10)
		if total <= 9 {
			require.Len(t, got, int(total))
			continue
		}
		require.Len(t, got, 10)
		require.True(t, strings.HasPrefix(got[9].text, fmt.Sprintf("%d more: ", total-9)), got[9].text)
		require.Equal(t, "error", got[0].name)
	}
	many := document()
	for range 12 {
		many.Add(failed())
	}
	got := commands(t, many)
	require.Equal(t, "15 more: 12 errors, 0 warnings, 3 logs without a verdict", got[9].text)
}

func TestGitHubNothingForged(t *testing.T) {
	text := show(t, GitHub, nasty(), Options{})
	requireSafe(t, text)
	got := commands(t, nasty())
	require.Len(t, got, 4)
	for _, c := range got {
		require.Len(t, c.props, map[bool]int{true: 2, false: 3}[c.props["line"] == ""])
		require.Contains(t, c.text, "%0A%25 ]]>")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("%:,=\r\n0AD25")))).Draw(t, "text")
		c := parseCommand(t, "::error file="+property(s)+",line=1::"+message(s))
		require.Equal(t, s, c.text)
		require.Equal(t, map[string]string{"file": s, "line": "1"}, c.props)
	})
}

// pickAll picks from all files of a document.
func pickAll(d *held, n int) []picked {
	p := picker{n: max(n, 1)}
	for _, f := range d.Files {
		p.add(f)
	}
	return p.pick(n)
}

func TestPickGivesEachLogItsTurn(t *testing.T) {
	d := document()
	for _, n := range []int{5, 1, 0, 2} {
		f := result(fmt.Sprint(n))
		for i := range n {
			f.Add(corrupt(int64(i+1)), 10)
		}
		f.Add(blank(), 10)
		d.Add(f)
	}
	lines := func(n int) (all []string) {
		for _, p := range pickAll(d, n) {
			all = append(all, fmt.Sprintf("%s:%d", p.path(), p.a.Line))
		}
		return all
	}
	require.Equal(t, []string{"5:1", "1:1", "2:1"}, lines(3))
	require.Equal(t, []string{"5:1", "1:1", "2:1", "5:2", "2:2"}, lines(5))
	require.Equal(t, []string{"5:1", "1:1", "2:1", "5:2", "2:2", "5:3", "5:4", "5:5"}, lines(8))
	require.Len(t, lines(100), 12)
	require.Equal(t, lines(100)[:7], lines(7))
	require.Empty(t, lines(0))
}
